package dev.peers.tck;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * A bounded wait for what other threads or processes bring about.
 *
 * @since 0.1
 */
public final class Eventually {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private Eventually() {}

  /**
   * Waits until a condition holds, for 60 seconds at most.
   *
   * @param what what is waited for, for the failure's message
   * @param condition what must come true
   */
  public static void eventually(String what, BooleanSupplier condition) {
    long end = System.nanoTime() + LIMIT.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - end > 0) {
        throw new AssertionError("after " + LIMIT.toSeconds() + " s still not: " + what);
      }
      LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
    }
  }
}
