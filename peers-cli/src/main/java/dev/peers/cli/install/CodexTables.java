package dev.peers.cli.install;

import com.fasterxml.jackson.databind.node.TextNode;
import dev.peers.cli.edit.ConfigEdit;
import dev.peers.cli.edit.Edited;
import dev.peers.cli.edit.TomlDocument;
import dev.peers.cli.edit.UnreadableConfig;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The MCP server in Codex's configuration: a table, and one for its environment. */
final class CodexTables implements ConfigEdit {
  static final List<String> TABLE = List.of("mcp_servers", ServerEntry.NAME);

  private static final String PASSED = "env_vars";
  private static final Set<List<String>> ALWAYS = Set.of(List.of("command"), List.of("args"));

  /** What Codex refuses to read beside a command. */
  private static final Set<String> OF_REMOTE_SERVERS =
      Set.of(
          "url",
          "bearer_token",
          "bearer_token_env_var",
          "http_headers",
          "env_http_headers",
          "auth",
          "oauth",
          "oauth_resource",
          "client_id",
          "client_secret_env_var");

  private final Map<String, String> values;
  private final Map<String, String> variables;

  /**
   * Makes an edit.
   *
   * @param command what starts the server, and its arguments
   * @param variables what to set in its environment, because Codex passes next to nothing on
   * @param passed the variables that Codex is to pass on; set only when the entry is made
   */
  CodexTables(List<String> command, Map<String, String> variables, Collection<String> passed) {
    values = new LinkedHashMap<>();
    values.put("command", quoted(command.get(0)));
    values.put("args", array(command.subList(1, command.size())));
    if (!passed.isEmpty()) {
      values.put(PASSED, array(passed));
    }
    this.variables = new TreeMap<>(variables);
  }

  @Override
  public Edited installed(String text) throws UnreadableConfig {
    TomlDocument before = TomlDocument.parse(text);
    refuseObstacles(before);
    TomlDocument after = before;
    for (String remote : OF_REMOTE_SERVERS) {
      after = after.without(within(remote));
    }
    // Not of an entry that has a command already: its variables are for the user to change.
    List<String> environment =
        before.members(TABLE).containsKey(List.of("command")) || has(before, "env")
            ? List.of()
            : environment();
    if (after.has(TABLE)) {
      for (var value : values.entrySet()) {
        // Which variables are passed on is for the user to say.
        boolean said = value.getKey().equals(PASSED) && has(after, PASSED);
        after = said ? after : after.with(TABLE, value.getKey(), value.getValue());
      }
      return verified(before, environment.isEmpty() ? after : after.append(environment));
    }
    Map<List<String>, String> members = new LinkedHashMap<>();
    values.forEach((name, value) -> members.put(List.of(name), value));
    after
        .membersWithoutHeader(TABLE)
        .forEach(
            (name, value) -> {
              if (!OF_REMOTE_SERVERS.contains(name.get(0)) && !ALWAYS.contains(name)) {
                members.put(name, value);
              }
            });
    List<String> lines = lines(members);
    if (!environment.isEmpty()) {
      lines.add("");
      lines.addAll(environment);
    }
    return verified(before, after.withoutOtherForms(TABLE).append(lines));
  }

  /** Whether something is said of a key of the server, in whatever form. */
  private static boolean has(TomlDocument text, String name) throws UnreadableConfig {
    return text.members(TABLE).keySet().stream().anyMatch(key -> key.get(0).equals(name));
  }

  /** The table with the variables; no lines if there are none. */
  private List<String> environment() {
    List<String> lines = new ArrayList<>();
    if (!variables.isEmpty()) {
      lines.add("[" + dotted(within("env")) + "]");
      variables.forEach((name, value) -> lines.add(name + " = " + quoted(value)));
    }
    return lines;
  }

  private static List<String> within(String name) {
    return List.of(TABLE.get(0), TABLE.get(1), name);
  }

  private static List<String> lines(Map<List<String>, String> members) {
    List<String> lines = new ArrayList<>();
    lines.add("[" + dotted(TABLE) + "]");
    members.forEach((name, value) -> lines.add(dotted(name) + " = " + value));
    return lines;
  }

  private static String dotted(List<String> names) {
    return names.stream()
        .map(name -> name.matches("[A-Za-z0-9_-]+") ? name : quoted(name))
        .collect(Collectors.joining("."));
  }

  @Override
  public Edited removed(String text, @Nullable String former) throws UnreadableConfig {
    TomlDocument before = TomlDocument.parse(text);
    refuseObstacles(before);
    if (!isInstalled(text) && !isOrphaned(text)) {
      return new Edited(text, List.of());
    }
    TomlDocument after = before.without(TABLE);
    Map<List<String>, String> replaced =
        former == null ? Map.of() : TomlDocument.parse(former).members(TABLE);
    return verified(before, replaced.isEmpty() ? after : after.append(lines(replaced)));
  }

  @Override
  public boolean isInstalled(String text) throws UnreadableConfig {
    Map<List<String>, String> members = TomlDocument.parse(text).members(TABLE);
    String command = members.getOrDefault(List.of("command"), "");
    return ServerEntry.startsPeers(Stream.of(command, members.getOrDefault(List.of("args"), "")));
  }

  /**
   * Whether a text says something of the server, but not how to start it. Without another file that
   * does, Codex refuses to start.
   */
  static boolean isOrphaned(String text) throws UnreadableConfig {
    Map<List<String>, String> members = TomlDocument.parse(text).members(TABLE);
    return !members.isEmpty()
        && !members.containsKey(List.of("command"))
        && !members.containsKey(List.of("url"));
  }

  @Override
  public boolean isEmpty(String text) {
    return text.isBlank();
  }

  @Override
  public boolean isSame(String text, String other) {
    if (text.equals(other)) {
      return true;
    }
    try {
      TomlDocument one = TomlDocument.parse(text);
      TomlDocument two = TomlDocument.parse(other);
      // What was replaced comes back as one table, in whatever form it was written.
      return withoutSpace(one.without(TABLE).text()).equals(withoutSpace(two.without(TABLE).text()))
          && one.members(TABLE).equals(two.members(TABLE))
          && one.others(TABLE).equals(two.others(TABLE));
    } catch (UnreadableConfig e) {
      return false;
    }
  }

  private static String withoutSpace(String text) {
    return text.replaceAll("\\s", "");
  }

  @Override
  public Optional<String> program(String text) throws UnreadableConfig {
    return Optional.ofNullable(TomlDocument.parse(text).members(TABLE).get(List.of("command")))
        .flatMap(TomlDocument::string);
  }

  private Edited verified(TomlDocument before, TomlDocument after) throws UnreadableConfig {
    if (!before.others(TABLE).equals(after.others(TABLE))) {
      throw new UnreadableConfig("it is written in a way that cannot be edited safely");
    }
    Set<String> known = new HashSet<>(values.values());
    variables.values().forEach(value -> known.add(quoted(value)));
    List<String> lines = new ArrayList<>();
    after.changes().forEach(change -> change.show(known::contains, lines));
    return new Edited(after.text(), lines);
  }

  private static void refuseObstacles(TomlDocument text) throws UnreadableConfig {
    @Nullable String obstacle = text.obstacleTo(TABLE);
    if (obstacle != null) {
      throw new UnreadableConfig(
          obstacle + "; write it as tables, [mcp_servers.NAME], and try again");
    }
  }

  private static String array(Collection<String> values) {
    return values.stream().map(CodexTables::quoted).collect(Collectors.joining(", ", "[", "]"));
  }

  /** JSON's strings are TOML's, but for one character. */
  private static String quoted(String value) {
    return TextNode.valueOf(value).toString().replace("\u007f", "\\u007F");
  }
}
