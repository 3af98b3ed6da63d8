package dev.peers.cli.install;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peers.cli.edit.ConfigChange;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a user is shown of a change, and, above all, what not. */
class InstallDisplayTest {
  private static final Pattern WORD = Pattern.compile("[A-Za-z0-9_@./:-]{3,}");

  @TempDir Path directory;
  private AgentHome home;

  @BeforeEach
  void makeHome() {
    home = new AgentHome(directory);
  }

  @Test
  void showsWhatComesAndGoesAndNothingElse() {
    home.write(".cursor/mcp.json", "{\n  \"secret\": \"s3\",\n  \"mcpServers\": {\"a\": {}}\n}\n");

    assertThat(home.installation(Agent.CURSOR, AgentHome.OPT).get(0).lines())
        .containsExactly(
            "@@ mcpServers @@",
            "+\"claude-peers\": {",
            "+  \"type\": \"stdio\",",
            "+  \"command\": \"/opt/pe ers/bin/peers-mcp\",",
            "+  \"args\": []",
            "+}");

    home.install(Agent.CURSOR);

    assertThat(home.installation(Agent.CURSOR, Path.of("/new")).get(0).lines())
        .containsExactly(
            "@@ mcpServers.claude-peers @@",
            "-\"command\": \"/opt/pe ers/bin/peers-mcp\"",
            "+\"command\": \"/new/peers-mcp\"");
    assertThat(home.removal(Agent.CURSOR, AgentHome.OPT).get(0).lines())
        .startsWith("@@ mcpServers @@", "-\"claude-peers\": {")
        .hasSize(6);
  }

  @Test
  void showsTablesOfCodexInTheSameWay() {
    home.write(".codex/config.toml", "model = \"s3\" # s4\n");

    assertThat(home.installation(Agent.CODEX, AgentHome.OPT).get(0).lines())
        .containsExactly(
            "+[mcp_servers.claude-peers]",
            "+command = \"/opt/pe ers/bin/peers-mcp\"",
            "+args = []");

    home.install(Agent.CODEX);

    assertThat(home.installation(Agent.CODEX, Path.of("/new")).get(0).lines())
        .containsExactly(
            "@@ [mcp_servers.claude-peers] @@",
            "-command = \"/opt/pe ers/bin/peers-mcp\"",
            "+command = \"/new/peers-mcp\"");
  }

  /** Nothing that is only in the original is shown, whatever the file and the layout. */
  @Test
  void noWordOfWhatStaysIsEverShown() throws IOException {
    for (List<String> each : AgentFiles.all().toList()) {
      Agent agent = Agent.named(each.get(0).split(":")[0]).orElseThrow();
      String name = each.get(0).split(":")[1];
      Path file = home.write(name, each.get(1));

      List<ConfigChange> installation = home.installation(agent, AgentHome.OPT);
      revealsNothing(each.get(1), AgentHome.shown(installation));
      AgentHome.apply(installation);
      revealsNothing(each.get(1), AgentHome.shown(home.installation(agent, Path.of("/new"))));
      List<ConfigChange> removal = home.removal(agent, AgentHome.OPT);
      revealsNothing(each.get(1), AgentHome.shown(removal));
      AgentHome.apply(removal);
      Files.deleteIfExists(file);
    }
  }

  private static void revealsNothing(String original, String shown) {
    for (String word : WORD.matcher(original).results().map(MatchResult::group).toList()) {
      // Names that both have.
      if (!AGREED.contains(word)) {
        assertThat(shown).as(original).doesNotContain(word);
      }
    }
  }

  private static final List<String> AGREED =
      List.of(
          "mcpServers",
          "command",
          "args",
          "hooks",
          "permissions",
          "allow",
          "type",
          "matcher",
          "Stop",
          "PostToolUse",
          "mcp_servers.claude-peers",
          "mcp_servers.",
          "mcp_servers",
          "peers",
          "claude-peers");

  @Test
  void aLongFileIsShownInAsFewLinesAsAShortOne() {
    StringBuilder projects = new StringBuilder("{\n  \"userID\": \"s3cret\",\n  \"projects\": {\n");
    for (int i = 0; i < 20_000; i++) {
      projects.append("    \"/src/p%d\": {\"token\": \"s3cret%d\"},\n".formatted(i, i));
    }
    String text = projects.append("    \"/last\": {}\n  }\n}\n").toString();
    home.write(".claude.json", text);

    String shown = AgentHome.shown(home.installation(Agent.CLAUDE, AgentHome.OPT).subList(0, 1));

    assertThat(shown.lines()).hasSizeLessThan(20);
    assertThat(shown).doesNotContain("s3cret", "/src/p");
    home.install(Agent.CLAUDE);
    assertThat(AgentHome.shown(home.removal(Agent.CLAUDE, AgentHome.OPT)))
        .doesNotContain("s3cret", "/src/p");
    home.uninstall(Agent.CLAUDE);
    assertThat(home.file(".claude.json")).content().isEqualTo(text);
  }

  @Test
  void ofALongLineOnlyOursIsShown() {
    home.write(
        ".claude.json",
        "{\"oauthAccount\":{\"emailAddress\":\"ada@example.org\"},\"mcpServers\":{\"x\":{\"env\":"
            + "{\"KEY\":\"s3cret\"}},\"claude-peers\":{\"command\":\"bun\",\"env\":{\"A\":\"s3cret\"}}}}");

    String shown = AgentHome.shown(home.installation(Agent.CLAUDE, AgentHome.OPT).subList(0, 1));

    assertThat(shown).contains("-\"command\": \"bun\"").doesNotContain("s3cret", "ada@", "KEY");
  }

  @Test
  void whatGoesIsNamedButItsSecretsAreNot() {
    String entry =
        "{\"mcpServers\": {\"claude-peers\": {\"type\": \"http\", \"url\":"
            + " \"https://x/?key=s3cret\", \"headers\": {\"Authorization\": \"Bearer s3cret\"}}}}\n";
    for (String name : List.of(".claude.json", ".gemini/settings.json", ".cursor/mcp.json")) {
      home.write(name, entry);
    }
    home.write(
        ".codex/config.toml",
        "[mcp_servers.claude-peers]\nurl = \"https://x/?key=s3cret\"\n"
            + "http_headers = { Authorization = \"Bearer s3cret\" }\n");

    for (Agent agent : List.of(Agent.CLAUDE, Agent.GEMINI, Agent.CURSOR, Agent.CODEX)) {
      List<ConfigChange> installation = home.installation(agent, AgentHome.OPT);
      assertThat(AgentHome.shown(installation))
          .containsPattern("-\"?url\"?(: \"|.= )…")
          .doesNotContain("s3cret");
      AgentHome.apply(installation);
      assertThat(AgentHome.shown(home.removal(agent, AgentHome.OPT)))
          .containsPattern("\\+ *\"?url\"?(: \"|.= )…")
          .doesNotContain("s3cret");
    }
  }
}
