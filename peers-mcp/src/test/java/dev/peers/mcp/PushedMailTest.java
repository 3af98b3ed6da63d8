package dev.peers.mcp;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peers.MessageState;
import dev.peers.Receipt;
import dev.peers.mcp.delivery.ChannelDetection;
import dev.peers.mcp.delivery.ChannelTarget;
import dev.peers.mcp.delivery.SessionReachability;
import dev.peers.tck.ManualClock;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When mail that was pushed, and may not have been seen, comes by another way. */
class PushedMailTest {
  private static final String PROMPT = "{\"event\":\"UserPromptSubmit\",\"agentId\":\"\"}";
  private static final String TOOL = "{\"event\":\"PostToolUse\",\"agentId\":\"\"}";
  private static final String STOP =
      "{\"event\":\"Stop\",\"stopHookActive\":\"false\",\"agentId\":\"\"}";

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
  void aClientWithoutChannelsIsNeverPushedToAndItsMailIsNoRepeat() throws IOException {
    for (String client : new String[] {"codex-mcp-client", "gemini-cli-mcp-client", "crush", "x"}) {
      try (RelayLine agent = there.session(client, client, "auto", "")) {
        Receipt sent = there.send("Are you there?");

        JsonNode mail = agent.call(2, "whoami", "{}").at("/structuredContent/mail");
        assertThat(mail).as(client).hasSize(1);
        assertThat(mail.at("/0/possibleRepeat").asBoolean()).as(client).isFalse();
        there.awaitDelivered(sent);
      }
    }
  }

  @Test
  void whereAChannelIsNotThereTheNextHookBringsWhatWasPushedToIt() throws IOException {
    for (String channel : new String[] {"on", "auto"}) {
      for (String event : new String[] {TOOL, STOP}) {
        try (RelayLine agent =
            there.session(channel + event.length(), "claude-code", channel, "")) {
          Receipt sent = there.send("Are you there?");
          assertThat(agent.hear().path("method").asText()).isEqualTo(ChannelTarget.METHOD);

          assertThat(RunningGateway.hook(agent, 2, event).toString())
              .contains("Are you there?", "possibly a repeat");
          there.awaitDelivered(sent);
          assertThat(RunningGateway.hook(agent, 3, event)).isEmpty();
        }
      }
    }
  }

  @Test
  void aPushThatWasAnsweredProvesTheChannelAndHooksRepeatNothing() throws IOException {
    try (RelayLine agent = there.session("owl", "claude-code", "on", "")) {
      Receipt first = there.send("Are you there?");
      agent.hear();
      agent.call(
          2,
          "send_message",
          "{\"targetPeerId\":\""
              + there.eel
              + "\",\"message\":\"Yes\",\"inReplyTo\":"
              + first.id()
              + "}");
      assertThat(there.state(first)).isEqualTo(MessageState.DELIVERED);

      Receipt second = there.send("Fine");
      agent.hear();
      for (String event : new String[] {PROMPT, TOOL, STOP}) {
        assertThat(RunningGateway.hook(agent, 3, event)).as(event).isEmpty();
      }
      assertThat(there.state(second)).isEqualTo(MessageState.OFFERED);

      there.clock.advance(Duration.ofMinutes(10));
      assertThat(RunningGateway.hook(agent, 4, TOOL).toString())
          .contains("Fine", "possibly a repeat");
      there.awaitDelivered(second);
    }
  }

  @Test
  void withoutHooksAPushIsTrustedForTenMinutesWhereTheChannelIsKnown() throws IOException {
    assertTrusted("test", "on", Duration.ofMinutes(10));
  }

  @Test
  void whatIsPostedToTheInboxIsNotRepeatedByHooks() throws IOException {
    try (RelayLine agent = there.session("owl", "claude-code", "off", ",\"inbox\":true")) {
      Receipt sent = there.send("Are you there?");
      assertThat(agent.hearAny().has("peers_inbox")).isTrue();

      there.clock.advance(Duration.ofSeconds(599));
      for (String event : new String[] {TOOL, PROMPT, STOP}) {
        assertThat(RunningGateway.hook(agent, 2, event)).as(event).isEmpty();
      }
      there.clock.advance(Duration.ofSeconds(1));
      assertThat(RunningGateway.hook(agent, 3, TOOL).toString()).contains("possibly a repeat");
      there.awaitDelivered(sent);
    }
  }

  @Test
  void whereTheInboxTakesNothingTheNextHookDelivers() throws IOException {
    try (RelayLine agent = there.session("owl", "claude-code", "off", ",\"inbox\":true")) {
      Receipt sent = there.send("Are you there?");
      agent.hearAny();
      agent.say("{\"peers_inbox_failed\":true}");
      assertThat(RunningGateway.hook(agent, 2, TOOL).toString()).contains("Are you there?");
      there.awaitDelivered(sent);
    }
  }

  @Test
  void theHookOfTheTurnThatAPushBeginsDoesNotRepeatIt() {
    ManualClock clock = new ManualClock();
    SessionReachability routes =
        new SessionReachability(ChannelDetection.ON, false, clock::nanoTime);
    assertThat(routes.hooksTakePushed(true)).isTrue();
    routes.pushed();
    assertThat(routes.hooksTakePushed(true)).isFalse();
    assertThat(routes.hooksTakePushed(false)).isTrue();
    clock.advance(Duration.ofSeconds(3));
    assertThat(routes.hooksTakePushed(true)).isTrue();
    routes.pushIsSeen();
    assertThat(routes.hooksTakePushed(false)).isFalse();
  }

  private void assertTrusted(String client, String channel, Duration grace) throws IOException {
    try (RelayLine agent = there.session("owl", client, channel, "")) {
      Receipt sent = there.send("Are you there?");
      assertThat(agent.hear().at("/params/meta/message_id").asText())
          .isEqualTo(sent.id().toString());

      there.clock.advance(grace.minusMillis(1));
      assertThat(agent.call(2, "whoami", "{}").at("/structuredContent").has("mail")).isFalse();
      assertThat(there.state(sent)).isEqualTo(MessageState.OFFERED);

      there.clock.advance(Duration.ofMillis(1));
      JsonNode mail = agent.call(4, "whoami", "{}").at("/structuredContent/mail");
      assertThat(mail.at("/0/possibleRepeat").asBoolean()).isTrue();
      there.awaitDelivered(sent);
    }
  }
}
