package dev.peers.mcp;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peers.Receipt;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a client shows its model is there once. */
class ClientFormsTest {
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
  void aClientOfAnEarlierRevisionGetsTextAlone() throws IOException {
    for (String protocol : new String[] {"2024-11-05", "2025-03-26"}) {
      try (RelayLine agent = there.session(protocol, "Cline", protocol, "auto", "")) {
        Receipt sent = there.send("Are you there?");
        JsonNode result = agent.call(2, "whoami", "{}");
        assertThat(result.has("structuredContent")).as(protocol).isFalse();
        assertThat(result.at("/content/0/text").asText()).containsOnlyOnce("Are you there?");
        there.awaitDelivered(sent);

        agent.say("{\"jsonrpc\":\"2.0\",\"id\":3,\"method\":\"tools/list\"}");
        for (JsonNode tool : agent.answer(3).at("/result/tools")) {
          // Some clients refuse a result without the structure that a schema promises.
          assertThat(tool.has("outputSchema")).as(tool.get("name").asText()).isFalse();
          assertThat(tool.get("description").asText()).isNotBlank();
          assertThat(tool.at("/inputSchema/type").asText()).isEqualTo("object");
        }
      }
    }
  }

  @Test
  void aClientOfALaterRevisionGetsStructureToo() throws IOException {
    for (String protocol : new String[] {"2025-06-18", "2025-11-25", "2027-01-01"}) {
      try (RelayLine agent = there.session(protocol, "test", protocol, "auto", "")) {
        assertThat(agent.call(2, "whoami", "{}").has("structuredContent")).as(protocol).isTrue();
      }
    }
  }

  @Test
  void claudeCodeIsSentOnByContextWhichItShowsOnce() throws IOException {
    try (RelayLine agent = there.session("owl", "claude-code", "2025-11-25", "off", "")) {
      Receipt sent = there.send("Wait!");
      JsonNode output = RunningGateway.hook(agent, 2, STOP);
      assertThat(output.has("decision")).isFalse();
      assertThat(output.at("/hookSpecificOutput/hookEventName").asText()).isEqualTo("Stop");
      assertThat(output.at("/hookSpecificOutput/additionalContext").asText()).contains("Wait!");
      there.awaitDelivered(sent);
    }
  }

  @Test
  void othersAreSentOnByADecision() throws IOException {
    try (RelayLine agent = there.session("owl", "codex-mcp-client", "auto", "")) {
      Receipt sent = there.send("Wait!");
      JsonNode output = RunningGateway.hook(agent, 2, STOP, "{\"threadId\":\"1\"}");
      assertThat(output.get("decision").asText()).isEqualTo("block");
      assertThat(output.get("reason").asText()).contains("Wait!");
      there.awaitDelivered(sent);
    }
  }
}
