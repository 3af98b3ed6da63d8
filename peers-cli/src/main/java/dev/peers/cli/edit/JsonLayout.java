package dev.peers.cli.edit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.ArrayList;
import java.util.List;

/**
 * How a JSON text is laid out, so that what is added looks like the rest.
 *
 * @param unit one step of indentation
 * @param newline what ends a line
 */
record JsonLayout(String unit, String newline) {
  /** The value over several lines; those after the first are indented by this and more. */
  String lines(JsonNode value, String indent) {
    return render(value, newline + indent + unit, newline + indent, ",", indent + unit);
  }

  /** The value on one line. */
  static String oneLine(JsonNode value) {
    return new JsonLayout("", "").render(value, "", "", ", ", "");
  }

  /** A member of an object, up to its value. */
  static String name(String name) {
    return TextNode.valueOf(name) + ": ";
  }

  private String render(
      JsonNode value, String open, String close, String separator, String indent) {
    if (!value.isContainerNode() || value.isEmpty()) {
      return value.toString();
    }
    List<String> parts = new ArrayList<>();
    if (value.isArray()) {
      value.forEach(item -> parts.add(inner(item, indent)));
    } else {
      value
          .properties()
          .forEach(member -> parts.add(name(member.getKey()) + inner(member.getValue(), indent)));
    }
    String body = open + String.join(separator + (newline.isEmpty() ? "" : open), parts) + close;
    return value.isArray() ? "[" + body + "]" : "{" + body + "}";
  }

  private String inner(JsonNode value, String indent) {
    return newline.isEmpty() ? oneLine(value) : lines(value, indent);
  }
}
