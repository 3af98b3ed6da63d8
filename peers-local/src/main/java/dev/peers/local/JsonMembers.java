package dev.peers.local;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads the members of a JSON object that are texts, numbers or literals. Members with an object or
 * an array are passed over.
 */
final class JsonMembers {
  private static final int MAX_DEPTH = 32;

  private final String json;
  private int at;

  private JsonMembers(String json) {
    this.json = json;
  }

  /**
   * Reads an object.
   *
   * @return what each text says, and each number or literal as it is written
   * @throws IllegalArgumentException if that is not a JSON object
   */
  static Map<String, String> read(String json) {
    JsonMembers reader = new JsonMembers(json);
    Map<String, String> members = new HashMap<>();
    reader.object(members, 1);
    reader.space();
    if (reader.at < json.length()) {
      throw reader.malformed();
    }
    return members;
  }

  private void object(Map<String, String> members, int depth) {
    expect('{');
    boolean more = next() != '}';
    while (more) {
      space();
      String name = text();
      expect(':');
      String value = value(depth);
      if (value != null) {
        members.put(name, value);
      }
      more = isFollowed('}');
    }
    expect('}');
  }

  private void array(int depth) {
    expect('[');
    boolean more = next() != ']';
    while (more) {
      var unused = value(depth);
      more = isFollowed(']');
    }
    expect(']');
  }

  /** Whether another element comes; what comes in its place is the end. */
  private boolean isFollowed(char end) {
    if (next() == end) {
      return false;
    }
    expect(',');
    return true;
  }

  /** Null for an object or an array. */
  private @Nullable String value(int depth) {
    if (depth > MAX_DEPTH) {
      throw malformed();
    }
    return switch (next()) {
      case '"' -> text();
      case '{' -> {
        object(new HashMap<>(), depth + 1);
        yield null;
      }
      case '[' -> {
        array(depth + 1);
        yield null;
      }
      default -> literal();
    };
  }

  private String literal() {
    int from = at;
    while (at < json.length()
        && (Character.isLetterOrDigit(json.charAt(at)) || "+-.".indexOf(json.charAt(at)) >= 0)) {
      at++;
    }
    if (from == at) {
      throw malformed();
    }
    return json.substring(from, at);
  }

  private String text() {
    if (peek() != '"') {
      throw malformed();
    }
    StringBuilder text = new StringBuilder();
    for (at++; peek() != '"'; at++) {
      text.append(peek() == '\\' ? escaped() : peek());
    }
    at++;
    return text.toString();
  }

  /** Ends at the last character of what it reads. */
  private char escaped() {
    at++;
    return switch (peek()) {
      case '"', '\\', '/' -> peek();
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'u' -> {
        if (at + 4 >= json.length()) {
          throw malformed();
        }
        at += 4;
        yield (char) Integer.parseInt(json, at - 3, at + 1, 16);
      }
      default -> throw malformed();
    };
  }

  private void expect(char wanted) {
    if (next() != wanted) {
      throw malformed();
    }
    at++;
  }

  private char next() {
    space();
    return peek();
  }

  private char peek() {
    if (at >= json.length()) {
      throw malformed();
    }
    return json.charAt(at);
  }

  private void space() {
    while (at < json.length() && " \t\r\n".indexOf(json.charAt(at)) >= 0) {
      at++;
    }
  }

  private IllegalArgumentException malformed() {
    return new IllegalArgumentException("not a JSON object, at character " + at);
  }
}
