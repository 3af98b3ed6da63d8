package dev.peers.server.http;

import dev.peers.ErrorCode;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.Nullable;

/**
 * A request's body: read as it comes, on no thread that waits, within a size and a time, and within
 * what all bodies together may hold until they have been dealt with.
 *
 * <p>Jetty's {@code Content.Source.asByteArrayAsync} keeps the buffers that a body arrives in until
 * it is complete, 8 KB for each byte of a client that sends them one by one, and it fails the
 * source of a body that is too long. Here each piece is copied and counted as it comes, and a
 * client that is refused gets to read why: see {@code docs/adr/0018}.
 */
final class RequestBody {
  static final int MAX_BYTES = 256 * 1024;

  private static final int SECONDS = 10;

  /** A client that was refused while it sends is read from so long: else it misses the answer. */
  private static final int LINGER_SECONDS = 5;

  private static final ByteBudget NONE = new ByteBudget(0);

  private final Request request;
  private final ScheduledExecutorService timer;
  private final Object lock = new Object();

  // Both guarded by lock. While it reads, a thread is in next() or will be called into it: Jetty
  // takes one read and one demand at a time, so a further use of the body goes on with that.
  private boolean reading;
  private @Nullable Use use;

  /**
   * Begins to read nothing yet.
   *
   * @param timer for the limits of time
   */
  RequestBody(Request request, ScheduledExecutorService timer) {
    this.request = request;
    this.timer = timer;
  }

  /**
   * Reads the body.
   *
   * @param budget what all bodies may take
   * @param whole takes the body, whose bytes are free again when it returns
   * @param failed takes a {@link HttpError} where the client is to blame, else why the connection
   *     broke; one of the two is called, once
   */
  void read(ByteBudget budget, Consumer<byte[]> whole, Consumer<Throwable> failed) {
    if (request.getLength() > MAX_BYTES) {
      failed.accept(tooLarge());
      return;
    }
    Use reads = new Use(new ByteArrayOutputStream(512), budget, whole, failed);
    begin(
        reads,
        SECONDS,
        () ->
            reads.fail(
                new HttpError(408, ErrorCode.INVALID_ARGUMENT, "the body took longer than 10 s")));
  }

  /**
   * Reads what still comes and forgets it, so that the client gets to read its answer.
   *
   * @param done called when the body is over, or when it takes too long
   */
  void drain(Runnable done) {
    Use drains = new Use(null, NONE, bytes -> done.run(), e -> done.run());
    begin(drains, LINGER_SECONDS, () -> drains.end(done));
  }

  private void begin(Use next, int seconds, Runnable tooLate) {
    boolean starts;
    synchronized (lock) {
      use = next;
      starts = !reading;
      reading = true;
    }
    if (starts) {
      next();
    }
    // Afterwards: most bodies are here at once, and need no timer.
    next.limit(seconds, tooLate);
  }

  private void next() {
    while (true) {
      Use now;
      synchronized (lock) {
        now = use;
        if (now == null || now.ended) {
          reading = false;
          return;
        }
      }
      Content.Chunk chunk = request.read();
      if (chunk == null) {
        request.demand(this::next);
        return;
      }
      if (Content.Chunk.isFailure(chunk)) {
        now.fail(chunk.getFailure());
      } else {
        now.take(chunk);
      }
    }
  }

  private static HttpError tooLarge() {
    return new HttpError(
        413, ErrorCode.INVALID_ARGUMENT, "the body has more than " + MAX_BYTES + " bytes");
  }

  private static HttpError noRoom() {
    return new HttpError(
        503,
        ErrorCode.UNAVAILABLE,
        "the broker is serving as many requests as it has memory for; try again",
        1);
  }

  /** What the body is read for: for its bytes, or to have it over. Ends once. */
  private final class Use {
    private final @Nullable ByteArrayOutputStream kept;
    private final ByteBudget budget;
    private final Consumer<byte[]> whole;
    private final Consumer<Throwable> failed;
    // All guarded by lock.
    private boolean ended;
    private @Nullable Future<?> limit;
    private long taken;

    Use(
        @Nullable ByteArrayOutputStream kept,
        ByteBudget budget,
        Consumer<byte[]> whole,
        Consumer<Throwable> failed) {
      this.kept = kept;
      this.budget = budget;
      this.whole = whole;
      this.failed = failed;
    }

    void limit(int seconds, Runnable tooLate) {
      synchronized (lock) {
        if (!ended) {
          try {
            limit = timer.schedule(tooLate, seconds, TimeUnit.SECONDS);
          } catch (RejectedExecutionException e) {
            // The server is closing, which ends this too.
          }
        }
      }
    }

    /** Takes a piece, which is given back to Jetty before anything follows from it. */
    void take(Content.Chunk chunk) {
      boolean room = keep(chunk.getByteBuffer());
      boolean last = chunk.isLast();
      chunk.release();
      if (!room) {
        fail(noRoom());
      } else if (kept != null && kept.size() > MAX_BYTES) {
        fail(tooLarge());
      } else if (last) {
        end(() -> whole.accept(kept == null ? new byte[0] : kept.toByteArray()));
      }
    }

    /** Keeps bytes; returns false if there is no room for them. */
    private boolean keep(ByteBuffer bytes) {
      int count = bytes.remaining();
      if (kept == null || count == 0) {
        return true;
      }
      synchronized (lock) {
        if (ended || !budget.tryTake(count)) {
          return false;
        }
        taken += count;
      }
      byte[] copy = new byte[count];
      bytes.get(copy);
      kept.writeBytes(copy);
      return true;
    }

    void fail(Throwable reason) {
      end(() -> failed.accept(reason));
    }

    void end(Runnable action) {
      synchronized (lock) {
        if (ended) {
          return;
        }
        ended = true;
        if (limit != null) {
          limit.cancel(false);
        }
      }
      try {
        action.run();
      } finally {
        synchronized (lock) {
          budget.giveBack(taken);
          taken = 0;
        }
      }
    }
  }
}
