package dev.peers.server.http;

import dev.peers.ErrorCode;
import dev.peers.PeersException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Room in memory for answers that hold messages: so many are put together at a time, and so many
 * bytes of them wait for their readers. Who finds no room comes again. Thread-safe.
 */
final class AnswerRoom {
  /** What an answer with as much text as there may be costs while it is put together. */
  private static final long BUILT_BYTES = 16L << 20;

  private static final int MOST_WAITING = 32;
  private static final long WAIT_MILLIS = 2_000;

  /** Those below cost less than the connection that waits for them. */
  private static final int SMALL = 16 * 1024;

  private final Semaphore building;
  private final ByteBudget budget;

  AnswerRoom(long heap) {
    this.building = new Semaphore((int) Math.max(2, heap / 2 / BUILT_BYTES), true);
    this.budget = new ByteBudget(heap / 4);
  }

  /**
   * An answer that was put together, for which there is room until it is closed.
   *
   * @param of what it says
   * @param parts what is written
   * @param bytes how many of them are counted
   * @param budget from which those were taken
   */
  record Answer<T>(T of, List<byte[]> parts, long bytes, ByteBudget budget)
      implements AutoCloseable {
    @Override
    public void close() {
      budget.giveBack(bytes);
    }
  }

  /**
   * Puts an answer together when there is room, which takes a moment at most.
   *
   * @throws PeersException {@link ErrorCode#UNAVAILABLE} if there is none
   */
  <T> Answer<T> build(Supplier<T> read, Function<T, byte[]> write) {
    if (building.getQueueLength() >= MOST_WAITING || !acquire(WAIT_MILLIS)) {
      throw full();
    }
    return built(read, write);
  }

  /** The same, or null where one would have to wait. */
  <T> @Nullable Answer<T> buildNow(Supplier<T> read, Function<T, byte[]> write) {
    return acquire(0) ? built(read, write) : null;
  }

  private <T> Answer<T> built(Supplier<T> read, Function<T, byte[]> write) {
    try {
      T of = read.get();
      byte[] bytes = write.apply(of);
      long counted = bytes.length <= SMALL ? 0 : bytes.length;
      if (!budget.tryTake(counted)) {
        throw full();
      }
      return new Answer<>(of, List.of(bytes), counted, budget);
    } finally {
      building.release();
    }
  }

  private boolean acquire(long millis) {
    try {
      return building.tryAcquire(millis, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private static PeersException full() {
    return PeersException.retryLater(
        ErrorCode.UNAVAILABLE,
        "the broker is sending as many long answers as it has memory for; ask for fewer messages"
            + " at a time, read what you are sent, or try again",
        Duration.ofSeconds(1));
  }
}
