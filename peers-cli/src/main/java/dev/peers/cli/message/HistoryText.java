package dev.peers.cli.message;

import dev.peers.HistoryEntry;
import java.util.Locale;
import java.util.stream.Stream;

/** A message of the history for people. */
public final class HistoryText {
  private HistoryText() {}

  /** Who wrote to whom and what became of it, in one line. */
  public static String head(HistoryEntry entry, String when) {
    return "#"
        + entry.message().id()
        + " "
        + when
        + " "
        + entry.message().from().id()
        + " to "
        + entry.message().to()
        + ", "
        + state(entry);
  }

  static String state(HistoryEntry entry) {
    return entry.receipt().state().name().toLowerCase(Locale.ROOT);
  }

  /** The text, set in. */
  public static Stream<String> body(HistoryEntry entry) {
    return entry.message().text().lines().map(line -> "  " + line);
  }
}
