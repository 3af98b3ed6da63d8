package dev.peers.cli.edit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A JSON object as somebody wrote it, with comments, trailing commas and a layout of its own. An
 * edit gives a new text in which nothing else has changed. A path is the names of members, and the
 * numbers of items, from the outermost object on.
 */
public final class JsonDocument {
  private final JsonSyntax syntax;
  private final String text;
  private final JsonNode tree;
  private final JsonSpan root;
  private final List<JsonChange> changes;

  private JsonDocument(JsonSyntax syntax, String text, List<JsonChange> changes)
      throws UnreadableConfig {
    this.syntax = syntax;
    this.text = text;
    this.tree = syntax.read(text);
    this.root = JsonScanner.scan(text);
    this.changes = List.copyOf(changes);
  }

  /** Reads a text in the most lenient syntax, for what it says. */
  public static JsonDocument parse(String text) throws UnreadableConfig {
    return parse(text, JsonSyntax.LENIENT);
  }

  /** Reads a text that is to be edited, in the syntax of its agent. */
  public static JsonDocument parse(String text, JsonSyntax syntax) throws UnreadableConfig {
    return new JsonDocument(syntax, text, List.of());
  }

  /** This text after one more edit. */
  private JsonDocument edited(String newText, JsonChange change) throws UnreadableConfig {
    List<JsonChange> all = new ArrayList<>(changes);
    all.add(change);
    return new JsonDocument(syntax, newText, all);
  }

  /** The edits since the text was parsed, in their order. */
  List<JsonChange> changes() {
    return changes;
  }

  String text() {
    return text;
  }

  /** What the text says. */
  public JsonNode tree() {
    return tree;
  }

  /** The value at a path, a missing node if there is none. */
  public JsonNode at(List<String> path) {
    JsonNode node = tree;
    for (String step : path) {
      node = isItem(node, step) ? node.path(Integer.parseInt(step)) : node.path(step);
    }
    return node;
  }

  /** With this value at this path, whose objects are made where they are missing. */
  public JsonDocument with(List<String> path, JsonNode value) throws UnreadableConfig {
    if (at(path).equals(value)) {
      return this;
    }
    JsonSpan span = root;
    for (int depth = 0; depth < path.size(); depth++) {
      JsonNode container = at(path.subList(0, depth));
      if (!container.isObject() && !isItem(container, path.get(depth))) {
        throw new UnreadableConfig("'" + dotted(path.subList(0, depth)) + "' is not an object");
      }
      JsonSpan.Child child = child(span, path.subList(0, depth + 1));
      if (child == null) {
        JsonNode rest = value;
        for (String name : reversed(path.subList(depth + 1, path.size()))) {
          rest = JsonNodeFactory.instance.objectNode().set(name, rest);
        }
        return edited(
            insert(span, path.get(depth), rest),
            new JsonChange(path.subList(0, depth + 1), null, rest));
      }
      span = child.value();
    }
    String replacement =
        isOneLine(root)
            ? JsonLayout.oneLine(value)
            : layout().lines(value, indentOfLine(span.start()));
    return edited(
        replace(text, span.start(), span.end(), replacement),
        new JsonChange(path, at(path), value));
  }

  /** With this item at the end of the array at this path, which is made if it is missing. */
  public JsonDocument append(List<String> path, JsonNode item) throws UnreadableConfig {
    JsonNode array = at(path);
    if (array.isMissingNode()) {
      return with(path, JsonNodeFactory.instance.arrayNode().add(item));
    }
    if (!array.isArray()) {
      throw new UnreadableConfig("'" + dotted(path) + "' is not an array");
    }
    List<String> place = new ArrayList<>(path);
    place.add(Integer.toString(array.size()));
    return edited(insert(span(path), null, item), new JsonChange(place, null, item));
  }

  /** Without what is at this path; the same text if nothing is. */
  public JsonDocument without(List<String> path) throws UnreadableConfig {
    if (at(path).isMissingNode()) {
      return this;
    }
    JsonChange change = new JsonChange(path, at(path), null);
    JsonSpan container = span(path.subList(0, path.size() - 1));
    JsonSpan.Child child = Objects.requireNonNull(child(container, path));
    int index = container.children().indexOf(child);
    int end = child.value().end();
    if (container.children().size() == 1
        && text.substring(container.start() + 1, child.start()).isBlank()
        && text.substring(child.comma() < 0 ? end : child.comma() + 1, container.end() - 1)
            .isBlank()) {
      return edited(replace(text, container.start() + 1, container.end() - 1, ""), change);
    }
    StringBuilder edited = new StringBuilder(text);
    int last = end;
    if (child.comma() >= 0) {
      edited.deleteCharAt(child.comma());
      last = text.substring(end, child.comma()).isBlank() ? child.comma() : end;
      edited.delete(end, last);
    }
    int next = child.comma() == last ? last + 1 : last;
    edited.delete(startOfGap(child.start(), next), end);
    if (child.comma() < 0 && index > 0) {
      edited.deleteCharAt(container.children().get(index - 1).comma());
    }
    return edited(edited.toString(), change);
  }

  /** Where the space before a child begins, unless what comes next would end up in a comment. */
  private int startOfGap(int start, int next) {
    int gap = spaceBefore(start);
    int following = next;
    while (following < text.length() && " \t".indexOf(text.charAt(following)) >= 0) {
      following++;
    }
    boolean lineEnds = following == text.length() || JsonScanner.isLineEnd(text.charAt(following));
    return lineEnds || text.substring(gap, start).indexOf('\n') < 0 ? gap : start;
  }

  private String insert(JsonSpan container, @Nullable String name, JsonNode value) {
    List<JsonSpan.Child> children = container.children();
    boolean oneLine =
        isOneLine(container) && (!children.isEmpty() || (!tree.isEmpty() && isOneLine(root)));
    String label = name == null ? "" : JsonLayout.name(name);
    int inside = container.end() - 1;
    int content = spaceBefore(inside);
    if (children.isEmpty()) {
      String outer = indentOfLine(container.start());
      String indent = outer + layout().unit();
      String newline = layout().newline();
      return replace(
          text,
          content,
          inside,
          oneLine
              ? label + JsonLayout.oneLine(value)
              : newline + indent + label + layout().lines(value, indent) + newline + outer);
    }
    JsonSpan.Child last = children.get(children.size() - 1);
    String indent =
        isFirstOfLine(last.start())
            ? indentOfLine(last.start())
            : indentOfLine(container.start()) + layout().unit();
    String addition =
        oneLine
            ? " " + label + JsonLayout.oneLine(value)
            : layout().newline() + indent + label + layout().lines(value, indent);
    boolean trailing = last.comma() >= 0;
    StringBuilder edited = new StringBuilder(text);
    edited.insert(content, trailing ? addition + "," : addition);
    if (!trailing) {
      edited.insert(last.value().end(), ',');
    }
    return edited.toString();
  }

  private JsonSpan span(List<String> path) throws UnreadableConfig {
    JsonSpan span = root;
    for (int depth = 1; depth <= path.size(); depth++) {
      JsonSpan.Child child = child(span, path.subList(0, depth));
      if (child == null) {
        throw new UnreadableConfig("'" + dotted(path) + "' is written in an unusual way");
      }
      span = child.value();
    }
    return span;
  }

  private JsonSpan.@Nullable Child child(JsonSpan container, List<String> path)
      throws UnreadableConfig {
    String step = path.get(path.size() - 1);
    JsonSpan.Child found = null;
    for (int i = 0; i < container.children().size(); i++) {
      JsonSpan.Child child = container.children().get(i);
      String name = child.name();
      if (step.equals(name == null ? Integer.toString(i) : name)) {
        if (found != null) {
          throw new UnreadableConfig("'" + dotted(path) + "' is there twice");
        }
        found = child;
      }
    }
    if ((found == null) != at(path).isMissingNode()) {
      throw new UnreadableConfig("'" + dotted(path) + "' is written in an unusual way");
    }
    return found;
  }

  private JsonLayout layout() {
    String unit = "  ";
    if (!root.children().isEmpty() && isFirstOfLine(root.children().get(0).start())) {
      String indent = indentOfLine(root.children().get(0).start());
      unit = indent.isEmpty() ? unit : indent;
    }
    return new JsonLayout(unit, newline(text));
  }

  /** What ends the first line, and hence the others. */
  static String newline(String text) {
    int end = text.indexOf('\n');
    return end > 0 && text.charAt(end - 1) == '\r' ? "\r\n" : "\n";
  }

  private boolean isOneLine(JsonSpan span) {
    return text.substring(span.start(), span.end()).indexOf('\n') < 0;
  }

  private boolean isFirstOfLine(int position) {
    return text.substring(text.lastIndexOf('\n', position - 1) + 1, position).isBlank();
  }

  private String indentOfLine(int position) {
    int start = text.lastIndexOf('\n', position - 1) + 1;
    int end = start;
    while (end < position && " \t".indexOf(text.charAt(end)) >= 0) {
      end++;
    }
    return text.substring(start, end);
  }

  private int spaceBefore(int position) {
    int start = position;
    while (start > 0 && JsonScanner.isSpace(text.charAt(start - 1))) {
      start--;
    }
    return start;
  }

  private static String replace(String text, int start, int end, String replacement) {
    return text.substring(0, start) + replacement + text.substring(end);
  }

  private static boolean isItem(JsonNode container, String step) {
    return container.isArray() && step.chars().allMatch(Character::isDigit);
  }

  private static List<String> reversed(List<String> names) {
    List<String> reversed = new ArrayList<>(names);
    Collections.reverse(reversed);
    return reversed;
  }

  private static String dotted(List<String> path) {
    return String.join(".", path);
  }
}
