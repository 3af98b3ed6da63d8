package dev.peers.server.http;

import dev.peers.Broker;
import dev.peers.ErrorCode;
import dev.peers.PeerId;
import dev.peers.PeersException;
import dev.peers.Position;
import dev.peers.transport.http.wire.Protocol;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.jetty.util.Callback;

/**
 * Opens event streams, and bounds how many there are: each keeps a connection for as long as its
 * client likes. Thread-safe.
 */
final class EventStreams {
  /** A peer may be several sessions, each with a stream, or a client that leaves old ones open. */
  private static final int MAX_EACH = 16;

  /** Fewer than there may be connections, so that requests find their way in. */
  private static final int MAX_ALL = 768;

  private static final Duration RETRY = Duration.ofSeconds(Protocol.PING_SECONDS);

  private final Broker broker;
  private final ScheduledExecutorService timer;
  private final AnswerRoom room;
  // The sum of the counts is that of all: both change in enter and leave, and nowhere else.
  private final Map<PeerId, Integer> counts = new ConcurrentHashMap<>();
  private final AtomicInteger all = new AtomicInteger();

  EventStreams(Broker broker, ScheduledExecutorService timer, AnswerRoom room) {
    this.broker = broker;
    this.timer = timer;
    this.room = room;
  }

  /** A stream of the caller's mail, from the last event that it has seen. */
  Reply open(Call call) {
    PeerId peer = call.self();
    Position after = lastSeen(call);
    broker.heartbeat(peer);
    return exchange -> open(exchange, peer, after);
  }

  /** The count goes down at the end of the exchange, or here if there was never a stream. */
  private void open(Exchange exchange, PeerId peer, Position after) {
    // Counted before it is opened: two that come at once must not both be the last one.
    enter(peer);
    Callback end = Callback.from(exchange.callback(), () -> leave(peer));
    try {
      new EventStream(broker, peer, after, exchange.response(), end, timer, room).open();
    } catch (RuntimeException e) {
      // It never began: a client that tries again while the store is away must not use up the room.
      leave(peer);
      throw e;
    }
    exchange.uncount();
  }

  /** Where to go on, which the client says in a header as browsers do. */
  private static Position lastSeen(Call call) {
    String last = call.header(Protocol.LAST_EVENT_HEADER);
    try {
      return last == null || last.isBlank() ? Position.START : Position.parse(last);
    } catch (PeersException e) {
      throw new HttpError(
          400,
          ErrorCode.INVALID_ARGUMENT,
          "the header Last-Event-ID must be the id of an earlier event, or a message's number");
    }
  }

  /** Counts a stream, or refuses it and counts nothing. */
  private void enter(PeerId peer) {
    if (all.incrementAndGet() > MAX_ALL) {
      all.decrementAndGet();
      throw PeersException.retryLater(
          ErrorCode.RATE_LIMITED,
          "there are " + MAX_ALL + " event streams already, the most a broker serves",
          RETRY);
    }
    if (counts.merge(peer, 1, Integer::sum) > MAX_EACH) {
      leave(peer);
      throw PeersException.retryLater(
          ErrorCode.RATE_LIMITED,
          "peer '" + peer + "' has " + MAX_EACH + " event streams already; close one",
          RETRY);
    }
  }

  /** For each enter that was not refused, once. */
  private void leave(PeerId peer) {
    all.decrementAndGet();
    counts.computeIfPresent(peer, (id, count) -> count == 1 ? null : count - 1);
  }
}
