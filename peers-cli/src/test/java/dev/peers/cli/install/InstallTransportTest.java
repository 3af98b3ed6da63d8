package dev.peers.cli.install;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peers.cli.edit.JsonDocument;
import dev.peers.cli.edit.UnreadableConfig;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An entry of our name that was reached by an address. */
class InstallTransportTest {
  @TempDir Path directory;
  private AgentHome home;

  @BeforeEach
  void makeHome() {
    home = new AgentHome(directory);
  }

  @Test
  void whatBelongsToAnotherTransportGoesAndComesBack() throws UnreadableConfig {
    String entry =
        """
        {
          "mcpServers": {
            "a": {"url": "https://a"},
            "claude-peers": {
              "type": "http",
              "url": "https://x",
              "httpUrl": "https://x",
              "headers": {"A": "b"},
              "headersHelper": "h",
              "oauth": {"clientId": "c"},
              "auth": {"CLIENT_ID": "c"},
              "authProviderType": "google_credentials",
              "env": {"CLAUDE_PEERS_NAME": "Ada"},
              "timeout": 5
            }
          }
        }
        """;
    for (Map.Entry<Agent, String> each :
        Map.of(
                Agent.CLAUDE, ".claude.json",
                Agent.GEMINI, ".gemini/settings.json",
                Agent.CURSOR, ".cursor/mcp.json")
            .entrySet()) {
      for (String text :
          List.of(entry, entry.replace("\"http\"", "\"sse\""), entry.replaceAll("\n *", " "))) {
        Path file = home.write(each.getValue(), text);

        home.install(each.getKey());

        JsonNode server =
            JsonDocument.parse(home.read(each.getValue()))
                .at(List.of("mcpServers", "claude-peers"));
        assertThat(server.fieldNames())
            .toIterable()
            .isSubsetOf("type", "command", "args", "env", "timeout");
        assertThat(server.path("type").asText("stdio")).isEqualTo("stdio");
        assertThat(server.at("/env/CLAUDE_PEERS_NAME").asText()).isEqualTo("Ada");
        assertThat(server.at("/timeout").asInt()).isEqualTo(5);
        assertThat(home.read(each.getValue())).contains("https://a");

        home.uninstall(each.getKey());

        assertThat(file).content().isEqualTo(text);
        assertThat(AgentHome.backup(file)).doesNotExist();
      }
    }
  }

  @Test
  void itComesBackAlsoIfSomethingElseHasChangedMeanwhile() throws UnreadableConfig {
    home.write(".claude.json", "{\"mcpServers\": {\"claude-peers\": {\"url\": \"https://x\"}}}");
    home.write(".codex/config.toml", "[mcp_servers.claude-peers]\nurl = \"https://x\"\n");
    home.install(Agent.CLAUDE);
    home.install(Agent.CODEX);
    home.write(".claude.json", home.read(".claude.json").replaceFirst("\\{", "{\"n\": 1, "));
    home.write(".codex/config.toml", "model = \"x\"\n\n" + home.read(".codex/config.toml"));

    home.uninstall(Agent.CLAUDE);
    home.uninstall(Agent.CODEX);

    assertThat(JsonDocument.parse(home.read(".claude.json")).tree().toString())
        .isEqualTo("{\"n\":1,\"mcpServers\":{\"claude-peers\":{\"url\":\"https://x\"}}}");
    assertThat(home.read(".codex/config.toml"))
        .isEqualTo("model = \"x\"\n\n[mcp_servers.claude-peers]\nurl = \"https://x\"\n");
  }

  @Test
  void codexReadsWhatIsLeftInEveryForm() {
    String rest = "\n[tui]\ntheme = \"x\" # mine\n";
    for (String text :
        List.of(
            "[mcp_servers.claude-peers]\nurl = \"https://x\" # old\nbearer_token_env_var = 'T'\n",
            "[mcp_servers.claude-peers]\nurl = \"https://x\"\nhttp_headers = { A = \"b\" }\n"
                + "oauth_resource = \"r\"\n",
            "[mcp_servers.claude-peers]\nurl = \"https://x\"\nenv_http_headers.A = \"b\"\n",
            "[mcp_servers.claude-peers]\nurl = \"https://x\"\n\n"
                + "[mcp_servers.claude-peers.http_headers]\nA = \"b\"\n\n"
                + "[mcp_servers.claude-peers.oauth]\nclient_id = \"c\"\n",
            "[mcp_servers]\nclaude-peers = { url = \"https://x\", http_headers = { A = \"b\" } }\n",
            "[mcp_servers]\ndocs = { command = 'd' }\nclaude-peers.url = \"https://x\"\n",
            "mcp_servers.claude-peers.url = \"https://x\"\n",
            "[mcp_servers.\"claude-peers\"]\nurl = \"https://x\"\n")) {
      Path file = home.write(".codex/config.toml", text + rest);

      home.install(Agent.CODEX);

      String installed = home.read(".codex/config.toml");
      assertThat(installed)
          .as(text)
          .contains("command = \"/opt/pe ers/bin/peers-mcp\"\n", rest)
          .doesNotContain("https://x", "bearer", "http_headers", "oauth");
      assertThat(installed.contains("docs")).isEqualTo(text.contains("docs"));
      assertThat(installed.split("claude-peers", -1)).hasSize(2);
      assertThat(home.install(Agent.CODEX)).containsExactly("unchanged");

      home.uninstall(Agent.CODEX);

      assertThat(file).content().isEqualTo(text + rest);
      assertThat(AgentHome.backup(file)).doesNotExist();
    }
  }

  @Test
  void codexGetsTheSameVariablesAsInANewEntry() {
    home.environment.put("JAVA_HOME", "/opt/jdk");
    String variables = "[mcp_servers.claude-peers.env]\nJAVA_HOME = \"/opt/jdk\"\n";
    for (String text :
        List.of(
            "[mcp_servers.claude-peers]\nurl = \"https://x\" # old\nhttp_headers.A = 'b'\n",
            "[mcp_servers.claude-peers]\nurl = \"https://x\"\n\n"
                + "[mcp_servers.claude-peers.oauth]\n# mine\nclient_id = \"c\"\n\n[tui]\na = 1\n",
            "[mcp_servers]\nclaude-peers = { url = \"https://x\" } # old\n")) {
      Path file = home.write(".codex/config.toml", text);

      home.install(Agent.CODEX);

      assertThat(home.read(".codex/config.toml")).as(text).contains(variables);
      assertThat(home.install(Agent.CODEX)).containsExactly("unchanged");

      // Another shell, in which the variable is not set.
      home.environment.remove("JAVA_HOME");
      home.uninstall(Agent.CODEX);
      home.environment.put("JAVA_HOME", "/opt/jdk");

      assertThat(file).content().isEqualTo(text);
      assertThat(AgentHome.backup(file)).doesNotExist();
    }
  }

  @Test
  void codexGetsNoVariablesWhereTheUserHasSetSome() {
    home.environment.put("JAVA_HOME", "/opt/jdk");
    home.write(
        ".codex/config.toml",
        "[mcp_servers.claude-peers]\nurl = \"https://x\"\nenv = { CLAUDE_PEERS_NAME = \"Ada\" }\n");

    home.install(Agent.CODEX);

    assertThat(home.read(".codex/config.toml")).contains("Ada").doesNotContain("JAVA_HOME");
  }

  @Test
  void whatTheUserHasAddedInAnotherFormStays() {
    home.write(
        ".codex/config.toml",
        "[mcp_servers]\nclaude-peers = { command = 'bun', args = ['x, }'], env = { A = 'b' },"
            + " startup_timeout_sec = 20, \"tools\".\"a b\".approval_mode = 'auto' }\n");

    home.install(Agent.CODEX);

    assertThat(home.read(".codex/config.toml"))
        .isEqualTo(
            "[mcp_servers]\n\n[mcp_servers.claude-peers]\n"
                + "command = \"/opt/pe ers/bin/peers-mcp\"\nargs = []\nenv = { A = 'b' }\n"
                + "startup_timeout_sec = 20\ntools.\"a b\".approval_mode = 'auto'\n");
  }

  @Test
  void anEntryThatIsNotOursIsNotTakenOut() {
    String json = "{\"mcpServers\": {\"claude-peers\": {\"command\": \"bun\"}}}";
    String toml = "[mcp_servers.claude-peers]\ncommand = \"bun\"\n";
    home.write(".claude.json", json);
    home.write(".codex/config.toml", toml);

    assertThat(home.uninstall(Agent.CLAUDE)).containsOnly("unchanged");
    assertThat(home.uninstall(Agent.CODEX)).containsOnly("unchanged");

    assertThat(home.read(".claude.json")).isEqualTo(json);
    assertThat(home.read(".codex/config.toml")).isEqualTo(toml);
  }
}
