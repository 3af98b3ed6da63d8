package dev.peers.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peers.tck.Eventually;
import io.modelcontextprotocol.client.McpClient;
import io.modelcontextprotocol.client.McpSyncClient;
import io.modelcontextprotocol.client.transport.ServerParameters;
import io.modelcontextprotocol.client.transport.StdioClientTransport;
import io.modelcontextprotocol.json.McpJsonMapper;
import io.modelcontextprotocol.json.jackson2.JacksonMcpJsonMapper;
import io.modelcontextprotocol.json.schema.jackson2.DefaultJsonSchemaValidator;
import io.modelcontextprotocol.spec.McpSchema;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** The official SDK's own client, with its checks of results against schemas, as the agent. */
@Isolated("it waits until this process has no children")
class OfficialClientIT {
  private final World world = new World();

  @AfterEach
  void end() {
    // The client does not wait for the process that it has ended, which would start a new broker.
    Eventually.eventually(
        "the servers have ended", () -> ProcessHandle.current().children().findAny().isEmpty());
    world.close();
  }

  @Test
  void everyToolKeepsItsSchema() {
    try (McpSyncClient eel = connect("eel");
        McpSyncClient crab = connect("crab")) {
      McpSchema.InitializeResult introduction = eel.initialize();
      crab.initialize();
      assertThat(introduction.protocolVersion()).isEqualTo("2025-11-25");
      assertThat(introduction.serverInfo().name()).isEqualTo("claude-peers");

      for (McpSchema.Tool tool : eel.listTools().tools()) {
        assertThat(tool.description()).as(tool.name()).isNotBlank();
        assertThat(tool.inputSchema()).as(tool.name()).containsEntry("type", "object");
        assertThat(tool.outputSchema()).as(tool.name()).containsEntry("type", "object");
        assertThat(tool.annotations().readOnlyHint()).as(tool.name()).isNotNull();
      }

      String crabId = call(crab, "whoami", Map.of()).get("id").asText();
      call(eel, "set_summary", Map.of("summary", "Mending nets."));
      assertThat(call(eel, "list_peers", Map.of("scope", "machine")).at("/peers/0/id").asText())
          .isEqualTo(crabId);
      assertThat(call(eel, "list_peers", Map.of("scope", "repo")).get("peers")).isEmpty();
      JsonNode sent = call(eel, "send_message", Map.of("targetPeerId", crabId, "message", "Ahoy"));
      JsonNode read = call(crab, "check_messages", Map.of());
      assertThat(read.at("/messages/0/id")).isEqualTo(sent.get("messageId"));
      assertThat(read.at("/messages/0/fromSummary").asText()).isEqualTo("Mending nets.");
    }
  }

  @Test
  void aFailureIsAResultThatSaysWhatToDo() {
    try (McpSyncClient eel = connect("eel")) {
      eel.initialize();

      McpSchema.CallToolResult result =
          eel.callTool(
              McpSchema.CallToolRequest.builder("send_message")
                  .arguments(Map.of("targetPeerId", "nobody-1234", "message", "x"))
                  .build());

      assertThat(result.isError()).isTrue();
      assertThat(result.content())
          .singleElement()
          .isInstanceOfSatisfying(
              McpSchema.TextContent.class,
              text ->
                  assertThat(text.text())
                      .startsWith("no peer is called 'nobody-1234'")
                      .doesNotContain("Exception"));
    }
  }

  /** Calls a tool; the text must be the same JSON as the structured content. */
  private static JsonNode call(McpSyncClient client, String tool, Map<String, Object> arguments) {
    McpSchema.CallToolResult result =
        client.callTool(McpSchema.CallToolRequest.builder(tool).arguments(arguments).build());
    assertThat(result.isError()).as(tool + ": " + result.content()).isFalse();
    JsonNode structured = World.JSON.valueToTree(result.structuredContent());
    assertThat(result.content())
        .singleElement()
        .isInstanceOfSatisfying(
            McpSchema.TextContent.class,
            text ->
                assertThat(structured)
                    .isEqualTo(World.JSON.convertValue(parse(text.text()), JsonNode.class)));
    return structured;
  }

  private static JsonNode parse(String json) {
    return new World.Result(0, json, "").json();
  }

  private McpSyncClient connect(String directory) {
    // The transport knows no working directory; an agent's project directory says the same.
    ServerParameters server =
        ServerParameters.builder(world.executable("peers-mcp").toString())
            .env(world.environment())
            .addEnvVar("CLAUDE_PROJECT_DIR", world.directory(directory).toString())
            .build();
    McpJsonMapper mapper = new JacksonMcpJsonMapper(World.JSON);
    return McpClient.sync(new StdioClientTransport(server, mapper))
        .requestTimeout(Duration.ofSeconds(30))
        .jsonSchemaValidator(new DefaultJsonSchemaValidator(World.JSON))
        .enableCallToolSchemaCaching(true)
        .build();
  }
}
