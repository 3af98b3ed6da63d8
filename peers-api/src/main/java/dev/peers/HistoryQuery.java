package dev.peers;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Which messages of the history to read. Of more than the limit the newest are meant.
 *
 * @param peer only messages from or to this peer; null for all
 * @param since only messages sent at or after this time; null for all
 * @param after only messages with a larger id; 0 for all
 * @param limit the most messages, 1 to 1,000
 * @since 0.1
 */
public record HistoryQuery(@Nullable PeerId peer, @Nullable Instant since, long after, int limit) {
  /** The most messages of one answer. */
  public static final int MAX_LIMIT = 1_000;

  // What a store can write in milliseconds, and no message was sent before or after.
  private static final Instant EARLIEST = Instant.EPOCH;
  private static final Instant LATEST = Instant.parse("9999-12-31T23:59:59Z");

  /** Checks the ranges; a time that no message can have means the nearest that one can. */
  public HistoryQuery {
    if (since != null) {
      since = since.isBefore(EARLIEST) ? EARLIEST : since.isAfter(LATEST) ? LATEST : since;
    }
    if (after < 0) {
      throw Text.invalid("after " + after + " is out of range; expected a message id or 0");
    }
    if (limit < 1 || limit > MAX_LIMIT) {
      throw Text.invalid("limit " + limit + " is out of range; expected 1 to " + MAX_LIMIT);
    }
  }

  /**
   * The newest messages of everybody.
   *
   * @param limit the most messages
   * @return the query
   */
  public static HistoryQuery latest(int limit) {
    return new HistoryQuery(null, null, 0, limit);
  }

  /**
   * The same for messages behind one.
   *
   * @param id the largest id to leave out
   * @return a query that differs in this only
   */
  public HistoryQuery after(long id) {
    return new HistoryQuery(peer, since, id, limit);
  }
}
