package dev.peers.cli.edit;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.regex.Pattern;

/** Finds where the statements of a TOML text are. */
final class TomlScanner {
  private static final Pattern BARE = Pattern.compile("[A-Za-z0-9_-]");
  private static final Pattern SCALAR = Pattern.compile("[A-Za-z0-9_+.: -]+");

  private final String text;
  private int at;

  private TomlScanner(String text) {
    this.text = text;
  }

  /**
   * A table's header, or a key and its value.
   *
   * @param kind which of them
   * @param key the names that a dotted key is made of
   * @param start its first character
   * @param value where the value begins; for a header as start
   * @param end the character after its last one, a comment behind it not counted
   */
  record Statement(Kind kind, List<String> key, int start, int value, int end) {
    Statement {
      key = List.copyOf(key);
    }
  }

  /** What statements there are. */
  enum Kind {
    TABLE,
    ARRAY_OF_TABLES,
    VALUE
  }

  static List<Statement> scan(String text) throws UnreadableConfig {
    TomlScanner scanner = new TomlScanner(text);
    List<Statement> statements = new ArrayList<>();
    for (scanner.skipLines(); scanner.at < text.length(); scanner.skipLines()) {
      statements.add(scanner.statement());
      scanner.skipBlanks();
      if (scanner.at < text.length() && !scanner.sees("#") && !scanner.atLineEnd()) {
        throw scanner.wrong();
      }
    }
    return statements;
  }

  /**
   * The members of an inline table.
   *
   * @param table its text, with the braces; the places are in this
   */
  static List<Statement> inline(String table) throws UnreadableConfig {
    TomlScanner scanner = new TomlScanner(table);
    List<Statement> members = new ArrayList<>();
    scanner.expect("{");
    for (scanner.skipLines(); !scanner.sees("}"); scanner.skipLines()) {
      int start = scanner.at;
      List<String> key = scanner.key();
      scanner.expect("=");
      scanner.skipBlanks();
      int value = scanner.at;
      scanner.value(",}");
      members.add(new Statement(Kind.VALUE, key, start, value, scanner.at));
      scanner.skipLines();
      if (scanner.sees(",")) {
        scanner.at++;
      } else if (!scanner.sees("}")) {
        throw scanner.wrong();
      }
    }
    return members;
  }

  private Statement statement() throws UnreadableConfig {
    int start = at;
    if (sees("[")) {
      Kind kind = sees("[[") ? Kind.ARRAY_OF_TABLES : Kind.TABLE;
      String close = kind == Kind.TABLE ? "]" : "]]";
      at += close.length();
      List<String> key = key();
      expect(close);
      return new Statement(kind, key, start, start, at);
    }
    List<String> key = key();
    expect("=");
    skipBlanks();
    int value = at;
    value("");
    return new Statement(Kind.VALUE, key, start, value, at);
  }

  private List<String> key() throws UnreadableConfig {
    List<String> names = new ArrayList<>();
    do {
      if (!names.isEmpty()) {
        at++;
      }
      skipBlanks();
      int start = at;
      if (sees("\"") || sees("'")) {
        string();
        names.add(text.substring(start + 1, at - 1));
      } else {
        while (at < text.length() && BARE.matcher(text.substring(at, at + 1)).matches()) {
          at++;
        }
        if (at == start) {
          throw wrong();
        }
        names.add(text.substring(start, at));
      }
      skipBlanks();
    } while (sees("."));
    return names;
  }

  /** Goes past a value, which a comment, the end of the line or one of these characters ends. */
  private void value(String ends) throws UnreadableConfig {
    if (sees("\"") || sees("'")) {
      string();
    } else if (sees("[") || sees("{")) {
      brackets();
    } else {
      int start = at;
      while (at < text.length()
          && !sees("#")
          && !atLineEnd()
          && ends.indexOf(text.charAt(at)) < 0) {
        at++;
      }
      at = start + text.substring(start, at).stripTrailing().length();
      if (!SCALAR.matcher(text.substring(start, at)).matches()) {
        at = start;
        throw wrong();
      }
    }
  }

  private void brackets() throws UnreadableConfig {
    Deque<String> open = new ArrayDeque<>();
    do {
      skipLines();
      if (at >= text.length()) {
        throw wrong();
      } else if (sees("\"") || sees("'")) {
        string();
      } else if (sees("[") || sees("{")) {
        open.push(sees("[") ? "]" : "}");
        at++;
      } else if (sees("]") || sees("}")) {
        if (!sees(open.pop())) {
          throw wrong();
        }
        at++;
      } else {
        at++;
      }
    } while (!open.isEmpty());
  }

  private void string() throws UnreadableConfig {
    String quote = text.substring(at, at + 1);
    boolean escapes = quote.equals("\"");
    boolean longer = sees(quote.repeat(3));
    String close = longer ? quote.repeat(3) : quote;
    at += close.length();
    while (!sees(close)) {
      if (at >= text.length() || (!longer && atLineEnd())) {
        throw wrong();
      }
      at += escapes && sees("\\") ? 2 : 1;
    }
    at += close.length();
    // A long string may end with quotes of its own.
    for (int i = 0; longer && i < 2 && sees(quote); i++) {
      at++;
    }
  }

  private void expect(String token) throws UnreadableConfig {
    skipBlanks();
    if (!sees(token)) {
      throw wrong();
    }
    at += token.length();
  }

  private void skipBlanks() {
    while (sees(" ") || sees("\t")) {
      at++;
    }
  }

  /** Goes past blanks, line ends and comments. */
  private void skipLines() {
    while (at < text.length()) {
      if (sees("#")) {
        while (at < text.length() && !atLineEnd()) {
          at++;
        }
      } else if (sees(" ") || sees("\t") || atLineEnd()) {
        at++;
      } else {
        return;
      }
    }
  }

  private boolean sees(String token) {
    return text.startsWith(token, at);
  }

  private boolean atLineEnd() {
    return sees("\n") || sees("\r");
  }

  private UnreadableConfig wrong() {
    long line =
        text.substring(0, Math.min(at, text.length())).chars().filter(c -> c == '\n').count() + 1;
    return new UnreadableConfig("not valid TOML at line " + line);
  }
}
