package dev.peers.mcp.delivery;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * How many messages may be pushed into an agent's context: so many a minute, and fewer at the
 * start, when a long absence may have filled the mailbox. Not thread-safe.
 */
final class TokenBucket {
  private static final int AT_START = 20;
  private static final double MINUTE_NANOS = TimeUnit.MINUTES.toNanos(1);

  private final int perMinute;
  private final LongSupplier ticker;
  private double tokens;
  private long nanos;

  /**
   * Opens a budget.
   *
   * @param perMinute the most pushes in a minute; 0 for any number
   * @param ticker nanoseconds
   */
  TokenBucket(int perMinute, LongSupplier ticker) {
    this.perMinute = perMinute;
    this.ticker = ticker;
    this.tokens = Math.min(AT_START, perMinute);
    this.nanos = ticker.getAsLong();
  }

  /** How many may be pushed now, up to as many as asked for. */
  int room(int wanted) {
    if (perMinute == 0) {
      return wanted;
    }
    long now = ticker.getAsLong();
    tokens = Math.min(perMinute, tokens + (now - nanos) / MINUTE_NANOS * perMinute);
    nanos = now;
    return Math.min(wanted, (int) tokens);
  }

  /** Takes note of pushes. */
  void spend(int pushes) {
    tokens -= pushes;
  }
}
