package dev.peers.cli.install;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peers.cli.edit.ConfigChange;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What decides in place of the files that Peers writes. */
class AgentObstaclesTest {
  private static final String OURS = AgentHome.OPT.resolve("peers-mcp").toString();

  @TempDir Path directory;
  private AgentHome home;
  private Path managed;

  @BeforeEach
  void makeHome() throws IOException {
    home = new AgentHome(directory);
    managed = Files.createDirectories(directory.resolve("managed"));
    home.environment.put(
        "GEMINI_CLI_SYSTEM_SETTINGS_PATH", managed.resolve("gemini.json").toString());
  }

  @Test
  void nothingIsInTheWayOfAFreshInstallation() {
    for (Agent agent : Agent.values()) {
      home.install(agent);
    }

    assertThat(claude()).isEmpty();
    assertThat(codex()).isEmpty();
    assertThat(gemini()).isEmpty();
    assertThat(cursor()).isEmpty();
  }

  @Test
  void anEntryInLocalScopeDecides() {
    String bun = "{\"mcpServers\": {\"claude-peers\": {\"command\": \"bun\"}}}";
    home.write(".claude.json", "{\"projects\": {\"" + home.project + "\": " + bun + "}}");

    assertThat(claude())
        .singleElement()
        .satisfies(
            found -> {
              assertThat(found.message())
                  .startsWith(home.file(".claude.json") + " decides in " + home.project)
                  .contains("local scope", "'bun'");
              assertThat(found.fix()).contains("claude mcp remove claude-peers -s local");
            });

    home.write(".claude.json", "{\"projects\": {\"/a\": %s, \"/b\": %s}}".formatted(bun, bun));
    assertThat(claude()).singleElement().extracting(Obstacle::what).asString().contains("/a, /b");

    String ours = bun.replace("bun", OURS);
    home.write(".claude.json", "{\"projects\": {\"" + home.project + "\": " + ours + "}}");
    assertThat(claude()).isEmpty();
  }

  @Test
  void theRootOfARepositoryIsTheProject() throws IOException {
    Files.createDirectories(home.project.resolve(".git"));
    Path within = Files.createDirectories(home.project.resolve("a/b"));
    home.write(
        ".claude.json",
        "{\"projects\": {\"" + home.project + "\": {\"disabledMcpServers\": [\"claude-peers\"]}}}");

    Agent.Place place = new Agent.Place(home.environment, home.home, within, false);

    assertThat(new ClaudeObstacles(place, Set.of(OURS), managed).find())
        .singleElement()
        .extracting(Obstacle::what)
        .asString()
        .contains("switches the server off in " + home.project, "disabledMcpServers");
  }

  @Test
  void settingsOfEveryScopeOfClaudeCodeAreRead() throws IOException {
    List<Path> files =
        List.of(
            managed.resolve("managed-settings.json"),
            managed.resolve("managed-settings.d/10.json"),
            home.file(".claude/settings.json"),
            home.project.resolve(".claude/settings.json"),
            home.project.resolve(".claude/settings.local.json"));
    for (Path file : files) {
      Files.createDirectories(file.getParent());
      claudeIs(file, "{\"permissions\": {\"deny\": [\"Bash\", \"mcp__claude-peers\"]}}", "denies");
      claudeIs(file, "{\"permissions\": {\"deny\": [\"mcp__claude-peers__whoami\"]}}", "whoami");
      claudeIs(file, "{\"permissions\": {\"ask\": [\"mcp__*\"]}}", "ask before each use");
      claudeIs(file, "// mine\n{\"disableAllHooks\": true,}", "disableAllHooks");
      claudeIs(file, "{\"deniedMcpServers\": [{\"serverName\": \"claude-peers\"}]}", "denies the");
      claudeIs(file, "{\"allowedMcpServers\": []}", "allows only servers");
      Files.writeString(
          file, "{\"allowedMcpServers\": [{\"serverCommand\": [\"%s\"]}]}".formatted(OURS));
      assertThat(claude()).isEmpty();
      Files.delete(file);
    }
    claudeIs(files.get(0), "{\"allowManagedHooksOnly\": true}", "allowManagedHooksOnly");
    Files.delete(files.get(0));
    claudeIs(managed.resolve("managed-mcp.json"), "{\"mcpServers\": {}}", "is not among them");
  }

  @Test
  void aServerOfTheProjectThatWasRefusedIsNamed() throws IOException {
    Files.writeString(
        home.project.resolve(".mcp.json"),
        "{\"mcpServers\": {\"claude-peers\": {\"command\": \"peers-mcp\"}}}");
    assertThat(claude()).isEmpty();
    home.write(
        ".claude.json",
        "{\"projects\": {\""
            + home.project
            + "\": {\"disabledMcpjsonServers\": [\"claude-peers\"]}}}");
    assertThat(claude()).singleElement().extracting(Obstacle::what).asString().contains("refuses");
    Files.writeString(
        home.project.resolve(".mcp.json"),
        "{\"mcpServers\": {\"claude-peers\": {\"url\": \"https://x\"}}}");
    assertThat(claude().get(1).message())
        .startsWith(home.project.resolve(".mcp.json") + " decides in this project")
        .endsWith("it starts an address");
  }

  @Test
  void codexIsSwitchedOffOrKeptFromStarting() throws IOException {
    home.install(Agent.CODEX);
    String installed = home.read(".codex/config.toml");
    home.write(".codex/config.toml", installed + "enabled = false\n");
    assertThat(codex()).singleElement().extracting(Obstacle::what).asString().contains("off");

    home.write(".codex/config.toml", installed + "enabled_tools = []\n");
    assertThat(codex()).singleElement().extracting(Obstacle::what).asString().contains("hides");

    home.write(".codex/config.toml", installed);
    String tools = "[mcp_servers.claude-peers.tools.whoami]\napproval_mode = 'auto'\n";
    Path profile = home.write(".codex/work.config.toml", tools);
    assertThat(codex()).isEmpty();
    Files.writeString(profile, "[mcp_servers.claude-peers]\nurl = 'https://x'\n");
    assertThat(codex().get(0).message())
        .startsWith(profile + " keeps Codex from starting with 'codex -p work'");
    Files.writeString(profile, tools);
    Files.delete(home.file(".codex/config.toml"));
    assertThat(codex().get(0).message()).contains("no command");
    Files.delete(profile);

    Files.writeString(
        managed.resolve("requirements.toml"), "[mcp_servers.docs.identity]\ncommand = 'd'\n");
    assertThat(codex().get(0).what()).contains("allows only servers");
  }

  @Test
  void theProjectDecidesInCodexIfItIsTrusted() throws IOException {
    home.install(Agent.CODEX);
    Path file = Files.createDirectories(home.project.resolve(".codex")).resolve("config.toml");
    Files.writeString(file, "[mcp_servers.claude-peers]\ncommand = 'bun'\n");
    assertThat(codex()).isEmpty();

    home.write(
        ".codex/config.toml",
        home.read(".codex/config.toml")
            + "\n[projects.\""
            + home.project
            + "\"]\ntrust_level = \"trusted\"\n");

    assertThat(codex().get(0).message())
        .startsWith(file + " decides in this project")
        .contains("bun");
  }

  @Test
  void whatSettingsLeaveBehindDoesNotKeepCodexFromStarting() throws IOException {
    home.install(Agent.CODEX);
    String tools = "[mcp_servers.claude-peers.tools.whoami]\napproval_mode = 'auto'\n";
    String text = "model = 'x'\n\n" + tools;
    Path profile = home.write(".codex/work.config.toml", text);
    Path other = home.write(".codex/other.config.toml", "model = 'y'\n");
    List<ConfigChange> changes =
        CodexRemains.changes(
            home.place(false),
            home.removal(Agent.CODEX, AgentHome.OPT).get(0),
            home.registrations(Agent.CODEX, AgentHome.OPT, false).get(0).edit());

    AgentHome.apply(changes);

    assertThat(profile).content().isEqualTo("model = 'x'\n");
    assertThat(AgentHome.backup(profile)).content().isEqualTo(text);
    assertThat(other).content().isEqualTo("model = 'y'\n");
    assertThat(AgentHome.backup(other)).doesNotExist();
  }

  @Test
  void listsSwitchesAndTrustOfGemini() throws IOException {
    for (Path file :
        List.of(
            home.file(".gemini/settings.json"),
            home.project.resolve(".gemini/settings.json"),
            managed.resolve("gemini.json"))) {
      Files.createDirectories(file.getParent());
      geminiIs(file, "{\"mcp\": {\"excluded\": [\"claude-peers\"]}}", "excludes");
      geminiIs(file, "{\"mcp\": {\"allowed\": [\"docs\"]}}", "allows only");
      geminiIs(file, "{\"excludeMCPServers\": [\"claude-peers\"]}", "excludes");
      Files.writeString(file, "{\"mcp\": {\"allowed\": [\"claude-peers\"]}}");
      assertThat(gemini()).isEmpty();
      Files.delete(file);
    }
    geminiIs(
        home.file(".gemini/mcp-server-enablement.json"),
        "{\"claude-peers\": {\"enabled\": false}}",
        "switches the server off");
    Files.delete(home.file(".gemini/mcp-server-enablement.json"));
    geminiIs(
        home.file(".gemini/trustedFolders.json"),
        "{\"" + home.project + "\": \"DO_NOT_TRUST\"}",
        "is not trusted");
  }

  @Test
  void rulesAndProjectsOfCursor() throws IOException {
    Path file = Files.createDirectories(home.project.resolve(".cursor")).resolve("mcp.json");
    Files.writeString(file, "{\"mcpServers\": {\"claude-peers\": {\"command\": \"bun\"}}}");
    assertThat(cursor().get(0).message()).startsWith(file + " decides in this project");
    Files.delete(file);
    home.write(
        ".cursor/cli-config.json", "{\"permissions\": {\"deny\": [\"Mcp(claude-peers:*)\"]}}");
    assertThat(cursor().get(0).what()).contains("denies");
  }

  private void claudeIs(Path file, String text, String what) throws IOException {
    Files.writeString(file, text);
    is(claude(), file, what);
  }

  private void geminiIs(Path file, String text, String what) throws IOException {
    Files.writeString(file, text);
    is(gemini(), file, what);
  }

  private static void is(List<Obstacle> found, Path file, String what) {
    assertThat(found)
        .singleElement()
        .extracting(Obstacle::message)
        .asString()
        .startsWith(file + " ")
        .contains(what);
  }

  private List<Obstacle> claude() {
    return new ClaudeObstacles(home.place(false), programs(), managed).find();
  }

  private List<Obstacle> codex() {
    return new CodexObstacles(home.place(false), programs(), managed).find();
  }

  private List<Obstacle> gemini() {
    return new GeminiObstacles(home.place(false), programs()).find();
  }

  private List<Obstacle> cursor() {
    return new CursorObstacles(home.place(false), programs()).find();
  }

  private static Set<String> programs() {
    return Set.of(OURS, "peers-mcp");
  }
}
