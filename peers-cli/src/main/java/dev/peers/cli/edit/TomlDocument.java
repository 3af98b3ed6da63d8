package dev.peers.cli.edit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.peers.cli.shell.Table;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A TOML text as somebody wrote it. An edit adds, changes or removes whole tables or single values
 * and leaves everything else as it is.
 */
public final class TomlDocument {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final String text;
  private final List<Table> tables;
  private final List<TomlChange> changes;

  private TomlDocument(String text, List<Table> tables, List<TomlChange> changes) {
    this.text = text;
    this.tables = tables;
    this.changes = List.copyOf(changes);
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

  public static TomlDocument parse(String text) throws UnreadableConfig {
    return new TomlDocument(text, tables(text), List.of());
  }

  private static List<Table> tables(String text) throws UnreadableConfig {
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
    return tables;
  }

  /** This text after some more edits. */
  private TomlDocument edited(String newText, List<TomlChange> more) throws UnreadableConfig {
    List<TomlChange> all = new ArrayList<>(changes);
    all.addAll(more);
    return new TomlDocument(newText, tables(newText), all);
  }

  /** The edits since the text was parsed, in their order. */
  public List<TomlChange> changes() {
    return changes;
  }

  public String text() {
    return text;
  }

  /** Whether a table has a header of its own. */
  public boolean has(List<String> table) {
    return tables.stream().anyMatch(each -> each.header() != null && each.key().equals(table));
  }

  /**
   * What is said of a table, in whatever form: under a header, in tables below it, with dotted keys
   * or inline.
   *
   * @param key the table
   * @return the values as they are written, by their keys in the table
   * @throws UnreadableConfig if one cannot be understood
   */
  public Map<List<String>, String> members(List<String> key) throws UnreadableConfig {
    return members(key, true);
  }

  /** The same, without what stands under headers of the table or of one below it. */
  public Map<List<String>, String> membersWithoutHeader(List<String> key) throws UnreadableConfig {
    return members(key, false);
  }

  private Map<List<String>, String> members(List<String> key, boolean headed)
      throws UnreadableConfig {
    Map<List<String>, String> members = new LinkedHashMap<>();
    for (Table table : tables) {
      if (!headed && startsWith(table.key(), key)) {
        continue;
      }
      for (TomlScanner.Statement each : table.values()) {
        List<String> whole = whole(table, each);
        if (!startsWith(whole, key)) {
          continue;
        }
        String value = text.substring(each.value(), each.end());
        if (whole.size() > key.size()) {
          members.put(whole.subList(key.size(), whole.size()), value);
        } else if (value.startsWith("{")) {
          for (TomlScanner.Statement member : TomlScanner.inline(value)) {
            members.put(member.key(), value.substring(member.value(), member.end()));
          }
        } else {
          throw new UnreadableConfig("'" + String.join(".", key) + "' is not a table");
        }
      }
    }
    return members;
  }

  private static List<String> whole(Table table, TomlScanner.Statement value) {
    List<String> whole = new ArrayList<>(table.key());
    whole.addAll(value.key());
    return whole;
  }

  /** What a value says; empty if it is no string on one line. */
  public static Optional<String> string(String value) {
    return value.startsWith("\"") || value.startsWith("'") ? unquoted(value) : Optional.empty();
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
  public TomlDocument append(List<String> lines) throws UnreadableConfig {
    String newline = JsonDocument.newline(text);
    String body = String.join(newline, lines);
    if (text.isEmpty()) {
      return added(body + newline);
    }
    boolean ended = text.endsWith("\n");
    return added(text + (ended ? newline : newline + newline) + body + (ended ? newline : ""));
  }

  /** This text with further tables behind it. */
  private TomlDocument added(String longer) throws UnreadableConfig {
    List<Table> all = tables(longer);
    List<TomlChange> more = new ArrayList<>();
    for (Table table : all.subList(tables.size(), all.size())) {
      more.add(new TomlChange(table.key(), null, null, ""));
      for (TomlScanner.Statement value : table.values()) {
        String written = longer.substring(value.value(), value.end());
        more.add(new TomlChange(table.key(), String.join(".", value.key()), null, written));
      }
    }
    return edited(longer, more);
  }

  /** With this value, written as TOML, of a key of a table that is there. */
  public TomlDocument with(List<String> key, String name, String value) throws UnreadableConfig {
    for (Table table : tables) {
      TomlScanner.Statement header = table.header();
      if (header == null || !table.key().equals(key)) {
        continue;
      }
      for (TomlScanner.Statement each : table.values()) {
        if (each.key().equals(List.of(name))) {
          String former = text.substring(each.value(), each.end());
          return former.equals(value)
              ? this
              : edited(
                  text.substring(0, each.value()) + value + text.substring(each.end()),
                  List.of(new TomlChange(key, name, former, value)));
        }
      }
      int line = endOfLine(header.end());
      String addition = JsonDocument.newline(text) + name + " = " + value;
      return edited(
          text.substring(0, line) + addition + text.substring(line),
          List.of(new TomlChange(key, name, null, value)));
    }
    return this;
  }

  /**
   * Without a table and those below it, and the empty line before each; also without what is said
   * of it elsewhere, inline or with dotted keys.
   */
  public TomlDocument without(List<String> key) throws UnreadableConfig {
    return without(key, true);
  }

  /** Without what is said of a table inline or with dotted keys. */
  public TomlDocument withoutOtherForms(List<String> key) throws UnreadableConfig {
    return without(key, false);
  }

  private TomlDocument without(List<String> key, boolean headed) throws UnreadableConfig {
    List<TomlChange> taken = new ArrayList<>();
    StringBuilder kept = new StringBuilder();
    int from = 0;
    for (Table table : tables) {
      TomlScanner.Statement header = table.header();
      boolean whole = header != null && startsWith(header.key(), key);
      if (whole && !headed) {
        continue;
      }
      if (header != null && whole) {
        int start = startOfLine(header.start());
        int before = startOfLine(Math.max(0, start - 1));
        if (before >= from && text.substring(before, start).isBlank()) {
          start = before;
        }
        kept.append(text, from, start);
        from = nextLine(table.values().isEmpty() ? header : last(table.values()));
        taken.add(new TomlChange(table.key(), null, "", null));
      }
      for (TomlScanner.Statement value : table.values()) {
        if (startsWith(whole(table, value), key)) {
          String written = text.substring(value.value(), value.end());
          taken.add(new TomlChange(table.key(), String.join(".", value.key()), written, null));
          if (!whole) {
            kept.append(text, from, startOfLine(value.start()));
            from = nextLine(value);
          }
        }
      }
    }
    if (taken.isEmpty()) {
      return this;
    }
    if (from == text.length() && !text.endsWith("\n")) {
      // The last line had no end; so that of what is now the last one goes too.
      return edited(kept.toString().replaceFirst("\r?\n\\z", ""), taken);
    }
    return edited(kept + text.substring(from), taken);
  }

  private int nextLine(TomlScanner.Statement statement) {
    int end = text.indexOf('\n', statement.end());
    return end < 0 ? text.length() : end + 1;
  }

  private static TomlScanner.Statement last(List<TomlScanner.Statement> statements) {
    return statements.get(statements.size() - 1);
  }

  /** What is not said of a table, in the order in which it is written. */
  public List<String> others(List<String> key) {
    List<String> others = new ArrayList<>();
    for (Table table : tables) {
      TomlScanner.Statement header = table.header();
      if (header != null && startsWith(table.key(), key)) {
        continue;
      }
      for (TomlScanner.Statement value : table.values()) {
        if (!startsWith(whole(table, value), key)) {
          others.add(table.key() + " " + text.substring(value.start(), value.end()));
        }
      }
      if (header != null) {
        others.add(text.substring(header.start(), header.end()));
      }
    }
    return others;
  }

  /**
   * What keeps a table from being added under a header: it, or the one it is in, is an array, or
   * the one it is in is written inline or with dotted keys; null if nothing does.
   */
  public @Nullable String obstacleTo(List<String> key) {
    for (Table table : tables) {
      if (table.isRepeated() && (startsWith(key, table.key()) || startsWith(table.key(), key))) {
        return "[[" + String.join(".", table.key()) + "]] is an array of tables";
      }
      for (TomlScanner.Statement value : table.values()) {
        List<String> whole = whole(table, value);
        boolean inline = whole.size() < key.size() && startsWith(key, whole);
        boolean dotted =
            table.header() == null && whole.get(0).equals(key.get(0)) && !startsWith(whole, key);
        if (inline || dotted) {
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
