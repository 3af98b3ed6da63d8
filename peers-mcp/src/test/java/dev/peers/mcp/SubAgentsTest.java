package dev.peers.mcp;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peers.HistoryQuery;
import dev.peers.MessageState;
import dev.peers.OutgoingMessage;
import dev.peers.PeerId;
import dev.peers.Receipt;
import dev.peers.ReceiveRequest;
import dev.peers.mcp.link.Client;
import dev.peers.mcp.tool.Caller;
import dev.peers.mcp.tool.Callers;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Mail is for a session's main agent. What agents say of their calls has the form that Claude Code
 * 2.1.332 and Codex 0.171.0 were seen to give it.
 */
class SubAgentsTest {
  private static final String SUB = "a91a0d97cb624820d";
  private static final String MAIN_THREAD = "01a22805-1c71-7a03-8173-24701094e057";
  private static final String SUB_THREAD = "01a22805-2293-7b20-8250-8fff554e4b2d";

  @TempDir Path directory;
  private RunningGateway there;

  @BeforeEach
  void open() {
    there = new RunningGateway(directory);
  }

  @AfterEach
  void close() {
    there.close();
  }

  @Test
  void aSubAgentOfClaudeCodeGetsNoMailWhateverItCalls() throws IOException {
    try (RelayLine agent = claude()) {
      Receipt sent = there.send("For the main agent");
      for (String event :
          new String[] {"SubagentStart", "PostToolUse", "PostToolBatch", "SubagentStop", "Stop"}) {
        assertThat(RunningGateway.hook(agent, 2, event(event, SUB))).as(event).isEmpty();
      }
      announce(agent, SUB, "toolu_1");
      assertThat(called(agent, "list_peers", "{\"scope\":\"machine\"}", "toolu_1").get("peers"))
          .hasSize(1);
      for (String tool : new String[] {"whoami", "check_messages", "hook_mail"}) {
        JsonNode result = called(agent, tool, "{\"event\":\"PostToolUse\"}", "toolu_1");
        assertThat(result.toString()).as(tool).doesNotContain("For the main agent", "wait");
      }
      assertThat(called(agent, "check_messages", "{}", "toolu_1").get("message").asText())
          .contains("sub-agent", "main agent");
      assertThat(there.state(sent)).isEqualTo(MessageState.QUEUED);

      announce(agent, "", "toolu_2");
      JsonNode mail = called(agent, "whoami", "{}", "toolu_2").get("mail");
      assertThat(mail.at("/0/message").asText()).isEqualTo("For the main agent");
      assertThat(mail.at("/0/possibleRepeat").asBoolean()).isFalse();
      there.awaitDelivered(sent);
    }
  }

  @Test
  void aSubAgentMaySendForItsSessionButProvesNoDelivery() throws IOException {
    try (RelayLine agent = claude()) {
      Receipt sent = there.send("For the main agent");
      RunningGateway.hook(agent, 2, event("PostToolUse", ""), "{}");
      Receipt next = there.send("And this");
      announce(agent, SUB, "toolu_1");
      String answer =
          "{\"targetPeerId\":\""
              + there.eel
              + "\",\"message\":\"Hm\",\"inReplyTo\":"
              + next.id()
              + "}";
      assertThat(called(agent, "send_message", answer, "toolu_1").get("success").asBoolean())
          .isTrue();
      assertThat(there.state(next)).isEqualTo(MessageState.QUEUED);
      there.awaitDelivered(sent);
      assertThat(
              there.broker.history(HistoryQuery.latest(1)).entries().get(0).message().from().id())
          .isEqualTo(there.latest());
    }
  }

  @Test
  void aSubAgentsAnswerToWhatWasOfferedProvesNoDelivery() throws IOException {
    try (RelayLine agent = claude()) {
      Receipt sent = there.send("For the main agent");
      there.broker.receive(there.latest(), ReceiveRequest.queued(1, Duration.ofMinutes(5)));
      announce(agent, SUB, "toolu_1");
      String answer =
          "{\"targetPeerId\":\""
              + there.eel
              + "\",\"message\":\"Hm\",\"inReplyTo\":"
              + sent.id()
              + "}";

      called(agent, "send_message", answer, "toolu_1");
      assertThat(there.state(sent)).isEqualTo(MessageState.OFFERED);

      announce(agent, "", "toolu_2");
      called(agent, "send_message", answer, "toolu_2");
      assertThat(there.state(sent)).isEqualTo(MessageState.DELIVERED);
    }
  }

  @Test
  void aSubAgentDoesNotSayWhatTheSessionDoes() throws IOException {
    try (RelayLine agent = claude()) {
      announce(agent, SUB, "toolu_1");
      JsonNode result =
          agent.call(3, "set_summary", "{\"summary\":\"A part\"}", claudeMeta("toolu_1"));
      assertThat(result.get("isError").asBoolean()).isTrue();
      assertThat(result.at("/content/0/text").asText()).contains("main agent");
    }
  }

  @Test
  void theMainAgentsHooksBringItsMailWhileASubAgentWorks() throws IOException {
    try (RelayLine agent = claude()) {
      Receipt sent = there.send("For the main agent");
      assertThat(RunningGateway.hook(agent, 2, event("PostToolUse", SUB))).isEmpty();
      assertThat(RunningGateway.hook(agent, 3, event("PostToolUse", "")).toString())
          .contains("For the main agent")
          .doesNotContain("possibly a repeat");
      there.awaitDelivered(sent);
    }
  }

  @Test
  void whereNoHookTellsWhoCallsAResultOnlySaysThatMailWaits() throws IOException {
    try (RelayLine agent = claude()) {
      Receipt sent = there.send("For the main agent");
      JsonNode result = called(agent, "whoami", "{}", "toolu_9");
      assertThat(result.has("mail")).isFalse();
      assertThat(result.get("mailWaiting").asText())
          .startsWith("1 message waits for the main agent")
          .contains("check_messages", "If you are a sub-agent, leave it.");
      // Hooks of an earlier version do not say whose tool it was.
      assertThat(RunningGateway.hook(agent, 3, "{\"event\":\"PostToolUse\"}")).isEmpty();
      assertThat(RunningGateway.hook(agent, 3, event("PostToolUse", "${agent_id}"))).isEmpty();
      assertThat(there.state(sent)).isEqualTo(MessageState.QUEUED);

      assertThat(called(agent, "check_messages", "{}", "toolu_10").get("messages")).hasSize(1);
      there.awaitDelivered(sent);
      Receipt next = there.send("Only main agents are prompted, and stop");
      assertThat(RunningGateway.hook(agent, 4, "{\"event\":\"UserPromptSubmit\"}").toString())
          .contains("Only main agents");
      there.awaitDelivered(next);
    }
  }

  @Test
  void aModelThatCallsWhatIsForHooksGetsNothing() throws IOException {
    try (RelayLine agent = claude()) {
      Receipt sent = there.send("For the main agent");
      announce(agent, "", "toolu_1");
      assertThat(called(agent, "hook_mail", event("UserPromptSubmit", ""), "toolu_1")).isEmpty();
      assertThat(there.state(sent)).isEqualTo(MessageState.QUEUED);
    }
  }

  @Test
  void manyCallsAreToldApartAndTheOldestAreForgotten() {
    Callers callers = new Callers(Client.CLAUDE_CODE);
    for (int i = 0; i < 2_000; i++) {
      callers.announce("toolu_" + i, i % 2 == 0 ? Caller.SUB_AGENT : Caller.MAIN);
    }
    assertThat(callers.of(meta("claudecode/toolUseId", "toolu_1998"))).isEqualTo(Caller.SUB_AGENT);
    assertThat(callers.of(meta("claudecode/toolUseId", "toolu_1999"))).isEqualTo(Caller.MAIN);
    assertThat(callers.of(meta("claudecode/toolUseId", "toolu_0"))).isEqualTo(Caller.UNKNOWN);
    assertThat(callers.of(Map.of())).isEqualTo(Caller.UNKNOWN);
  }

  @Test
  void aSubAgentOfCodexIsNoPeerAndSpeaksForItsSession() throws IOException {
    try (RelayLine main = codex("main");
        RelayLine sub = codex("sub")) {
      PeerId own =
          new PeerId(
              main.call(2, "whoami", "{}", codexMeta(MAIN_THREAD, ""))
                  .at("/structuredContent/id")
                  .asText());
      assertThat(there.listed()).hasSize(2);
      RunningGateway.hook(sub, 2, "{\"event\":\"UserPromptSubmit\"}", hookMeta(SUB_THREAD));
      Receipt sent = there.broker.send(OutgoingMessage.of(there.eel, own, "For the main agent"));

      JsonNode who =
          sub.call(3, "whoami", "{}", codexMeta(SUB_THREAD, MAIN_THREAD)).get("structuredContent");
      assertThat(who.get("message").asText())
          .isEqualTo("You are a sub-agent of peer " + own + ", whose main agent gets its mail.");
      assertThat(who.has("mail")).isFalse();
      assertThat(there.listed()).containsExactly(own);
      assertThat(
              sub.call(4, "check_messages", "{}", codexMeta(SUB_THREAD, MAIN_THREAD))
                  .at("/structuredContent/messages"))
          .isEmpty();
      assertThat(RunningGateway.hook(sub, 5, "{\"event\":\"PostToolUse\"}", hookMeta(SUB_THREAD)))
          .isEmpty();
      String text = "{\"targetPeerId\":\"" + there.eel + "\",\"message\":\"From below\"}";
      sub.call(6, "send_message", text, codexMeta(SUB_THREAD, MAIN_THREAD));
      assertThat(
              there.broker.history(HistoryQuery.latest(1)).entries().get(0).message().from().id())
          .isEqualTo(own);
      assertThat(there.listed()).containsExactly(own);
      assertThat(there.state(sent)).isEqualTo(MessageState.QUEUED);

      assertThat(
              RunningGateway.hook(main, 3, "{\"event\":\"PostToolUse\"}", hookMeta(MAIN_THREAD))
                  .toString())
          .contains("For the main agent");
      there.awaitDelivered(sent);
    }
  }

  @Test
  void aSubAgentOfCodexIsRecognisedByItsProcessBeforeItsMainAgentHasCalled() throws IOException {
    try (RelayLine main = codex("main")) {
      PeerId own = there.latest();
      try (RelayLine sub = codex("sub")) {
        assertThat(
                sub.call(2, "whoami", "{}", codexMeta(SUB_THREAD, MAIN_THREAD))
                    .at("/structuredContent/id")
                    .asText())
            .isEqualTo(own.value());
      }
      assertThat(there.listed()).containsExactly(own);
      assertThat(
              main.call(2, "whoami", "{}", codexMeta(MAIN_THREAD, ""))
                  .at("/structuredContent/id")
                  .asText())
          .isEqualTo(own.value());
    }
  }

  @Test
  void aSubAgentOfCodexOfAnUnknownSessionIsToldWhatToDo() throws IOException {
    try (RelayLine sub = codex("sub")) {
      JsonNode result = sub.call(2, "whoami", "{}", codexMeta(SUB_THREAD, MAIN_THREAD));
      assertThat(result.get("isError").asBoolean()).isTrue();
      assertThat(result.at("/content/0/text").asText())
          .contains("sub-agent", "main agent", "whoami");
      assertThat(there.listed()).isEmpty();
    }
  }

  private RelayLine claude() throws IOException {
    return there.session("owl", "claude-code", "2025-11-25", "off", "");
  }

  /** All of one process, as it is. */
  private RelayLine codex(String key) throws IOException {
    return there.session(key, "codex-mcp-client", "auto", ",\"ppid\":77");
  }

  private static void announce(RelayLine agent, String agentId, String toolUseId)
      throws IOException {
    assertThat(
            RunningGateway.hook(
                agent,
                2,
                "{\"event\":\"PreToolUse\",\"agentId\":\""
                    + agentId
                    + "\",\"toolUseId\":\""
                    + toolUseId
                    + "\"}"))
        .isEmpty();
  }

  private static JsonNode called(RelayLine agent, String tool, String arguments, String toolUseId)
      throws IOException {
    return agent.call(3, tool, arguments, claudeMeta(toolUseId)).get("structuredContent");
  }

  private static String event(String event, String agentId) {
    return "{\"event\":\"" + event + "\",\"agentId\":\"" + agentId + "\"}";
  }

  private static String claudeMeta(String toolUseId) {
    return "{\"claudecode/toolUseId\":\"" + toolUseId + "\",\"progressToken\":5}";
  }

  private static String hookMeta(String thread) {
    return "{\"threadId\":\"" + thread + "\",\"progressToken\":1}";
  }

  /** A call of Codex; without a parent it is the main agent's. */
  private static String codexMeta(String thread, String parent) {
    String more =
        parent.isEmpty()
            ? "\"thread_source\":\"user\""
            : "\"parent_thread_id\":\""
                + parent
                + "\",\"subagent_kind\":\"thread_spawn\",\"thread_source\":\"subagent\"";
    String session = parent.isEmpty() ? thread : parent;
    return """
        {"callId":"call_1_0","x-codex-turn-metadata":{"session_id":"%1$s","thread_id":"%2$s",\
        "turn_id":"01a22805-2164-7903-8c76-a0afdf804da6",%3$s,"turn_trigger":"exec"},\
        "threadId":"%2$s","sessionId":"%1$s","itemId":"fc_1_0","progressToken":3}\
        """
        .formatted(session, thread, more);
  }

  private static Map<String, Object> meta(String key, String value) {
    return Map.of(key, value);
  }
}
