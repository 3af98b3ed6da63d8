package dev.peers.client;

import static dev.peers.Arguments.waitingNanos;

import java.time.Duration;

/** When a wait is over, by a clock that does not leap. */
final class Deadline {
  private final long end;

  private Deadline(long end) {
    this.end = end;
  }

  /** At that time from now on; at once for no time. */
  static Deadline in(Duration atMost) {
    return new Deadline(System.nanoTime() + waitingNanos("atMost", atMost));
  }

  /** The earlier of this and so many nanoseconds from now on. */
  Deadline orIn(long nanos) {
    return new Deadline(System.nanoTime() + Math.min(nanos, nanosLeft()));
  }

  /** How long there is yet; 0 or less when it is over. */
  long nanosLeft() {
    return end - System.nanoTime();
  }

  boolean isOver() {
    return nanosLeft() <= 0;
  }
}
