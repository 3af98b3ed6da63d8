package dev.peers.cli.install;

import dev.peers.cli.edit.JsonSyntax;
import dev.peers.cli.edit.UnreadableConfig;
import java.util.List;
import java.util.stream.Stream;

/** Configurations of agents, as they come in homes. */
final class AgentFiles {
  private AgentFiles() {}

  /** Those that say something. */
  static Stream<List<String>> full() {
    return all().filter(file -> file.get(1).length() > 100);
  }

  /** Files as the agents and their users write them: of each the agent, its file and the text. */
  static Stream<List<String>> all() {
    String claude =
        """
        {
          "numStartups": 412,
          "theme": "dark",
          "mcpServers": {
            "github": {
              "type": "http",
              "url": "https://example.org/mcp/"
            }
          },
          "projects": {"/src/a": {"allowedTools": [], "history": [{"display": "}{ \\" // no"}]}},
          "big": 12345678901234567890.123
        }
        """;
    String settings =
        """
        // My settings
        {
          "permissions": {
            "allow": ["Bash(ls:*)", "WebFetch"], /* more to come */
            "deny": []
          },
          "hooks": {
            "Stop": [
              {
                "hooks": [
                  { "type": "command", "command": "say done" },
                ],
              }, // mine
            ],
            "PostToolUse": [{"matcher": "Edit", "hooks": [{"type": "command", "command": "fmt"}]}]
          },
          "model": "opus" // the best
        }""";
    String plain =
        settings.replaceAll("(?m) *//.*$| */\\*.*?\\*/", "").replaceAll(",(\\s*[]}])", "$1");
    String codex =
        """
        # Codex
        model = "gpt-5"  # comment
        notify = [
          "sh", # [mcp_servers.claude-peers]
          "-c",
        ]
        instructions = \"""
        [mcp_servers.claude-peers]
        command = "no"
        \"""

        [mcp_servers."docs"]
        command = 'npx'
        args = ["-y", "docs]"]

        [[profiles.list]]
        name = "a"

        [[profiles.list]]
        name = "b"
        """;
    Stream<List<String>> json =
        Stream.of(
                "claude:.claude.json",
                "gemini:.gemini/settings.json",
                "cursor:.cursor/mcp.json",
                "vscode:../project/.vscode/mcp.json")
            .flatMap(
                where ->
                    Stream.of(
                            claude,
                            claude.replace("  ", "\t"),
                            claude.replace("  ", "    "),
                            "",
                            "\n",
                            "{}",
                            "{ }\n",
                            "{\n}\n",
                            "{\"mcpServers\":{}}",
                            "{ \"a\": 1 }",
                            "{\"a\":[1,{\"b\":2}],}",
                            "{\n  // nothing yet\n}\n",
                            "{\n  \"a\": 1, // one\n  \"mcpServers\": {\n    // none\n  },\n}\n",
                            "{\n  \"mcpServers\": { \"x\": {\"command\": \"x\"} }\n}",
                            "{ \"a\": 1, // one\n  \"b\": 2 // two\n }")
                        .map(text -> List.of(where, text)));
    Stream<List<String>> others =
        Stream.of(
            List.of("claude:.claude/settings.json", plain),
            List.of("claude:.claude/settings.json", plain.replace("  ", "\t")),
            List.of("vscode:../project/.vscode/mcp.json", settings),
            List.of(
                "claude:.claude/settings.json", "{\"permissions\":{\"allow\":[]},\"hooks\":{}}"),
            List.of("codex:.codex/config.toml", codex),
            List.of("codex:.codex/config.toml", codex.stripTrailing()),
            List.of("codex:.codex/config.toml", codex + "\n\n# the end\n"),
            List.of("codex:.codex/config.toml", ""),
            List.of("codex:.codex/config.toml", "\n"),
            List.of("codex:.codex/config.toml", "# only a comment"));
    return Stream.concat(json, others)
        .filter(AgentFiles::isReadByItsAgent)
        .flatMap(
            file ->
                Stream.of(
                    file,
                    List.of(file.get(0), file.get(1).replace("\n", "\r\n")),
                    List.of(file.get(0), "\uFEFF" + file.get(1))));
  }

  private static boolean isReadByItsAgent(List<String> file) {
    String agent = file.get(0).substring(0, file.get(0).indexOf(':'));
    JsonSyntax syntax =
        switch (agent) {
          case "gemini" -> JsonSyntax.COMMENTS;
          case "vscode" -> JsonSyntax.LENIENT;
          default -> JsonSyntax.PLAIN;
        };
    try {
      return agent.equals("codex") || file.get(1).isBlank() || syntax.read(file.get(1)).isObject();
    } catch (UnreadableConfig e) {
      return false;
    }
  }
}
