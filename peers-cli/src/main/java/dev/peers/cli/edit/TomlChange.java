package dev.peers.cli.edit;

import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One edit of a TOML text.
 *
 * @param table the table in which it is
 * @param key the value's key, or null for the table's header
 * @param before the value that was there as it is written, null if there was none
 * @param after the value that is there now, null if there is none
 */
public record TomlChange(
    List<String> table, @Nullable String key, @Nullable String before, @Nullable String after) {
  /** Keys whose value is never a secret. */
  private static final Set<String> OPEN = Set.of("command");

  /**
   * Adds the lines that show an edit: what was taken out after a minus sign, what was put in after
   * a plus sign. Nothing else of the text is shown, and of these no value that may be a secret.
   *
   * @param known whether a value may be shown
   * @param lines where to add them
   */
  public void show(Predicate<String> known, List<String> lines) {
    String header = "[" + String.join(".", table) + "]";
    if (key == null) {
      lines.add((before == null ? "+" : "-") + header);
      return;
    }
    boolean headed = false;
    for (String line : lines) {
      if (line.indexOf('[') == 1 || line.startsWith("@@")) {
        headed = line.endsWith(header) || line.equals("@@ " + header + " @@");
      }
    }
    if (!headed) {
      lines.add("@@ " + header + " @@");
    }
    show("-", before, known, lines);
    show("+", after, known, lines);
  }

  private void show(
      String sign, @Nullable String value, Predicate<String> known, List<String> lines) {
    if (value != null) {
      boolean open = (key != null && OPEN.contains(key)) || known.test(value);
      lines.add(sign + key + " = " + (open ? value : JsonChange.HIDDEN));
    }
  }
}
