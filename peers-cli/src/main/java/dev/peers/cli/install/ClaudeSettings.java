package dev.peers.cli.install;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.peers.cli.edit.ConfigChange;
import dev.peers.cli.edit.ConfigFile;
import dev.peers.cli.edit.JsonConfigEdit;
import dev.peers.cli.edit.JsonDocument;
import dev.peers.cli.edit.JsonSyntax;
import dev.peers.cli.edit.UnreadableConfig;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What Claude Code's settings say of Peers: that its tools may be used unasked, the hooks that
 * bring mail to a session which has not loaded the channel, and, for those who want them, the hooks
 * that wake a session which does nothing.
 */
public final class ClaudeSettings extends JsonConfigEdit {
  /** The first tells whose call of a tool of ours follows: the main agent's or a sub-agent's. */
  static final List<String> EVENTS =
      List.of("PreToolUse", "UserPromptSubmit", "PostToolUse", "Stop");

  /** After these a session waits for its user. */
  static final List<String> WAKING = List.of("SessionStart", "Stop");

  private static final List<String> ALL =
      Stream.concat(EVENTS.stream(), WAKING.stream()).distinct().toList();

  /** Longer than the program itself waits. */
  private static final int WAKE_SECONDS = 86_400;

  /** The starts of a session, but for what goes on in the middle of a turn. */
  private static final String STARTS = "startup|resume|clear|fork";

  /** The same before sessions could be forked. */
  private static final String FORMER_STARTS = "startup|resume|clear";

  private static final List<String> ALLOW = List.of("permissions", "allow");
  private static final JsonNode PERMISSION = TextNode.valueOf("mcp__" + ServerEntry.NAME);

  /** How a file that many share names the program that waits for mail. */
  public static final String WAKE_ON_PATH = "peers-wake";

  private final @Nullable Path wake;

  /**
   * Makes an edit.
   *
   * @param wake the program that waits for mail, for the hooks that wake a session; null for none
   */
  ClaudeSettings(@Nullable Path wake) {
    super(JsonSyntax.PLAIN);
    this.wake = wake;
  }

  /** Whether a file has hooks that wake a session. */
  static boolean wakes(ConfigFile file) {
    String text = file.read();
    try {
      JsonNode tree =
          text == null ? null : JsonDocument.parse(ConfigChange.withoutMark(text)).tree();
      return tree != null
          && WAKING.stream()
              .anyMatch(event -> !find(tree, event, ClaudeSettings::isWaking).isEmpty());
    } catch (UnreadableConfig e) {
      return false;
    }
  }

  @Override
  protected JsonDocument add(JsonDocument text) throws UnreadableConfig {
    JsonDocument edited = text;
    if (indexOf(edited.at(ALLOW), PERMISSION) < 0) {
      edited = edited.append(ALLOW, PERMISSION);
    }
    for (String event : EVENTS) {
      edited = add(edited, event, ClaudeSettings::isMail, handler(event, ServerEntry.NAME));
    }
    if (wake != null) {
      for (String event : WAKING) {
        edited = add(edited, event, ClaudeSettings::isWaking, waking(wake));
      }
    }
    return edited;
  }

  private static JsonDocument add(
      JsonDocument text, String event, Predicate<JsonNode> ours, ObjectNode handler)
      throws UnreadableConfig {
    List<String> present = find(text.tree(), event, ours);
    if (present.isEmpty()) {
      return text.append(List.of("hooks", event), group(event, ServerEntry.NAME, handler));
    }
    JsonDocument edited = text.with(present, handler);
    List<String> matcher = List.of("hooks", event, present.get(2), "matcher");
    boolean alone = edited.at(present.subList(0, 4)).size() == 1;
    // What the user has written there stays.
    return alone && edited.at(matcher).asText().equals(FORMER_STARTS)
        ? edited.with(matcher, TextNode.valueOf(STARTS))
        : edited;
  }

  @Override
  protected JsonDocument take(JsonDocument text, JsonNode former) throws UnreadableConfig {
    JsonDocument edited = text;
    int permission = indexOf(edited.at(ALLOW), PERMISSION);
    boolean foreign = indexOf(former.path(ALLOW.get(0)).path(ALLOW.get(1)), PERMISSION) >= 0;
    if (permission >= 0 && !foreign) {
      edited = edited.without(List.of(ALLOW.get(0), ALLOW.get(1), Integer.toString(permission)));
      edited = prune(edited, former, ALLOW);
    }
    for (String event : ALL) {
      for (List<String> ours = find(edited.tree(), event, ClaudeSettings::isOurs);
          !ours.isEmpty();
          ours = find(edited.tree(), event, ClaudeSettings::isOurs)) {
        boolean alone = edited.at(ours.subList(0, 4)).size() == 1;
        edited = edited.without(alone ? ours.subList(0, 3) : ours);
        edited = prune(edited, former, List.of("hooks", event));
      }
    }
    return edited;
  }

  @Override
  protected boolean isInstalled(JsonNode tree) {
    return ALL.stream().anyMatch(event -> !find(tree, event, ClaudeSettings::isOurs).isEmpty());
  }

  @Override
  protected JsonNode added() {
    ArrayNode added = JsonNodeFactory.instance.arrayNode().add(PERMISSION);
    EVENTS.forEach(
        event -> added.add(group(event, ServerEntry.NAME, handler(event, ServerEntry.NAME))));
    if (wake != null) {
      WAKING.forEach(event -> added.add(group(event, ServerEntry.NAME, waking(wake))));
    }
    return added;
  }

  /** The one that waits for mail; the other hooks name none. */
  @Override
  protected Optional<String> program(JsonNode tree) {
    return WAKING.stream()
        .map(event -> find(tree, event, ClaudeSettings::isWaking))
        .filter(path -> !path.isEmpty())
        .map(path -> tree.at("/" + String.join("/", path)).path("command").asText())
        .map(ClaudeSettings::programOf)
        .findFirst();
  }

  private static String programOf(String command) {
    return command.endsWith("exec " + WAKE_ON_PATH)
        ? WAKE_ON_PATH
        : command.replaceFirst("^(exec )?'?", "").replaceFirst("'$", "").replace("'\\''", "'");
  }

  @Override
  protected void strip(ObjectNode tree) {
    JsonNode allow = tree.path(ALLOW.get(0)).path(ALLOW.get(1));
    if (allow instanceof ArrayNode array) {
      for (int i = indexOf(array, PERMISSION); i >= 0; i = indexOf(array, PERMISSION)) {
        array.remove(i);
      }
    }
    prune(tree, ALLOW);
    for (String event : ALL) {
      if (tree.path("hooks").path(event) instanceof ArrayNode groups) {
        for (int i = groups.size() - 1; i >= 0; i--) {
          if (groups.get(i).path("hooks") instanceof ArrayNode handlers) {
            int before = handlers.size();
            handlers.removeIf(ClaudeSettings::isOurs);
            if (before > 0 && handlers.isEmpty()) {
              groups.remove(i);
            }
          }
        }
      }
      prune(tree, List.of("hooks", event));
    }
  }

  /** The hooks as a plugin declares them, whose server has a longer name. */
  public static ObjectNode hooks(String server) {
    ObjectNode hooks = JsonNodeFactory.instance.objectNode();
    EVENTS.forEach(
        event -> hooks.putArray(event).add(group(event, server, handler(event, server))));
    return hooks;
  }

  private static ObjectNode group(String event, String server, ObjectNode handler) {
    ObjectNode group = JsonNodeFactory.instance.objectNode();
    switch (event) {
      case "PreToolUse" -> group.put("matcher", "mcp__" + server.replace(':', '_') + "__.*");
      case "PostToolUse" -> group.put("matcher", "*");
      case "SessionStart" -> group.put("matcher", STARTS);
      default -> {}
    }
    group.putArray("hooks").add(handler);
    return group;
  }

  private static ObjectNode handler(String event, String server) {
    ObjectNode handler = JsonNodeFactory.instance.objectNode();
    handler.put("type", "mcp_tool").put("server", server).put("tool", "hook_mail");
    // Claude Code puts the values of its own fields in.
    ObjectNode input = handler.putObject("input").put("event", event);
    input.put("session_id", "${session_id}").put("agentId", "${agent_id}");
    switch (event) {
      case "PreToolUse" -> input.put("toolUseId", "${tool_use_id}");
      case "Stop" -> input.put("stopHookActive", "${stop_hook_active}");
      default -> {}
    }
    return handler;
  }

  private static ObjectNode waking(Path program) {
    // Who has no Peers shall not see an error at each start of a session.
    String command =
        program.isAbsolute()
            ? "exec '" + program.toString().replace("'", "'\\''") + "'"
            : "command -v " + program + " >/dev/null 2>&1 || exit 0; exec " + program;
    return JsonNodeFactory.instance
        .objectNode()
        .put("type", "command")
        .put("command", command)
        .put("asyncRewake", true)
        .put("timeout", WAKE_SECONDS);
  }

  /** The path of our handler for an event, empty if there is none. */
  private static List<String> find(JsonNode tree, String event, Predicate<JsonNode> ours) {
    JsonNode groups = tree.path("hooks").path(event);
    for (int group = 0; group < groups.size(); group++) {
      JsonNode handlers = groups.path(group).path("hooks");
      for (int i = 0; i < handlers.size(); i++) {
        if (ours.test(handlers.path(i))) {
          return List.of("hooks", event, Integer.toString(group), "hooks", Integer.toString(i));
        }
      }
    }
    return List.of();
  }

  private static boolean isOurs(JsonNode handler) {
    return isMail(handler) || isWaking(handler);
  }

  private static boolean isMail(JsonNode handler) {
    return handler.path("server").asText().equals(ServerEntry.NAME);
  }

  /** Wherever the program is, or was before it was moved. */
  private static boolean isWaking(JsonNode handler) {
    return handler.path("asyncRewake").asBoolean()
        && handler.path("command").asText().matches("(?:.*[/ ])?peers-wake'?");
  }

  private static int indexOf(JsonNode array, JsonNode item) {
    for (int i = 0; i < array.size(); i++) {
      if (item.equals(array.get(i))) {
        return i;
      }
    }
    return -1;
  }
}
