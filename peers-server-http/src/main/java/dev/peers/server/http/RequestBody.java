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
 */
final class RequestBody {
  static final int MAX_BYTES = 256 * 1024;

  private static final int SECONDS = 10;

  /** Who was refused while still sending is listened to so long: else it would miss the answer. */
  private static final int LINGER_SECONDS = 5;

  private static final ByteBudget NONE = new ByteBudget(0);

  private final Request request;
  private final @Nullable ByteArrayOutputStream kept;
  private final ByteBudget budget;
  private final Consumer<byte[]> whole;
  private final Consumer<Throwable> failed;
  private final Object lock = new Object();
  // All guarded by lock.
  private boolean ended;
  private @Nullable Future<?> limit;
  private long taken;

  private RequestBody(
      Request request,
      @Nullable ByteArrayOutputStream kept,
      ByteBudget budget,
      Consumer<byte[]> whole,
      Consumer<Throwable> failed) {
    this.request = request;
    this.kept = kept;
    this.budget = budget;
    this.whole = whole;
    this.failed = failed;
  }

  /**
   * Reads a body.
   *
   * @param budget what all bodies may take
   * @param whole takes the body, whose bytes are free again when it returns
   * @param failed takes a {@link HttpError} where the client is to blame, else why the connection
   *     broke; one of the two is called, once
   */
  static void read(
      Request request,
      ScheduledExecutorService timer,
      ByteBudget budget,
      Consumer<byte[]> whole,
      Consumer<Throwable> failed) {
    if (request.getLength() > MAX_BYTES) {
      failed.accept(tooLarge());
      return;
    }
    RequestBody body =
        new RequestBody(request, new ByteArrayOutputStream(512), budget, whole, failed);
    body.next();
    body.limit(
        timer,
        SECONDS,
        () ->
            body.fail(
                new HttpError(408, ErrorCode.INVALID_ARGUMENT, "the body took longer than 10 s")));
  }

  /** Reads what still comes and forgets it, so that the client gets to read its answer. */
  static void drain(Request request, ScheduledExecutorService timer, Runnable done) {
    RequestBody body = new RequestBody(request, null, NONE, bytes -> done.run(), e -> done.run());
    body.next();
    body.limit(timer, LINGER_SECONDS, () -> body.end(done));
  }

  private void limit(ScheduledExecutorService timer, int seconds, Runnable action) {
    synchronized (lock) {
      if (!ended) {
        try {
          limit = timer.schedule(action, seconds, TimeUnit.SECONDS);
        } catch (RejectedExecutionException e) {
          // The server is closing, which ends this too.
        }
      }
    }
  }

  private void next() {
    while (true) {
      Content.Chunk chunk = request.read();
      if (chunk == null) {
        request.demand(this::next);
        return;
      }
      if (Content.Chunk.isFailure(chunk)) {
        fail(chunk.getFailure());
        return;
      }
      boolean room = keep(chunk.getByteBuffer());
      boolean last = chunk.isLast();
      chunk.release();
      if (!room) {
        fail(
            new HttpError(
                503,
                ErrorCode.UNAVAILABLE,
                "the broker is serving as many requests as it has memory for; try again",
                1));
        return;
      }
      if (kept != null && kept.size() > MAX_BYTES) {
        fail(tooLarge());
        return;
      }
      if (last) {
        end(() -> whole.accept(kept == null ? new byte[0] : kept.toByteArray()));
        return;
      }
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

  private void fail(Throwable reason) {
    end(() -> failed.accept(reason));
  }

  private void end(Runnable action) {
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

  private static HttpError tooLarge() {
    return new HttpError(
        413, ErrorCode.INVALID_ARGUMENT, "the body has more than " + MAX_BYTES + " bytes");
  }
}
