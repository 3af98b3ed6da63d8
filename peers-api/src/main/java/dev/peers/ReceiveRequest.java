package dev.peers;

import java.time.Duration;

/**
 * How to take mail out of a mailbox. What is taken is offered: it is not taken again until the
 * lease ends, and is delivered only when it is acknowledged.
 *
 * @param limit the most messages to take, 1 to 1,000
 * @param maxChars the most characters of text to take, 1 to 2^20; one message is always taken whole
 * @param lease how long the taker has to acknowledge before the messages are queued again
 * @param policy what to do about messages that are under somebody's lease
 * @param after only messages behind this position
 * @since 0.1
 */
public record ReceiveRequest(
    int limit, int maxChars, Duration lease, LeasePolicy policy, Position after) {
  /** The most messages that one take yields. */
  public static final int MAX_LIMIT = 1_000;

  /** The most characters of text that one take yields beyond its first message. */
  public static final int MAX_CHARS = 1 << 20;

  /** What to do about messages that are under somebody's lease. */
  public enum LeasePolicy {
    /** Passes over them. */
    SKIP_LEASED,
    /** Takes nothing behind the first of them. */
    STOP_AT_LEASED,
    /** Takes them as well. */
    INCLUDE_LEASED
  }

  /** Checks the ranges. */
  public ReceiveRequest {
    if (limit < 1 || limit > MAX_LIMIT) {
      throw Checks.invalid("limit " + limit + " is out of range; expected 1 to " + MAX_LIMIT);
    }
    if (maxChars < 1 || maxChars > MAX_CHARS) {
      throw Checks.invalid(
          "text limit " + maxChars + " is out of range; expected 1 to " + MAX_CHARS);
    }
    Checks.required("lease", lease);
    Checks.required("offered", policy);
    if (lease.isNegative() || lease.compareTo(Duration.ofDays(1)) > 0) {
      throw Checks.invalid("lease " + lease + " is out of range; expected 0 to 1 day");
    }
    Checks.required("after", after);
  }

  /**
   * Takes what nobody holds a lease on.
   *
   * @param limit the most messages
   * @param lease the time to acknowledge
   * @return the request
   */
  public static ReceiveRequest queued(int limit, Duration lease) {
    return new ReceiveRequest(limit, MAX_CHARS, lease, LeasePolicy.SKIP_LEASED, Position.START);
  }

  /**
   * Takes what nobody holds a lease on, up to the first message that somebody does: nothing is
   * handed over before what was sent earlier.
   *
   * @param limit the most messages
   * @param lease the time to acknowledge
   * @return the request
   */
  public static ReceiveRequest inOrder(int limit, Duration lease) {
    return new ReceiveRequest(limit, MAX_CHARS, lease, LeasePolicy.STOP_AT_LEASED, Position.START);
  }

  /**
   * Takes whatever is not delivered yet.
   *
   * @param limit the most messages
   * @param lease the time to acknowledge
   * @return the request
   */
  public static ReceiveRequest undelivered(int limit, Duration lease) {
    return new ReceiveRequest(limit, MAX_CHARS, lease, LeasePolicy.INCLUDE_LEASED, Position.START);
  }

  /**
   * The same with less text.
   *
   * @param chars the most characters of text
   * @return a request that differs in this only
   */
  public ReceiveRequest atMostChars(int chars) {
    return new ReceiveRequest(limit, chars, lease, policy, after);
  }

  /**
   * The same without the messages up to one, whatever their state.
   *
   * @param id the largest id to leave out
   * @return a request that differs in this only
   */
  public ReceiveRequest after(long id) {
    return after(Position.of(id));
  }

  /**
   * The same without the messages up to a position, whatever their state.
   *
   * @param position the position
   * @return a request that differs in this only
   */
  public ReceiveRequest after(Position position) {
    return new ReceiveRequest(limit, maxChars, lease, policy, position);
  }
}
