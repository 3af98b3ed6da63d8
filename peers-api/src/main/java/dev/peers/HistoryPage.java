package dev.peers;

import java.util.List;

/**
 * Messages of the history that one answer has room for.
 *
 * @param entries the messages, oldest first
 * @param more whether older messages were left out because the text of the answer would have become
 *     too large; {@link HistoryQuery#before} the first of these goes on with them
 * @param store the identity of the database, for positions; empty if unknown
 * @since 0.1
 */
public record HistoryPage(List<HistoryEntry> entries, boolean more, String store) {
  /** Copies the list. */
  public HistoryPage {
    entries = Arguments.requiredAll("entries", entries);
    Checks.required("store", store);
  }

  /**
   * A page of a database that is not named.
   *
   * @param entries the messages, oldest first
   * @param more whether older messages were left out for want of room
   */
  public HistoryPage(List<HistoryEntry> entries, boolean more) {
    this(entries, more, "");
  }

  /**
   * The same with a database.
   *
   * @param identity the database's identity
   * @return a page that differs in this only
   */
  public HistoryPage in(String identity) {
    return new HistoryPage(entries, more, identity);
  }
}
