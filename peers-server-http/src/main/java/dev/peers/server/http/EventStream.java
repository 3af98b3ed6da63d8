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
 * the client has seen. An event informs; it is no delivery. Writes do not block, so a client that
 * reads slowly delays itself alone.
 */
final class EventStream {
  private static final System.Logger LOG = System.getLogger(EventStream.class.getName());

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

  // Guarded by lock.
  private Position last;
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

  void open() {
    HistoryPage newest = broker.history(HistoryQuery.latest(1));
    synchronized (lock) {
      if (!isOf(newest, last)) {
        last = Position.START;
      }
    }
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

  /** Writes what is due; called by whoever has set {@code writing}. */
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
        if (events == null) {
          lookLater();
          continue;
        }
        Batch batch = events.of();
        if (batch.isEmpty()) {
          events.close();
          continue;
        }
        synchronized (lock) {
          last = batch.after(batch.deliveries().get(batch.deliveries().size() - 1));
          wakeUpDue |= batch.remaining() > 0;
        }
        write(events.parts().get(0), events::close);
        return;
      }
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

  private static byte[] events(Batch batch) {
    StringBuilder text = new StringBuilder();
    for (Delivery delivery : batch.deliveries()) {
      text.append("id: ").append(batch.after(delivery)).append("\nevent: message\ndata: ");
      text.append(new String(WireCodec.write(MessageJson.write(delivery)), StandardCharsets.UTF_8));
      text.append("\n\n");
    }
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

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
