package dev.peers.cli.edit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One edit of a JSON text.
 *
 * @param path where: the names of members, and the numbers of items, from the outermost object on
 * @param before the value that was there, null if there was none
 * @param after the value that is there now, null if there is none
 */
record JsonChange(List<String> path, @Nullable JsonNode before, @Nullable JsonNode after) {
  static final String HIDDEN = "…";

  /** Members whose value is never a secret. */
  private static final Set<String> OPEN = Set.of("command", "type");

  private static final JsonLayout LAYOUT = new JsonLayout("  ", "\n");

  JsonChange {
    path = List.copyOf(path);
  }

  /**
   * Adds the lines that show an edit: what was taken out after a minus sign, what was put in after
   * a plus sign. Nothing else of the text is shown, and of these no value that may be a secret.
   *
   * @param known the values that may be shown
   * @param lines where to add them
   */
  void show(Set<JsonNode> known, List<String> lines) {
    show(path, before, after, known, lines);
  }

  private static void show(
      List<String> path,
      @Nullable JsonNode before,
      @Nullable JsonNode after,
      Set<JsonNode> known,
      List<String> lines) {
    if (before instanceof ObjectNode old && after instanceof ObjectNode now) {
      Set<String> names = new LinkedHashSet<>();
      old.fieldNames().forEachRemaining(names::add);
      now.fieldNames().forEachRemaining(names::add);
      for (String name : names) {
        JsonNode was = old.get(name);
        if (was == null || !was.equals(now.get(name))) {
          List<String> inner = new ArrayList<>(path);
          inner.add(name);
          show(inner, was, now.get(name), known, lines);
        }
      }
      return;
    }
    boolean wasEmpty = before == null || (before.isContainerNode() && before.isEmpty());
    if (wasEmpty && after == null) {
      // What held ours and nothing else.
      return;
    }
    if (path.size() > 1) {
      String where = "@@ " + String.join(".", path.subList(0, path.size() - 1)) + " @@";
      if (!where.equals(lastHeader(lines))) {
        lines.add(where);
      }
    }
    show("-", path, before, known, lines);
    show("+", path, after, known, lines);
  }

  private static @Nullable String lastHeader(List<String> lines) {
    for (int i = lines.size() - 1; i >= 0; i--) {
      if (lines.get(i).startsWith("@@")) {
        return lines.get(i);
      }
    }
    return null;
  }

  private static void show(
      String sign,
      List<String> path,
      @Nullable JsonNode value,
      Set<JsonNode> known,
      List<String> lines) {
    if (value != null) {
      String name = path.get(path.size() - 1);
      boolean item = name.chars().allMatch(Character::isDigit);
      String text = LAYOUT.lines(open(name, value, known), "");
      ((item ? "" : JsonLayout.name(name)) + text).lines().forEach(line -> lines.add(sign + line));
    }
  }

  /** The value without what may be a secret. */
  private static JsonNode open(String name, JsonNode value, Set<JsonNode> known) {
    if (value instanceof ObjectNode object) {
      ObjectNode open = JsonNodeFactory.instance.objectNode();
      object
          .properties()
          .forEach(
              member -> open.set(member.getKey(), open(member.getKey(), member.getValue(), known)));
      return open;
    }
    if (value instanceof ArrayNode array) {
      ArrayNode open = JsonNodeFactory.instance.arrayNode();
      array.forEach(item -> open.add(open(name, item, known)));
      return open;
    }
    return OPEN.contains(name) || known.contains(value)
        ? value
        : JsonNodeFactory.instance.textNode(HIDDEN);
  }
}
