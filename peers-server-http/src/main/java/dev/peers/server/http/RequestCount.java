package dev.peers.server.http;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * How many requests are being answered. A server that stops waits for these, and a lone send takes
 * the way that is the quickest for one. Event streams, which never end by themselves, are not
 * counted once they are open. Thread-safe.
 */
final class RequestCount {
  private static final long LOOK_MILLIS = 5;

  private final AtomicInteger count = new AtomicInteger();

  /** Counts a request until the result is run, which may happen more than once. */
  Runnable begin() {
    count.incrementAndGet();
    AtomicBoolean ended = new AtomicBoolean();
    return () -> {
      if (ended.compareAndSet(false, true)) {
        count.decrementAndGet();
      }
    };
  }

  /** Whether there is one, which is the caller's own. */
  boolean isOne() {
    return count.get() == 1;
  }

  /** Waits until there is none, for a limited time. */
  void awaitNone(long millis) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    // Polled rather than signalled: this happens once, and requests all the time.
    while (count.get() > 0 && System.nanoTime() - end < 0) {
      Thread.sleep(LOOK_MILLIS);
    }
  }
}
