package dev.peers.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peers.cli.install.ClaudeSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The packaged {@code peers install} and {@code peers uninstall}. */
class InstallIT {
  private final World world = new World();

  @AfterEach
  void end() {
    world.close();
  }

  @Test
  void installsForClaudeOnceAndTakesItOutAgain() throws IOException {
    Path file = Files.writeString(world.file(".claude.json"), "{\n  \"theme\": \"dark\"\n}\n");

    World.Result first = world.peers("install", "claude", "--yes");

    assertThat(first.err()).contains("peers self-install").hasLineCount(1);
    assertThat(first.code()).isZero();
    assertThat(first.out())
        .contains(file + " (changed)", "+  \"claude-peers\": {", "peers-backup")
        .endsWith("\nclaude --dangerously-load-development-channels server:claude-peers\n");
    String installed = Files.readString(file);
    JsonNode entry = World.JSON.readTree(installed).at("/mcpServers/claude-peers");
    assertThat(entry.get("command").asText()).isEqualTo(world.executable("peers-mcp").toString());
    JsonNode second = world.peers("install", "claude", "--yes", "--json").json();
    assertThat(second.get("changed").asBoolean()).isFalse();
    assertThat(second.at("/files/1/action").asText()).isEqualTo("unchanged");
    assertThat(Files.readString(file)).isEqualTo(installed);

    JsonNode removed = world.peers("uninstall", "claude", "--yes", "--json").json();

    assertThat(removed.get("ok").asBoolean()).isTrue();
    assertThat(removed.get("agent").asText()).isEqualTo("claude");
    assertThat(removed.get("changed").asBoolean()).isTrue();
    assertThat(Files.readString(file)).isEqualTo("{\n  \"theme\": \"dark\"\n}\n");
    assertThat(world.file(".claude/settings.json")).doesNotExist();
  }

  @Test
  void theCommandThatItWritesIsAServer() throws IOException {
    world.peers("install", "gemini", "--yes");
    JsonNode entry =
        World.JSON
            .readTree(Files.readString(world.file(".gemini/settings.json")))
            .at("/mcpServers/claude-peers");

    RawSession session =
        world.start(List.of(entry.get("command").asText()), world.directory("eel"), Map.of());

    session.initialize();
    assertThat(session.id()).startsWith("eel-");
  }

  @Test
  void installsIntoAProject() {
    Path project = world.directory("project");
    for (String agent : List.of("claude", "codex", "gemini", "cursor")) {
      assertThat(world.peersIn(project, "", "install", agent, "--project", "--yes").code())
          .isZero();
    }
    World.Result code = world.peersIn(project, "", "install", "vscode", "--yes");

    assertThat(code.out()).startsWith("VS Code is set up for the project in this directory.\n");
    for (String file :
        List.of(
            ".mcp.json",
            ".claude/settings.json",
            ".codex/config.toml",
            ".gemini/settings.json",
            ".cursor/mcp.json",
            ".vscode/mcp.json")) {
      assertThat(project.resolve(file))
          .content()
          .contains("claude-peers")
          .doesNotContain(world.executable("peers-mcp").getParent().toString())
          .doesNotContain(world.environment().get("JAVA_HOME"));
    }
    assertThat(code.out()).contains("peers-mcp must be on the PATH of everyone who uses");
    assertThat(code.err()).contains("peers-mcp is not on your PATH");
    assertThat(world.home()).isEmptyDirectory();
  }

  @Test
  void aProjectNamesTheProgramByItsNameAlone() throws IOException {
    Path project = world.directory("project");
    world.with("PATH", world.executable("peers").getParent() + ":" + System.getenv("PATH"));

    World.Result result =
        world.peersIn(project, "", "install", "claude", "--project", "--wake", "--yes");

    // Nothing but that the build's own directory is no place to stay.
    assertThat(result.err()).startsWith("peers: this program is in ").hasLineCount(1);
    JsonNode servers = World.JSON.readTree(project.resolve(".mcp.json").toFile());
    assertThat(servers.at("/mcpServers/claude-peers/command").asText()).isEqualTo("peers-mcp");
    assertThat(project.resolve(".claude/settings.json"))
        .content()
        .contains("exec peers-wake\"")
        .doesNotContain(world.executable("peers-wake").toString());
    World.Result again =
        world.peersIn(project, "", "install", "claude", "--project", "--yes", "--json");
    assertThat(again.json().get("changed").asBoolean()).isFalse();
    World.Result removed =
        world.peersIn(project, "", "uninstall", "claude", "--project", "--yes", "--json");
    assertThat(removed.json().findValuesAsText("action")).containsOnly("deleted");
  }

  @Test
  void aDryRunShowsEverythingAndChangesNothing() throws IOException {
    Path file = Files.writeString(world.file(".claude.json"), "{\"theme\": \"dark\"}\n");

    World.Result text = world.peers("install", "claude", "--dry-run");
    JsonNode json = world.peers("install", "claude", "--dry-run", "--json").json();

    assertThat(text.code()).isZero();
    assertThat(text.out())
        .contains(file + " (changed)", "+  \"claude-peers\": {", "this was a dry run")
        .doesNotContain("dark", "peers-backup", "Start ");
    assertThat(json.get("dry_run").asBoolean()).isTrue();
    assertThat(json.get("changed").asBoolean()).isTrue();
    assertThat(json.findValuesAsText("action")).containsExactly("changed", "created");
    assertThat(json.at("/files/0/lines").toString()).contains("claude-peers");
    assertThat(file).content().isEqualTo("{\"theme\": \"dark\"}\n");
    assertThat(world.home().toFile().list()).containsExactly(".claude.json");
    world.peers("install", "claude", "--yes");
    String installed = Files.readString(file);

    assertThat(world.peers("uninstall", "claude", "--dry-run").out())
        .contains("-\"claude-peers\": {", "this was a dry run");
    assertThat(file).content().isEqualTo(installed);
  }

  @Test
  void whatDecidesInsteadIsSaidAtOnceAndByTheDoctor() throws IOException {
    Path project = world.directory("project");
    Path state = world.file(".claude.json");
    String local = "{\"mcpServers\": {\"claude-peers\": {\"command\": \"bun\"}}}";
    Files.writeString(state, "{\"projects\": {\"" + project + "\": " + local + "}}");

    World.Result installed = world.peersIn(project, "", "install", "claude", "--yes");
    World.Result doctor = world.peersIn(project, "", "doctor", "--no-message");

    String decides = state + " decides in " + project + ", by an entry in local scope";
    assertThat(installed.code()).isZero();
    assertThat(installed.err()).contains(decides, "claude mcp remove claude-peers -s local");
    assertThat(doctor.out()).contains("warning  agents    Claude Code: " + decides);
  }

  @Test
  void uninstallingLeavesCodexNothingThatItRefuses() throws IOException {
    world.peers("install", "codex", "--yes");
    String tools = "[mcp_servers.claude-peers.tools.whoami]\napproval_mode = \"auto\"\n";
    Path profile = Files.writeString(world.file(".codex/work.config.toml"), tools);

    JsonNode removed = world.peers("uninstall", "codex", "--yes", "--json").json();

    assertThat(removed.at("/files/1/path").asText()).isEqualTo(profile.toString());
    assertThat(profile).content().doesNotContain("claude-peers");
    assertThat(world.file(".codex/work.config.toml.peers-backup")).content().isEqualTo(tools);
    assertThat(world.file(".codex/config.toml")).doesNotExist();
  }

  @Test
  void withoutATerminalItNeedsToBeToldYes() {
    World.Result result = world.peers("install", "claude");

    assertThat(result.code()).isEqualTo(2);
    assertThat(result.err()).contains("--yes");
    assertThat(world.home()).isEmptyDirectory();
  }

  @Test
  void anUnknownAgentIsAnsweredWithTheKnownOnes() {
    World.Result result = world.peers("install", "emacs");

    assertThat(result.code()).isEqualTo(2);
    assertThat(result.err()).contains("'emacs'", "claude, codex, gemini, cursor, vscode");
  }

  @Test
  void aBrokenFileIsLeftAloneAndSoAreTheOthers() throws IOException {
    Path settings = Files.createDirectories(world.file(".claude")).resolve("settings.json");
    Files.writeString(settings, "{ broken");

    World.Result result = world.peers("install", "claude", "--yes");

    assertThat(result.code()).isEqualTo(1);
    assertThat(result.err()).contains(settings + " was left alone: not valid JSON at line 1");
    assertThat(settings).hasContent("{ broken");
    assertThat(world.file(".claude.json")).doesNotExist();
  }

  @Test
  void thePluginHasTheHooksThatAreInstalled() throws IOException {
    Path plugin = world.executable("peers").getParent().resolveSibling("plugin");

    JsonNode manifest = World.JSON.readTree(plugin.resolve(".claude-plugin/plugin.json").toFile());
    JsonNode servers = World.JSON.readTree(plugin.resolve(".mcp.json").toFile());
    JsonNode hooks = World.JSON.readTree(plugin.resolve("hooks/hooks.json").toFile());

    assertThat(manifest.get("name").asText()).isEqualTo("peers");
    assertThat(manifest.get("version").asText()).doesNotContain("$");
    String command = servers.at("/mcpServers/claude-peers/command").asText();
    assertThat(Path.of(command.replace("${CLAUDE_PLUGIN_ROOT}", plugin.toString()))).isExecutable();
    assertThat(hooks.get("hooks")).isEqualTo(ClaudeSettings.hooks("plugin:peers:claude-peers"));
  }
}
