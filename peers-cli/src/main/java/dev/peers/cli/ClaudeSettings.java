package dev.peers.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.List;

/**
 * What Claude Code's settings say of Peers: that its tools may be used unasked, and the hooks that
 * bring mail to a session which has not loaded the channel.
 */
final class ClaudeSettings extends JsonConfigEdit {
  static final List<String> EVENTS = List.of("UserPromptSubmit", "PostToolUse", "Stop");

  private static final List<String> ALLOW = List.of("permissions", "allow");
  private static final JsonNode PERMISSION = TextNode.valueOf("mcp__" + ServerEntry.NAME);

  @Override
  JsonText add(JsonText text) throws UnreadableConfig {
    JsonText edited = text;
    if (indexOf(edited.at(ALLOW), PERMISSION) < 0) {
      edited = edited.append(ALLOW, PERMISSION);
    }
    for (String event : EVENTS) {
      List<String> ours = find(edited.tree(), event);
      edited =
          ours.isEmpty()
              ? edited.append(List.of("hooks", event), group(event))
              : edited.with(ours, handler(event, ServerEntry.NAME));
    }
    return edited;
  }

  @Override
  JsonText take(JsonText text, JsonNode former) throws UnreadableConfig {
    JsonText edited = text;
    int permission = indexOf(edited.at(ALLOW), PERMISSION);
    if (permission >= 0) {
      edited = edited.without(List.of(ALLOW.get(0), ALLOW.get(1), Integer.toString(permission)));
      edited = prune(edited, former, ALLOW);
    }
    for (String event : EVENTS) {
      for (List<String> ours = find(edited.tree(), event);
          !ours.isEmpty();
          ours = find(edited.tree(), event)) {
        boolean alone = edited.at(ours.subList(0, 4)).size() == 1;
        edited = edited.without(alone ? ours.subList(0, 3) : ours);
        edited = prune(edited, former, List.of("hooks", event));
      }
    }
    return edited;
  }

  @Override
  void strip(ObjectNode tree) {
    JsonNode allow = tree.path(ALLOW.get(0)).path(ALLOW.get(1));
    if (allow instanceof ArrayNode array) {
      for (int i = indexOf(array, PERMISSION); i >= 0; i = indexOf(array, PERMISSION)) {
        array.remove(i);
      }
    }
    prune(tree, ALLOW);
    for (String event : EVENTS) {
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
  static ObjectNode hooks(String server) {
    ObjectNode hooks = JsonNodeFactory.instance.objectNode();
    EVENTS.forEach(event -> hooks.putArray(event).add(group(event, server)));
    return hooks;
  }

  private static ObjectNode group(String event) {
    return group(event, ServerEntry.NAME);
  }

  private static ObjectNode group(String event, String server) {
    ObjectNode group = JsonNodeFactory.instance.objectNode();
    if (event.equals("PostToolUse")) {
      group.put("matcher", "*");
    }
    group.putArray("hooks").add(handler(event, server));
    return group;
  }

  private static ObjectNode handler(String event, String server) {
    ObjectNode handler = JsonNodeFactory.instance.objectNode();
    handler.put("type", "mcp_tool").put("server", server).put("tool", "hook_mail");
    ObjectNode input = handler.putObject("input").put("event", event);
    if (event.equals("Stop")) {
      // Claude Code puts the value of its own field here.
      input.put("stopHookActive", "${stop_hook_active}");
    }
    return handler;
  }

  /** The path of our handler for an event, empty if there is none. */
  private static List<String> find(JsonNode tree, String event) {
    JsonNode groups = tree.path("hooks").path(event);
    for (int group = 0; group < groups.size(); group++) {
      JsonNode handlers = groups.path(group).path("hooks");
      for (int i = 0; i < handlers.size(); i++) {
        if (isOurs(handlers.path(i))) {
          return List.of("hooks", event, Integer.toString(group), "hooks", Integer.toString(i));
        }
      }
    }
    return List.of();
  }

  private static boolean isOurs(JsonNode handler) {
    return handler.path("server").asText().equals(ServerEntry.NAME);
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
