package dev.peers.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A TOML text as somebody wrote it. An edit adds, changes or removes whole tables or single values
 * and leaves everything else as it is.
 */
final class TomlText {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final String text;
  private final List<Table> tables;

  private TomlText(String text, List<Table> tables) {
    this.text = text;
    this.tables = tables;
  }

  /** A header, null for what comes before the first one, and what is below it. */
  private record Table(TomlScanner.@Nullable Statement header, List<TomlScanner.Statement> values) {
    List<String> key() {
      return header == null ? List.of() : header.key();
    }

    boolean isRepeated() {
      return header != null && header.kind() == TomlScanner.Kind.ARRAY_OF_TABLES;
    }
  }

  static TomlText parse(String text) throws UnreadableConfig {
    List<Table> tables = new ArrayList<>();
    tables.add(new Table(null, new ArrayList<>()));
    Set<List<String>> seen = new HashSet<>();
    for (TomlScanner.Statement statement : TomlScanner.scan(text)) {
      if (statement.kind() == TomlScanner.Kind.VALUE) {
        tables.get(tables.size() - 1).values().add(statement);
      } else {
        tables.add(new Table(statement, new ArrayList<>()));
        if (statement.kind() == TomlScanner.Kind.ARRAY_OF_TABLES) {
          // Each of its elements has tables of its own.
          seen.removeIf(key -> startsWith(key, statement.key()));
        } else if (!seen.add(statement.key())) {
          throw new UnreadableConfig(
              "the table [" + String.join(".", statement.key()) + "] is there twice");
        }
      }
    }
    return new TomlText(text, tables);
  }

  String text() {
    return text;
  }

  boolean has(List<String> table) {
    return tables.stream().anyMatch(each -> each.header() != null && each.key().equals(table));
  }

  /** The value of a key of a table; empty if it is not there, or no string on one line. */
  Optional<String> string(List<String> table, String name) {
    return tables.stream()
        .filter(each -> each.header() != null && each.key().equals(table))
        .flatMap(each -> each.values().stream())
        .filter(each -> each.key().equals(List.of(name)))
        .map(each -> text.substring(each.value(), each.end()))
        .findFirst()
        .flatMap(TomlText::unquoted);
  }

  private static Optional<String> unquoted(String value) {
    if (value.startsWith("'") && !value.startsWith("'''")) {
      return Optional.of(value.substring(1, value.length() - 1));
    }
    try {
      // Strings in double quotes are JSON's, but for an escape or two.
      return Optional.ofNullable(JSON.readTree(value).textValue());
    } catch (JsonProcessingException e) {
      return Optional.empty();
    }
  }

  /** With tables of these lines at the end. */
  TomlText append(List<String> lines) throws UnreadableConfig {
    String newline = JsonText.newline(text);
    String body = String.join(newline, lines);
    if (text.isEmpty()) {
      return parse(body + newline);
    }
    boolean ended = text.endsWith("\n");
    return parse(text + (ended ? newline : newline + newline) + body + (ended ? newline : ""));
  }

  /** With this value, written as TOML, of a key of a table that is there. */
  TomlText with(List<String> key, String name, String value) throws UnreadableConfig {
    for (Table table : tables) {
      TomlScanner.Statement header = table.header();
      if (header == null || !table.key().equals(key)) {
        continue;
      }
      for (TomlScanner.Statement each : table.values()) {
        if (each.key().equals(List.of(name))) {
          return parse(text.substring(0, each.value()) + value + text.substring(each.end()));
        }
      }
      int line = endOfLine(header.end());
      String addition = JsonText.newline(text) + name + " = " + value;
      return parse(text.substring(0, line) + addition + text.substring(line));
    }
    return this;
  }

  /** Without a table and those below it, and the empty line before each. */
  TomlText without(List<String> key) throws UnreadableConfig {
    StringBuilder kept = new StringBuilder();
    int from = 0;
    for (Table table : tables) {
      TomlScanner.Statement header = table.header();
      if (header != null && startsWith(header.key(), key)) {
        int start = startOfLine(header.start());
        int before = startOfLine(Math.max(0, start - 1));
        if (before >= from && text.substring(before, start).isBlank()) {
          start = before;
        }
        kept.append(text, from, start);
        from = nextLine(table.values().isEmpty() ? header : last(table.values()));
      }
    }
    if (from == text.length() && from > 0 && !text.endsWith("\n")) {
      // The last line had no end; so that of what is now the last one goes too.
      return parse(kept.toString().replaceFirst("\r?\n\\z", ""));
    }
    return parse(kept + text.substring(from));
  }

  private int nextLine(TomlScanner.Statement statement) {
    int end = text.indexOf('\n', statement.end());
    return end < 0 ? text.length() : end + 1;
  }

  private static TomlScanner.Statement last(List<TomlScanner.Statement> statements) {
    return statements.get(statements.size() - 1);
  }

  private static boolean isWithin(Table table, List<String> key) {
    return table.header() != null && startsWith(table.key(), key);
  }

  /** What is not within a table, in the order in which it is written. */
  List<String> others(List<String> key) {
    List<String> others = new ArrayList<>();
    for (Table table : tables) {
      if (!isWithin(table, key)) {
        for (TomlScanner.Statement value : table.values()) {
          others.add(table.key() + " " + text.substring(value.start(), value.end()));
        }
        TomlScanner.Statement header = table.header();
        if (header != null) {
          others.add(text.substring(header.start(), header.end()));
        }
      }
    }
    return others;
  }

  /**
   * How this table, or the one it is in, is written otherwise than by a header; null if it is not.
   */
  @Nullable String otherFormOf(List<String> key) {
    for (Table table : tables) {
      if (table.isRepeated() && (startsWith(key, table.key()) || startsWith(table.key(), key))) {
        return "[[" + String.join(".", table.key()) + "]] is an array of tables";
      }
      for (TomlScanner.Statement value : table.values()) {
        List<String> whole = new ArrayList<>(table.key());
        whole.addAll(value.key());
        if (table.key().size() < key.size()
            && startsWith(key, table.key())
            && (startsWith(key, whole)
                || startsWith(whole, key)
                || (table.header() == null && whole.get(0).equals(key.get(0))))) {
          return "'" + String.join(".", whole) + "' is not written as a table";
        }
      }
    }
    return null;
  }

  private static boolean startsWith(List<String> key, List<String> beginning) {
    return key.size() >= beginning.size() && key.subList(0, beginning.size()).equals(beginning);
  }

  private int startOfLine(int position) {
    return text.lastIndexOf('\n', position - 1) + 1;
  }

  /** Where the characters that end the line begin. */
  private int endOfLine(int position) {
    int end = text.indexOf('\n', position);
    if (end < 0) {
      return text.length();
    }
    return end > position && text.charAt(end - 1) == '\r' ? end - 1 : end;
  }
}
