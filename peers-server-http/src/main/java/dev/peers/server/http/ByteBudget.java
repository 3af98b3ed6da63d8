package dev.peers.server.http;

import java.util.concurrent.atomic.AtomicLong;

/**
 * How many bytes all callers together may have under way. A caller that gets none is refused and
 * does not wait: a thread that waited would hold up those that could give some back. Thread-safe.
 */
final class ByteBudget {
  private final long limit;
  private final AtomicLong taken = new AtomicLong();

  /**
   * Makes a budget that nothing has been taken from.
   *
   * @param limit the most bytes at a time
   */
  ByteBudget(long limit) {
    this.limit = limit;
  }

  /** Takes bytes, which are given back later, or returns false if there are not so many left. */
  boolean tryTake(long bytes) {
    if (taken.addAndGet(bytes) <= limit) {
      return true;
    }
    taken.addAndGet(-bytes);
    return false;
  }

  void giveBack(long bytes) {
    taken.addAndGet(-bytes);
  }

  /** How many bytes are under way. */
  long taken() {
    return taken.get();
  }
}
