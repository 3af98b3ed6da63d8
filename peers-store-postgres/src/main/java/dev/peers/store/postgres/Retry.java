package dev.peers.store.postgres;

import dev.peers.ErrorCode;
import dev.peers.PeersException;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/** Tries again what fails because a connection is lost, until it is closed. Thread-safe. */
final class Retry implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(8);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(50);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);

  private final String address;
  private volatile boolean closed;

  /**
   * Makes one for a server.
   *
   * @param address where it is, for errors
   */
  Retry(String address) {
    this.address = address;
  }

  /** What can be done again, as its answer may have been lost. */
  interface Attempt<T> {
    /**
     * Does it.
     *
     * @param repeated whether it may have been done before
     */
    T make(boolean repeated);
  }

  /** When a method that begins now gives up, by the system's ticker. */
  static long deadline() {
    return System.nanoTime() + PATIENCE.toNanos();
  }

  /**
   * Tries twice at least, and again until the deadline: to notice that a connection is dead may
   * take longer than that.
   */
  <T> T run(Attempt<T> attempt, long deadline) {
    long pause = FIRST_PAUSE.toNanos();
    boolean repeated = false;
    while (true) {
      requireOpen();
      try {
        return attempt.make(repeated);
      } catch (PeersException e) {
        throw e;
      } catch (RuntimeException e) {
        requireOpen();
        if (Thread.currentThread().isInterrupted()) {
          throw interrupted(SqlErrors.of(address, e));
        }
        boolean late = repeated && System.nanoTime() + pause - deadline > 0;
        if (late || !SqlErrors.mayPass(e)) {
          throw SqlErrors.of(address, e);
        }
      }
      repeated = true;
      sleep(pause / 2 + ThreadLocalRandom.current().nextLong(pause / 2));
      pause = Math.min(2 * pause, LONGEST_PAUSE.toNanos());
    }
  }

  void requireOpen() {
    if (closed) {
      throw closedFailure();
    }
  }

  PeersException closedFailure() {
    return new PeersException(ErrorCode.CLOSED, "the store at " + address + " was closed");
  }

  @Override
  public void close() {
    closed = true;
  }

  private void sleep(long nanos) {
    try {
      Thread.sleep(Duration.ofNanos(nanos).toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw interrupted(e);
    }
  }

  private PeersException interrupted(Exception cause) {
    return new PeersException(
        ErrorCode.STORE_FAILED,
        "interrupted while the database at "
            + address
            + " could not be reached; what was to be written may have been, or not",
        cause);
  }
}
