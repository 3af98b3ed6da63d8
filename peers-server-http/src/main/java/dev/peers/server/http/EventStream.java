package dev.peers.server.http;

import dev.peers.Batch;
import dev.peers.Broker;
import dev.peers.Delivery;
import dev.peers.HistoryPage;
import dev.peers.HistoryQuery;
import dev.peers.PeerId;
import dev.peers.PeersException;
import dev.peers.Position;
import dev.peers.Subscription;
import dev.peers.transport.http.wire.MessageJson;
import dev.peers.transport.http.wire.Protocol;
import dev.peers.transport.http.wire.WireCodec;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/**
 * One client's server-sent events: each undelivered message once, in order, from the last id that
 * the client has seen. An event informs; it is not a delivery. Writes do not block, so a client
 * that reads slowly delays itself alone.
 *
 * <p>It has no thread. A wake-up of the broker, the timer and the end of the last write each set a
 * flag under the lock, and unless there is a writer their thread becomes the one. There is one
 * writer at a time, {@code writing} says so, and it alone calls {@link #next()}.
 *
 * @see <a href="https://html.spec.whatwg.org/multipage/server-sent-events.html">Server-sent
 *     events</a>
 */
final class EventStream {
  private static final System.Logger LOG = System.getLogger(EventStream.class.getName());

  /** In one write: what is read at once is held in memory until the client has taken it. */
  private static final int MAX_EVENTS = 16;

  /** When it looks again where there was no room for what it would have written. */
  private static final long AGAIN_MILLIS = 100;

  private static final byte[] PING = ": ping\n\n".getBytes(StandardCharsets.UTF_8);

  private final Object lock = new Object();
  private final Broker broker;
  private final PeerId peer;
  private final Response response;
  private final Callback callback;
  private final ScheduledExecutorService timer;
  private final AnswerRoom room;

  // All guarded by lock.

  /** Of the last event that was written: the next ones come after it. */
  private Position last;

  /** From the beginning, for the comment with which the stream opens. */
  private boolean writing = true;

  private boolean wakeUpDue;
  private boolean pingDue;
  private boolean closed;
  private @Nullable Subscription subscription;
  private @Nullable Future<?> pings;

  EventStream(
      Broker broker,
      PeerId peer,
      Position after,
      Response response,
      Callback callback,
      ScheduledExecutorService timer,
      AnswerRoom room) {
    this.broker = broker;
    this.peer = peer;
    this.last = after;
    this.response = response;
    this.callback = callback;
    this.timer = timer;
    this.room = room;
  }

  /**
   * Begins the stream.
   *
   * @throws PeersException if the broker refuses; nothing has been written then, and the callback
   *     was not called
   */
  void open() {
    HistoryPage newest = broker.history(HistoryQuery.latest(1));
    synchronized (lock) {
      if (!isOf(newest, last)) {
        last = Position.START;
      }
    }
    // First subscribed, then read: mail that comes in between wakes a stream that reads anyhow.
    Subscription wakeUps = broker.subscribe(peer, this::look);
    synchronized (lock) {
      subscription = wakeUps;
      wakeUpDue = true;
    }
    try {
      var due =
          timer.scheduleWithFixedDelay(
              this::ping, Protocol.PING_SECONDS, Protocol.PING_SECONDS, TimeUnit.SECONDS);
      synchronized (lock) {
        pings = due;
      }
    } catch (RejectedExecutionException e) {
      LOG.log(System.Logger.Level.DEBUG, "the server is closing", e);
    }
    response.setStatus(200);
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, "text/event-stream");
    response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
    write(": ok\n\n".getBytes(StandardCharsets.UTF_8));
  }

  /** Of another database, or of ids that were not given yet, nothing has been seen. */
  private static boolean isOf(HistoryPage newest, Position last) {
    return (last.store().isEmpty() || last.store().equals(newest.store()))
        && newest.entries().stream().anyMatch(e -> e.message().id().value() >= last.id());
  }

  /** There may be mail. Called on a thread of the broker's, so it does not wait. */
  private void look() {
    synchronized (lock) {
      if (closed) {
        return;
      }
      wakeUpDue = true;
      if (writing) {
        return;
      }
      writing = true;
    }
    next();
  }

  /** A client that went away is noticed when it is written to. */
  private void ping() {
    synchronized (lock) {
      if (closed || writing) {
        return;
      }
      pingDue = true;
      writing = true;
    }
    next();
  }

  /** Writes what is due; called by the thread that has set {@code writing}. */
  private void next() {
    try {
      while (true) {
        Position after;
        synchronized (lock) {
          if (closed) {
            return;
          }
          if (!wakeUpDue) {
            if (!pingDue) {
              writing = false;
              return;
            }
            pingDue = false;
            break;
          }
          wakeUpDue = false;
          after = last;
        }
        AnswerRoom.Answer<Batch> events =
            room.buildNow(() -> broker.peek(peer, after, MAX_EVENTS), EventStream::events);
        // No room for it now. A thread that waited here would be one of few.
        if (events == null) {
          lookLater();
          continue;
        }
        Batch batch = events.of();
        if (batch.isEmpty()) {
          events.close();
          continue;
        }
        // Before it is written: should that fail the stream is over, and the client says with its
        // next one how far it came.
        synchronized (lock) {
          last = batch.after(batch.deliveries().get(batch.deliveries().size() - 1));
          wakeUpDue |= batch.remaining() > 0;
        }
        write(events.parts().get(0), events::close);
        return;
      }
      // A peer that listens is there, though it asks for nothing.
      broker.heartbeat(peer);
      write(PING);
    } catch (RuntimeException | Error e) {
      // Without this the client would wait on a silent stream.
      if (!(e instanceof PeersException)) {
        LOG.log(System.Logger.Level.ERROR, "an event stream failed", e);
      }
      close(e);
      Exhaustion.report(e);
    }
  }

  /** One event for each message, each in a line: JSON escapes the line feeds of a text. */
  private static byte[] events(Batch batch) {
    StringBuilder text = new StringBuilder();
    for (Delivery delivery : batch.deliveries()) {
      text.append("id: ").append(batch.after(delivery)).append("\nevent: message\ndata: ");
      text.append(new String(WireCodec.write(MessageJson.write(delivery)), StandardCharsets.UTF_8));
      text.append("\n\n");
    }
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  /** Without this, a message for which there was no room would wait for the next one. */
  private void lookLater() {
    try {
      var unused = timer.schedule(this::look, AGAIN_MILLIS, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      LOG.log(System.Logger.Level.DEBUG, "the server is closing", e);
    }
  }

  private void write(byte[] bytes) {
    write(bytes, () -> {});
  }

  /** Writes without waiting. The end of it goes on with what has become due meanwhile. */
  private void write(byte[] bytes, Runnable end) {
    response.write(
        false,
        ByteBuffer.wrap(bytes),
        Callback.from(
            () -> {
              end.run();
              next();
            },
            failure -> {
              end.run();
              close(failure);
            }));
  }

  /** Ends it, once. The subscription is closed outside the lock, which its callbacks take. */
  private void close(Throwable reason) {
    Subscription wakeUps;
    Future<?> due;
    synchronized (lock) {
      if (closed) {
        return;
      }
      closed = true;
      wakeUps = subscription;
      due = pings;
    }
    if (wakeUps != null) {
      wakeUps.close();
    }
    if (due != null) {
      due.cancel(false);
    }
    callback.failed(reason);
  }
}
