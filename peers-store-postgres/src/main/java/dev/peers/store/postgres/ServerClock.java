package dev.peers.store.postgres;

import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import org.jdbi.v3.core.Handle;

/**
 * The server's clock, carried on by this machine's ticker. Each sample is off by half its round
 * trip at most, so the quickest of the last few is the one that counts. Where the ticker stands
 * still while the machine sleeps, the clock is late until the next sample. Thread-safe.
 */
final class ServerClock implements InstantSource {
  private static final int KEPT = 8;
  // How much the two clocks may drift apart from one sample to another: 500 microseconds a second.
  private static final long DRIFT = 2_000;

  private final Object lock = new Object();
  // Guarded by lock.
  private final Deque<Sample> samples = new ArrayDeque<>();
  private volatile long offset;

  /** Asks the server what time it is. */
  void synchronize(Handle handle) {
    long sent = System.nanoTime();
    long micros =
        handle
            .createQuery("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint")
            .mapTo(long.class)
            .one();
    add(sent, System.nanoTime(), micros);
  }

  /**
   * Takes an answer into account.
   *
   * @param sent when the server was asked, by the ticker
   * @param received when its answer came
   * @param micros the server's time, in microseconds since 1970
   */
  void add(long sent, long received, long micros) {
    long error = (received - sent) / 2;
    Sample latest = new Sample(received, micros * 1_000 - sent - error, error);
    synchronized (lock) {
      // The server's clock was set, or this machine slept: what was measured before is void.
      if (samples.stream().anyMatch(earlier -> earlier.contradicts(latest))) {
        samples.clear();
      }
      samples.addLast(latest);
      if (samples.size() > KEPT) {
        samples.removeFirst();
      }
      offset =
          samples.stream().min(Comparator.comparingLong(Sample::error)).orElse(latest).offset();
    }
  }

  @Override
  public Instant instant() {
    return at(System.nanoTime());
  }

  Instant at(long ticker) {
    return Instant.ofEpochMilli(Math.floorDiv(ticker + offset, 1_000_000L));
  }

  /**
   * A measurement, all in nanoseconds.
   *
   * @param taken when, by the ticker
   * @param offset what to add to the ticker for the server's time since 1970
   * @param error by how much the offset may be wrong
   */
  private record Sample(long taken, long offset, long error) {
    boolean contradicts(Sample later) {
      long drift = (later.taken - taken) / DRIFT;
      return Math.abs(later.offset - offset) > error + later.error + drift;
    }
  }
}
