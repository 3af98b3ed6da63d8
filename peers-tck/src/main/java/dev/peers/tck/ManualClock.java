package dev.peers.tck;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/**
 * Time that passes when a test says so: a clock for the time of day, and with {@link #nanoTime()} a
 * ticker for durations. Thread-safe.
 *
 * @since 0.1
 */
public final class ManualClock implements InstantSource {
  private final Object lock = new Object();
  // Both guarded by lock.
  private Instant instant = Instant.parse("2026-01-02T03:04:05.678Z");
  private long nanos = 1_000_000_000L;

  /** Makes a clock that stands at a fixed time. */
  public ManualClock() {}

  @Override
  public Instant instant() {
    synchronized (lock) {
      return instant;
    }
  }

  /**
   * The ticker.
   *
   * @return nanoseconds that grow with {@link #advance}
   */
  public long nanoTime() {
    synchronized (lock) {
      return nanos;
    }
  }

  /**
   * Lets time pass.
   *
   * @param duration how long
   */
  public void advance(Duration duration) {
    synchronized (lock) {
      instant = instant.plus(duration);
      nanos += duration.toNanos();
    }
  }

  /**
   * Lets the time of day leap, as when a machine wakes up or its clock is set; the ticker stands
   * still.
   *
   * @param duration how far, back if negative
   */
  public void leap(Duration duration) {
    synchronized (lock) {
      instant = instant.plus(duration);
    }
  }
}
