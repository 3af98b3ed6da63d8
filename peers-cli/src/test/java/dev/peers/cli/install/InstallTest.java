package dev.peers.cli.install;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peers.PeersException;
import dev.peers.cli.edit.ChangedMeanwhile;
import dev.peers.cli.edit.ConfigChange;
import dev.peers.cli.edit.ConfigTransaction;
import dev.peers.cli.edit.JsonDocument;
import dev.peers.cli.edit.UnreadableConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What installing and uninstalling does to the files of each agent. */
class InstallTest {
  private static final List<String> COMMAND = List.of("/opt/pe ers/bin/peers-mcp");

  private static final Path WAKE = Path.of("/opt/pe ers/bob's/peers-wake");

  @TempDir Path directory;
  private Path home;
  private Path project;
  private final Map<String, String> environment = new HashMap<>();

  @BeforeEach
  void makeDirectories() throws IOException {
    home = Files.createDirectories(directory.resolve("home"));
    project = Files.createDirectories(directory.resolve("project"));
  }

  @Test
  void whatIsInstalledIsTakenOutToTheByte() throws IOException {
    int count = 0;
    for (List<String> each : AgentFiles.all().toList()) {
      Agent agent = Agent.named(each.get(0).split(":")[0]).orElseThrow();
      Path file = write(each.get(0).split(":")[1], each.get(1));

      assertThat(install(agent)).as(each.toString()).contains("changed");
      String installed = Files.readString(file);
      assertThat(installed).as(each.toString()).contains("claude-peers");
      assertThat(Files.readString(backup(file))).isEqualTo(each.get(1));
      assertThat(install(agent)).as(installed).containsOnly("unchanged");
      assertThat(Files.readString(file)).isEqualTo(installed);
      if (each.get(1).contains("\r\n")) {
        assertThat(installed.replace("\r\n", "")).doesNotContain("\n");
      }

      assertThat(uninstall(agent)).as(installed).contains("changed");
      assertThat(Files.readString(file)).as(installed).isEqualTo(each.get(1));
      assertThat(backup(file)).doesNotExist();
      assertThat(uninstall(agent)).containsOnly("unchanged");
      Files.delete(file);
      count++;
    }
    assertThat(count).isGreaterThan(150);
  }

  @Test
  void itIsTakenOutToTheByteEvenIfTheBackupIsLost() throws IOException {
    for (List<String> each : AgentFiles.full().toList()) {
      Agent agent = Agent.named(each.get(0).split(":")[0]).orElseThrow();
      Path file = write(each.get(0).split(":")[1], each.get(1));
      install(agent);
      Files.delete(backup(file));

      uninstall(agent);

      assertThat(file).content().isEqualTo(each.get(1));
      Files.delete(file);
    }
  }

  @Test
  void whatOthersChangeMeanwhileStays() throws IOException {
    for (List<String> each : AgentFiles.all().toList()) {
      Agent agent = Agent.named(each.get(0).split(":")[0]).orElseThrow();
      Path file = write(each.get(0).split(":")[1], each.get(1));
      install(agent);
      boolean toml = file.toString().endsWith(".toml");
      String installed = Files.readString(file);
      String edited =
          toml
              ? installed + "\n[tui]\ntheme = \"x\"\n"
              : installed.replaceFirst("\\{", "{\"new\": 1, ");
      Files.writeString(file, edited);

      uninstall(agent);

      String left = Files.readString(file);
      if (toml) {
        assertThat(left).contains("[tui]\ntheme = \"x\"\n").doesNotContain("/opt/pe ers");
        assertThat(left).startsWith(each.get(1).stripTrailing());
      } else {
        String former = each.get(1).replace("\uFEFF", "");
        String expected =
            former.isBlank() ? "{\"new\": 1}" : former.replaceFirst("\\{", "{\"new\": 1, ");
        assertThat(tree(left.replace("\uFEFF", ""))).as(edited).isEqualTo(tree(expected));
      }
      Files.delete(file);
      Files.delete(backup(file));
    }
  }

  @Test
  void aFileThatWasNotThereIsMadeForItsOwnerAloneAndGoesAgain() throws IOException {
    for (Agent agent : Agent.values()) {
      assertThat(install(agent)).as(agent.word()).containsOnly("created");
      assertThat(install(agent)).as(agent.word()).containsOnly("unchanged");
      for (Agent.Registration each : registrations(agent)) {
        if (each.file().personal()) {
          assertThat(
                  PosixFilePermissions.toString(Files.getPosixFilePermissions(each.file().path())))
              .isEqualTo("rw-------");
        }
      }
      assertThat(uninstall(agent)).as(agent.word()).containsOnly("deleted");
    }
    try (Stream<Path> left = Files.walk(directory)) {
      assertThat(left.filter(path -> !path.equals(home) && !path.equals(project)))
          .as("files and directories of the agents")
          .containsOnly(directory);
    }
  }

  @Test
  void writesWhatEachAgentReads() throws IOException {
    for (Agent agent : Agent.values()) {
      install(agent);
    }

    assertThat(Files.readString(home.resolve(".claude.json")))
        .isEqualTo(
            """
            {
              "mcpServers": {
                "claude-peers": {
                  "type": "stdio",
                  "command": "/opt/pe ers/bin/peers-mcp",
                  "args": [],
                  "env": {}
                }
              }
            }
            """);
    assertThat(Files.readString(home.resolve(".codex/config.toml")))
        .isEqualTo(
            """
            [mcp_servers.claude-peers]
            command = "/opt/pe ers/bin/peers-mcp"
            args = []
            """);
    assertThat(
            tree(Files.readString(project.resolve(".vscode/mcp.json"))).at("/servers").toString())
        .isEqualTo("{\"claude-peers\":{\"type\":\"stdio\",\"command\":\"peers-mcp\",\"args\":[]}}");
    assertThat(tree(Files.readString(home.resolve(".gemini/settings.json"))).toString())
        .isEqualTo(
            "{\"mcpServers\":{\"claude-peers\":{\"command\":\"/opt/pe ers/bin/peers-mcp\","
                + "\"args\":[]}}}");
    JsonNode settings = tree(Files.readString(home.resolve(".claude/settings.json")));
    assertThat(settings.at("/permissions/allow").toString()).isEqualTo("[\"mcp__claude-peers\"]");
    assertThat(settings.at("/hooks/PostToolUse").toString())
        .isEqualTo(
            "[{\"matcher\":\"*\",\"hooks\":[{\"type\":\"mcp_tool\",\"server\":\"claude-peers\","
                + "\"tool\":\"hook_mail\",\"input\":{\"event\":\"PostToolUse\","
                + "\"session_id\":\"${session_id}\",\"agentId\":\"${agent_id}\"}}]}]");
    assertThat(settings.at("/hooks/PreToolUse/0/matcher").asText())
        .isEqualTo("mcp__claude-peers__.*");
    assertThat(settings.at("/hooks/PreToolUse/0/hooks/0/input").toString())
        .isEqualTo(
            "{\"event\":\"PreToolUse\",\"session_id\":\"${session_id}\",\"agentId\":\"${agent_id}\","
                + "\"toolUseId\":\"${tool_use_id}\"}");
    assertThat(settings.at("/hooks/Stop/0/hooks/0/input").toString())
        .isEqualTo(
            "{\"event\":\"Stop\",\"session_id\":\"${session_id}\",\"agentId\":\"${agent_id}\","
                + "\"stopHookActive\":\"${stop_hook_active}\"}");
    assertThat(settings.at("/hooks").size()).isEqualTo(4);
  }

  @Test
  void anEntryOfAnOlderInstallationIsBroughtUpToDate() throws IOException {
    Path json =
        write(
            ".claude.json",
            """
            {
              "mcpServers": {
                "claude-peers": {
                  "command": "bun",
                  "args": ["~/claude-peers/server.ts"],
                  "env": { "CLAUDE_PEERS_NAME": "Ada" }
                }
              }
            }
            """);
    Path toml =
        write(
            ".codex/config.toml",
            """
            [mcp_servers.claude-peers] # mine
            command = "bun" # old
            startup_timeout_sec = 20

            [mcp_servers.claude-peers.env]
            CLAUDE_PEERS_NAME = "Ada"
            """);

    String oldJson = Files.readString(json);
    String oldToml = Files.readString(toml);

    install(Agent.CLAUDE);
    install(Agent.CODEX);

    assertThat(Files.readString(json))
        .isEqualTo(
            """
            {
              "mcpServers": {
                "claude-peers": {
                  "command": "/opt/pe ers/bin/peers-mcp",
                  "args": [],
                  "env": { "CLAUDE_PEERS_NAME": "Ada" },
                  "type": "stdio"
                }
              }
            }
            """);
    assertThat(Files.readString(toml))
        .isEqualTo(
            """
            [mcp_servers.claude-peers] # mine
            args = []
            command = "/opt/pe ers/bin/peers-mcp" # old
            startup_timeout_sec = 20

            [mcp_servers.claude-peers.env]
            CLAUDE_PEERS_NAME = "Ada"
            """);
    assertThat(Files.readString(backup(json))).contains("bun");
    uninstall(Agent.CLAUDE);
    uninstall(Agent.CODEX);
    assertThat(json).content().isEqualTo(oldJson);
    assertThat(toml).content().isEqualTo(oldToml);
    assertThat(backup(json)).doesNotExist();
    assertThat(backup(toml)).doesNotExist();
  }

  @Test
  void theUsersOwnHooksBesideOursStay() throws IOException {
    install(Agent.CLAUDE);
    Path file = home.resolve(".claude/settings.json");
    String mixed =
        Files.readString(file)
            .replace("\"hooks\": [", "\"hooks\": [ {\"type\": \"command\", \"command\": \"me\"},");
    Files.writeString(file, mixed);

    assertThat(install(Agent.CLAUDE)).containsOnly("unchanged");
    uninstall(Agent.CLAUDE);

    JsonNode left = tree(Files.readString(file));
    assertThat(left.has("permissions")).isFalse();
    for (String event : ClaudeSettings.EVENTS) {
      assertThat(left.at("/hooks/" + event + "/0/hooks").toString())
          .isEqualTo("[{\"type\":\"command\",\"command\":\"me\"}]");
    }
  }

  @Test
  void hooksThatWakeComeAndGoOnlyWhenAsked() throws IOException {
    for (List<String> each : AgentFiles.all().filter(InstallTest::isSettings).toList()) {
      Path file = write(".claude/settings.json", each.get(1));
      install(Agent.CLAUDE);
      String plain = Files.readString(file);
      assertThat(plain).doesNotContain("peers-wake");

      assertThat(apply(installations(true))).contains("changed");
      String waking = Files.readString(file);
      assertThat(waking).contains("peers-wake");
      assertThat(apply(installations(true))).containsOnly("unchanged");
      assertThat(install(Agent.CLAUDE)).containsOnly("unchanged");
      assertThat(Files.readString(file)).isEqualTo(waking);
      assertThat(Files.readString(backup(file))).isEqualTo(each.get(1));

      uninstall(Agent.CLAUDE);
      assertThat(Files.readString(file)).as(waking).isEqualTo(each.get(1));
      assertThat(backup(file)).doesNotExist();

      apply(installations(true));
      Files.delete(backup(file));
      Files.writeString(file, Files.readString(file).replaceFirst("\\{", "{\"new\": 1, "));
      uninstall(Agent.CLAUDE);
      assertThat(Files.readString(file)).doesNotContain("peers").contains("\"new\": 1");
      Files.delete(file);
    }
  }

  @Test
  void theHooksThatWakeRunTheProgramInTheBackgroundAndGoWithTheirFile() throws IOException {
    assertThat(apply(installations(true))).containsOnly("created");

    JsonNode hooks = tree(Files.readString(home.resolve(".claude/settings.json"))).at("/hooks");
    assertThat(hooks.at("/SessionStart/0/matcher").asText()).isEqualTo("startup|resume|clear|fork");
    JsonNode handler = hooks.at("/SessionStart/0/hooks/0");
    assertThat(handler.toString())
        .isEqualTo(
            "{\"type\":\"command\",\"command\":\"exec '/opt/pe ers/bob'\\\\''s/peers-wake'\","
                + "\"asyncRewake\":true,\"timeout\":86400}");
    assertThat(hooks.at("/Stop")).hasSize(2);
    assertThat(hooks.at("/Stop/1/hooks/0")).isEqualTo(handler);
    assertThat(hooks.size()).isEqualTo(5);
    assertThat(uninstall(Agent.CLAUDE)).containsOnly("deleted");
  }

  @Test
  void aHookThatWakesFollowsTheProgramWhereItWent() throws IOException {
    apply(installations(true));
    Path file = home.resolve(".claude/settings.json");
    String installed = Files.readString(file);
    Files.writeString(file, installed.replace("/opt/pe ers/bob'\\\\''s", "/old place"));

    install(Agent.CLAUDE);

    assertThat(file).content().isEqualTo(installed);
  }

  @Test
  void whatCannotBeUnderstoodIsLeftAlone() throws IOException {
    for (String text :
        List.of(
            "{\"a\": }",
            "{\"a\": 1",
            "[]",
            "// nothing",
            "{} {}",
            "{\"mcpServers\": []}",
            "{\"mcpServers\": null}",
            "{\"mcpServers\": {\"claude-peers\": 7}}",
            "{\"mcpServers\": {}, \"mcpServers\": {}}",
            "{\"mcp\\u0053ervers\": {}}")) {
      refuses(Agent.CLAUDE, ".claude.json", text);
    }
    // Each agent has a syntax of its own.
    String comma = "{\n  \"a\": 1,\n}\n";
    String comment = "{\n  \"a\": 1 // one\n}\n";
    refuses(Agent.CLAUDE, ".claude.json", comma, "not valid JSON at line 3, column 1");
    refuses(Agent.CLAUDE, ".claude.json", comment, "not valid JSON at line 2, column 1");
    refuses(Agent.CLAUDE, ".claude/settings.json", comma, "line 3");
    refuses(Agent.CLAUDE, ".claude/settings.json", comment, "line 2");
    refuses(Agent.CURSOR, ".cursor/mcp.json", comma, "line 3");
    refuses(Agent.CURSOR, ".cursor/mcp.json", comment, "line 2");
    refuses(Agent.GEMINI, ".gemini/settings.json", comma, "line 3");
    for (String text :
        List.of(
            "{\"permissions\": {\"allow\": \"all\"}}",
            "{\"permissions\": 1}",
            "{\"hooks\": []}",
            "{\"hooks\": {\"Stop\": {}}}")) {
      refuses(Agent.CLAUDE, ".claude/settings.json", text);
    }
    for (String text :
        List.of(
            "a",
            "a = ",
            "a = \"x",
            "a = [1",
            "a = [1}",
            "a = \"\"\"\n[b]\n",
            "[a",
            "[a] b",
            "[a]\n[a]\n",
            "mcp_servers = {}",
            "mcp_servers.docs.command = 'x'",
            "[mcp_servers]\nclaude-peers = 7",
            "[mcp_servers]\nclaude-peers = { command = }",
            "[mcp_servers]\nclaude-peers = { command 'x' }",
            "[[mcp_servers]]\ncommand = 'x'")) {
      refuses(Agent.CODEX, ".codex/config.toml", text);
    }
    Path file = home.resolve(".codex/config.toml");
    Files.write(file, new byte[] {'#', (byte) 0xff});
    assertThatThrownBy(() -> install(Agent.CODEX)).hasMessageContaining("not text in UTF-8");
  }

  private void refuses(Agent agent, String name, String text, String... parts) throws IOException {
    Path file = write(name, text);
    assertThatThrownBy(() -> install(agent))
        .as(text)
        .isInstanceOf(PeersException.class)
        .hasMessageContaining(file + " was left alone: ")
        .satisfies(
            e -> assertThat(parts).allSatisfy(part -> assertThat(e).hasMessageContaining(part)));
    assertThat(Files.readString(file)).isEqualTo(text);
    assertThat(backup(file)).doesNotExist();
    Files.delete(file);
  }

  @Test
  void aLinkStaysALinkAndTheFileKeepsItsMode() throws IOException {
    Path dotfiles = Files.createDirectories(directory.resolve("dotfiles"));
    Path real = Files.writeString(dotfiles.resolve("mcp.json"), "{}\n");
    Files.setPosixFilePermissions(real, PosixFilePermissions.fromString("rw-r-----"));
    Path link = home.resolve(".cursor/mcp.json");
    Files.createDirectories(link.getParent());
    Files.createSymbolicLink(link, Path.of("../../dotfiles/mcp.json"));

    install(Agent.CURSOR);

    assertThat(link).isSymbolicLink();
    assertThat(Files.readString(real)).contains("claude-peers");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(real)))
        .isEqualTo("rw-r-----");
    try (Stream<Path> files = Files.list(dotfiles)) {
      assertThat(files).containsExactly(real);
    }
    Files.delete(real);
    assertThat(install(Agent.CURSOR)).containsExactly("created");
    assertThat(link).isSymbolicLink();
    assertThat(real).exists();
  }

  @Test
  void theBackupIsOfTheTimeBeforeOurFirstChange() throws IOException {
    Path file = write(".claude.json", "{\"a\": 1}");
    install(Agent.CLAUDE);
    Files.writeString(file, Files.readString(file).replace("/opt/pe ers/bin", "/former"));

    assertThat(install(Agent.CLAUDE)).contains("changed");

    assertThat(Files.readString(backup(file))).isEqualTo("{\"a\": 1}");
    Files.writeString(file, "{\"b\": 2}");
    install(Agent.CLAUDE);
    assertThat(Files.readString(backup(file))).isEqualTo("{\"b\": 2}");
  }

  @Test
  void variablesMoveTheFilesAndCodexIsToldWhatItHidesFromServers() throws IOException {
    environment.put("CLAUDE_CONFIG_DIR", directory.resolve("cc").toString());
    environment.put("CODEX_HOME", directory.resolve("cx").toString());
    environment.put("CLAUDE_PEERS_PORT", "7900");

    install(Agent.CLAUDE);
    install(Agent.CODEX);

    assertThat(directory.resolve("cc/.claude.json")).exists();
    assertThat(directory.resolve("cc/settings.json")).exists();
    assertThat(Files.readString(directory.resolve("cx/config.toml")))
        .endsWith("args = []\n\n[mcp_servers.claude-peers.env]\nCLAUDE_PEERS_PORT = \"7900\"\n");
    try (Stream<Path> files = Files.list(home)) {
      assertThat(files).isEmpty();
    }
  }

  private Path write(String name, String text) throws IOException {
    Path file = home.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, text);
  }

  private static Path backup(Path file) {
    return file.resolveSibling(file.getFileName() + ".peers-backup");
  }

  private List<Agent.Registration> registrations(Agent agent) {
    return registrations(agent, false);
  }

  private List<Agent.Registration> registrations(Agent agent, boolean waking) {
    return agent.registrations(
        new Agent.Place(environment, home, project, false),
        new Agent.Parts(COMMAND, true, WAKE, waking));
  }

  private static boolean isSettings(List<String> file) {
    return file.get(0).endsWith("settings.json") && file.get(0).startsWith("claude");
  }

  private List<ConfigChange> installations(boolean waking) {
    return registrations(Agent.CLAUDE, waking).stream()
        .map(each -> ConfigChange.install(each.file(), each.edit()))
        .toList();
  }

  private List<String> install(Agent agent) {
    return apply(
        registrations(agent).stream()
            .map(each -> ConfigChange.install(each.file(), each.edit()))
            .toList());
  }

  private List<String> uninstall(Agent agent) {
    return apply(
        registrations(agent).stream()
            .map(each -> ConfigChange.uninstall(each.file(), each.edit()))
            .toList());
  }

  private static List<String> apply(List<ConfigChange> changes) {
    try {
      ConfigTransaction.apply(changes);
    } catch (ChangedMeanwhile e) {
      throw new AssertionError(e);
    }
    return changes.stream().map(ConfigChange::action).toList();
  }

  private static JsonNode tree(String json) throws IOException {
    try {
      return JsonDocument.parse(json).tree();
    } catch (UnreadableConfig e) {
      throw new IOException(json, e);
    }
  }
}
