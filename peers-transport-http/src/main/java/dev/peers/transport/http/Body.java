package dev.peers.transport.http;

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

/** A request's body: read as it comes, on no thread that waits, within a size and a time. */
final class Body {
  static final int MAX_BYTES = 256 * 1024;

  private static final int SECONDS = 10;

  /** Who was refused while still sending is listened to so long: else it would miss the answer. */
  private static final int LINGER_SECONDS = 5;

  private final Request request;
  private final @Nullable ByteArrayOutputStream kept;
  private final Consumer<byte[]> whole;
  private final Consumer<Throwable> failed;
  private final Object lock = new Object();
  // Both guarded by lock.
  private boolean ended;
  private @Nullable Future<?> limit;

  private Body(
      Request request,
      @Nullable ByteArrayOutputStream kept,
      Consumer<byte[]> whole,
      Consumer<Throwable> failed) {
    this.request = request;
    this.kept = kept;
    this.whole = whole;
    this.failed = failed;
  }

  /**
   * Reads a body.
   *
   * @param whole takes the body
   * @param failed takes a {@link Refusal} where the client is to blame, else why the connection
   *     broke; one of the two is called, once
   */
  static void read(
      Request request,
      ScheduledExecutorService timer,
      Consumer<byte[]> whole,
      Consumer<Throwable> failed) {
    if (request.getLength() > MAX_BYTES) {
      failed.accept(tooLarge());
      return;
    }
    Body body = new Body(request, new ByteArrayOutputStream(512), whole, failed);
    body.next();
    body.limit(
        timer,
        SECONDS,
        () ->
            body.fail(
                new Refusal(408, ErrorCode.INVALID_ARGUMENT, "the body took longer than 10 s")));
  }

  /** Reads what still comes and forgets it, so that the client gets to read its answer. */
  static void drain(Request request, ScheduledExecutorService timer, Runnable done) {
    Body body = new Body(request, null, bytes -> done.run(), e -> done.run());
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
      keep(chunk.getByteBuffer());
      boolean last = chunk.isLast();
      chunk.release();
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

  private void keep(ByteBuffer bytes) {
    if (kept != null) {
      byte[] copy = new byte[bytes.remaining()];
      bytes.get(copy);
      kept.writeBytes(copy);
    }
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
    action.run();
  }

  private static Refusal tooLarge() {
    return new Refusal(
        413, ErrorCode.INVALID_ARGUMENT, "the body has more than " + MAX_BYTES + " bytes");
  }
}
