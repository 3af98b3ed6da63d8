package dev.peers.cli;

import com.fasterxml.jackson.databind.node.TextNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The MCP server in Codex's configuration: a table, and one for its environment. */
final class CodexTables implements ConfigEdit {
  private static final List<String> TABLE = List.of("mcp_servers", ServerEntry.NAME);

  private final Map<String, String> values;
  private final Map<String, String> variables;

  /**
   * Makes an edit.
   *
   * @param command what starts the server, and its arguments
   * @param variables what to set in its environment, because Codex passes next to nothing on
   */
  CodexTables(List<String> command, Map<String, String> variables) {
    values = new TreeMap<>();
    values.put("command", quoted(command.get(0)));
    values.put(
        "args",
        command.stream()
            .skip(1)
            .map(CodexTables::quoted)
            .collect(Collectors.joining(", ", "[", "]")));
    this.variables = new TreeMap<>(variables);
  }

  @Override
  public String installed(String text) throws UnreadableConfig {
    TomlText before = TomlText.parse(text);
    refuseOtherForms(before);
    TomlText after = before;
    if (before.has(TABLE)) {
      for (var value : values.entrySet()) {
        after = after.with(TABLE, value.getKey(), value.getValue());
      }
    } else {
      List<String> lines = new ArrayList<>();
      lines.add("[mcp_servers." + ServerEntry.NAME + "]");
      lines.add("command = " + values.get("command"));
      lines.add("args = " + values.get("args"));
      List<String> environment = List.of("mcp_servers", ServerEntry.NAME, "env");
      if (!variables.isEmpty() && !before.has(environment)) {
        lines.add("");
        lines.add("[mcp_servers." + ServerEntry.NAME + ".env]");
        variables.forEach((name, value) -> lines.add(name + " = " + quoted(value)));
      }
      after = before.append(lines);
    }
    return verified(before, after);
  }

  @Override
  public String removed(String text, String former) throws UnreadableConfig {
    TomlText before = TomlText.parse(text);
    refuseOtherForms(before);
    return verified(before, before.without(TABLE));
  }

  @Override
  public Optional<String> program(String text) throws UnreadableConfig {
    return TomlText.parse(text).string(TABLE, "command");
  }

  private static String verified(TomlText before, TomlText after) throws UnreadableConfig {
    if (!before.others(TABLE).equals(after.others(TABLE))) {
      throw new UnreadableConfig("it is written in a way that cannot be edited safely");
    }
    return after.text();
  }

  private static void refuseOtherForms(TomlText text) throws UnreadableConfig {
    @Nullable String form = text.otherFormOf(TABLE);
    if (form != null) {
      throw new UnreadableConfig(form + "; write it as tables, [mcp_servers.NAME], and try again");
    }
  }

  /** JSON's strings are TOML's, but for one character. */
  private static String quoted(String value) {
    return TextNode.valueOf(value).toString().replace("\u007f", "\\u007F");
  }
}
