package dev.peers.cli.edit;

import java.util.ArrayList;
import java.util.List;

/** Finds where the values of a JSON text are. The text is known to be right, comments apart. */
final class JsonScanner {
  private final String text;
  private int at;

  private JsonScanner(String text) {
    this.text = text;
  }

  static JsonSpan scan(String text) {
    JsonScanner scanner = new JsonScanner(text);
    scanner.skip();
    return scanner.value();
  }

  private JsonSpan value() {
    int start = at;
    List<JsonSpan.Child> children = new ArrayList<>();
    switch (text.charAt(at)) {
      case '{' -> children(children, '}');
      case '[' -> children(children, ']');
      case '"' -> string();
      default -> {
        while (at < text.length() && ",]}/ \t\r\n".indexOf(text.charAt(at)) < 0) {
          at++;
        }
      }
    }
    return new JsonSpan(start, at, children);
  }

  private void children(List<JsonSpan.Child> children, char close) {
    at++;
    skip();
    while (text.charAt(at) != close) {
      int start = at;
      String name = null;
      if (close == '}') {
        name = string();
        skip();
        at++;
        skip();
      }
      JsonSpan value = value();
      skip();
      int comma = -1;
      if (text.charAt(at) == ',') {
        comma = at++;
        skip();
      }
      children.add(new JsonSpan.Child(name, start, value, comma));
    }
    at++;
  }

  /** Goes past a string. What it says matters for names alone, and ours need no escapes. */
  private String string() {
    int start = ++at;
    while (text.charAt(at) != '"') {
      at += text.charAt(at) == '\\' ? 2 : 1;
    }
    return text.substring(start, at++);
  }

  private void skip() {
    while (at < text.length()) {
      if (text.startsWith("//", at)) {
        while (at < text.length() && !isLineEnd(text.charAt(at))) {
          at++;
        }
      } else if (text.startsWith("/*", at)) {
        at = text.indexOf("*/", at + 2) + 2;
      } else if (isSpace(text.charAt(at))) {
        at++;
      } else {
        return;
      }
    }
  }

  static boolean isSpace(char c) {
    return c == ' ' || c == '\t' || isLineEnd(c);
  }

  static boolean isLineEnd(char c) {
    return c == '\n' || c == '\r';
  }
}
