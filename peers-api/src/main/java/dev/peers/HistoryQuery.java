package dev.peers;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Which messages of the history to read. Of more than the limits the newest are meant.
 *
 * @param peer only messages from or to this peer; null for all
 * @param since only messages sent at or after this time; null for all
 * @param after only messages behind this position
 * @param before only messages with a smaller id; 0 for all
 * @param limit the most messages, 1 to 1,000
 * @param maxChars the most characters of text, 1 to 2^20; one message always has room
 * @since 0.1
 */
public record HistoryQuery(
    @Nullable PeerId peer,
    @Nullable Instant since,
    Position after,
    long before,
    int limit,
    int maxChars) {
  /** The most messages of one answer. */
  public static final int MAX_LIMIT = 1_000;

  /** The most characters of text of one answer, beyond its newest message. */
  public static final int MAX_CHARS = 1 << 20;

  // What a store can write in milliseconds, and no message was sent before or after.
  private static final Instant EARLIEST = Instant.EPOCH;
  private static final Instant LATEST = Instant.parse("9999-12-31T23:59:59Z");

  /** Checks the ranges; a time that no message can have means the nearest that one can. */
  public HistoryQuery {
    if (since != null) {
      since = since.isBefore(EARLIEST) ? EARLIEST : since.isAfter(LATEST) ? LATEST : since;
    }
    Checks.required("after", after);
    if (before < 0) {
      throw Checks.invalid("before " + before + " is out of range; expected a message id or 0");
    }
    if (limit < 1 || limit > MAX_LIMIT) {
      throw Checks.invalid("limit " + limit + " is out of range; expected 1 to " + MAX_LIMIT);
    }
    if (maxChars < 1 || maxChars > MAX_CHARS) {
      throw Checks.invalid(
          "text limit " + maxChars + " is out of range; expected 1 to " + MAX_CHARS);
    }
  }

  /**
   * A query for as much text as there may be.
   *
   * @param peer only messages from or to this peer; null for all
   * @param since only messages sent at or after this time; null for all
   * @param after only messages with a larger id; 0 for all
   * @param limit the most messages, 1 to 1,000
   */
  public HistoryQuery(@Nullable PeerId peer, @Nullable Instant since, long after, int limit) {
    this(peer, since, Position.of(after), 0, limit, MAX_CHARS);
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
    return after(Position.of(id));
  }

  /**
   * The same for messages behind a position.
   *
   * @param position the position
   * @return a query that differs in this only
   */
  public HistoryQuery after(Position position) {
    return new HistoryQuery(peer, since, position, before, limit, maxChars);
  }

  /**
   * The same for messages before one.
   *
   * @param id the smallest id to leave out; 0 for none
   * @return a query that differs in this only
   */
  public HistoryQuery before(long id) {
    return new HistoryQuery(peer, since, after, id, limit, maxChars);
  }

  /**
   * The same for fewer messages, or more.
   *
   * @param count the most messages
   * @return a query that differs in this only
   */
  public HistoryQuery atMost(int count) {
    return new HistoryQuery(peer, since, after, before, count, maxChars);
  }

  /**
   * The same with less text.
   *
   * @param chars the most characters of text
   * @return a query that differs in this only
   */
  public HistoryQuery atMostChars(int chars) {
    return new HistoryQuery(peer, since, after, before, limit, chars);
  }
}
