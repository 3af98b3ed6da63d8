package dev.peers.transport.http;

import static dev.peers.Arguments.required;
import static dev.peers.Arguments.requiredAll;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.peers.Batch;
import dev.peers.Broker;
import dev.peers.BrokerStatus;
import dev.peers.ErrorCode;
import dev.peers.HistoryPage;
import dev.peers.HistoryQuery;
import dev.peers.MessageId;
import dev.peers.OutgoingMessage;
import dev.peers.Peer;
import dev.peers.PeerId;
import dev.peers.PeerQuery;
import dev.peers.PeersException;
import dev.peers.Position;
import dev.peers.Receipt;
import dev.peers.ReceiveRequest;
import dev.peers.Registration;
import dev.peers.RegistrationResult;
import dev.peers.Scope;
import dev.peers.SessionKey;
import dev.peers.Subscription;
import dev.peers.Summary;
import dev.peers.spi.ClientConfig;
import dev.peers.transport.http.wire.JsonFields;
import dev.peers.transport.http.wire.MessageJson;
import dev.peers.transport.http.wire.PeerJson;
import dev.peers.transport.http.wire.Protocol;
import dev.peers.transport.http.wire.WireCodec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A broker elsewhere, over HTTP. It can act as the peers that registered through it, and as no
 * others; {@link RegisteredPeers} has their keys. Requests that act as no peer take the token
 * alone.
 *
 * <p>Arguments are checked for null before anything is sent; all else the broker at the other end
 * checks, whose refusals come back with their codes. Thread-safe: no lock is held while a request
 * is under way.
 */
final class HttpBroker implements Broker {
  /** With its pauses, longer than a broker takes to be replaced. */
  private static final int SEND_TRIES = 3;

  /** After that long no further try is begun: callers wait for an answer. */
  private static final long SEND_NANOS = TimeUnit.SECONDS.toNanos(10);

  private static final long PAUSE_MILLIS = 400;

  private final HttpCalls calls;
  private final RegisteredPeers registered;

  /**
   * Those that may be open, for the end. Guarded by itself; the closed ones are swept with a next.
   */
  private final List<EventStreamClient> listeners = new ArrayList<>();

  HttpBroker(ClientConfig config) {
    this.calls = new HttpCalls(config);
    this.registered = new RegisteredPeers(calls);
  }

  /** Keeps the key that comes back, with which this connection acts as the peer from now on. */
  @Override
  public RegistrationResult register(Registration registration) {
    required("registration", registration);
    return registered.register(registration);
  }

  /** Names the instance, since several sessions may be one peer. */
  @Override
  public void heartbeat(PeerId id, @Nullable String instance) {
    required("id", id);
    call("/heartbeat", id, self(id).put("instance", instance));
  }

  @Override
  public void addKey(PeerId id, SessionKey key) {
    required("id", id);
    required("key", key);
    call("/add-key", id, self(id).put("session_key", key.value()));
  }

  @Override
  public void unregister(PeerId id, @Nullable String instance) {
    required("id", id);
    call("/unregister", id, self(id).put("instance", instance));
  }

  /** As the operator: a peer cannot remove another. */
  @Override
  public void forget(PeerId id) {
    required("id", id);
    call("/forget-peer", PeerId.OPERATOR, self(id));
  }

  /** A source is named only if it is not the one that the original's clients stand for. */
  @Override
  public void setSummary(PeerId id, String text, Summary.Source source) {
    required("id", id);
    required("text", text);
    required("source", source);
    ObjectNode body = self(id).put("summary", text);
    if (source == Summary.Source.AUTOMATIC) {
      body.put("source", "automatic");
    }
    call("/set-summary", id, body);
  }

  /** The fields of the original, where its scopes have any: it knows no host and no network. */
  @Override
  public List<Peer> list(PeerQuery query) {
    required("query", query);
    ObjectNode body = WireCodec.object();
    Scope scope = query.scope();
    if (scope instanceof Scope.Network) {
      body.put("scope", "network");
    } else if (scope instanceof Scope.Machine machine) {
      body.put("scope", "machine").put("host", machine.host());
    } else if (scope instanceof Scope.Directory directory) {
      body.put("scope", "directory").put("cwd", directory.cwd()).put("host", directory.host());
    } else if (scope instanceof Scope.Repository repository) {
      // The broker reads a whole workspace from these fields, and that has a directory.
      String dir = repository.gitCommonDir();
      body.put("scope", "repo").put("cwd", dir).put("git_common_dir", dir);
      body.put("host", repository.host());
    }
    query.excluded().ifPresent(id -> body.put("exclude_id", id.value()));
    body.put("include_away", query.includeAway());
    return peers(body);
  }

  @Override
  public Optional<Peer> find(PeerId id) {
    required("id", id);
    return peers(WireCodec.object().put("scope", "network").put("id", id.value())).stream()
        .findFirst();
  }

  /**
   * Sends, more than once if need be: the idempotency key makes it one message. What the broker has
   * refused is not tried again, only what may not have reached it.
   */
  @Override
  public Receipt send(OutgoingMessage draft) {
    required("draft", draft);
    ObjectNode body =
        WireCodec.object()
            .put("from_id", draft.from().value())
            .put("to_id", draft.to().value())
            .put("text", draft.text());
    // Always with a key: a connection that breaks may have carried the message or not.
    String key = draft.idempotencyKey();
    body.put("idempotency_key", key == null ? UUID.randomUUID().toString() : key);
    MessageId inReplyTo = draft.inReplyTo();
    if (inReplyTo != null) {
      body.put("in_reply_to", inReplyTo.value());
      body.put("without_acknowledging", !draft.acknowledges());
    }
    long start = System.nanoTime();
    for (int tries = 1; ; tries++) {
      try {
        return MessageJson.readReceipt(call("/send-message", draft.from(), body));
      } catch (PeersException e) {
        if (e.code() != ErrorCode.UNAVAILABLE) {
          throw e;
        }
        if (tries == SEND_TRIES || System.nanoTime() - start > SEND_NANOS) {
          throw new PeersException(
              ErrorCode.UNAVAILABLE, e.getMessage() + " The message may have been sent, or not", e);
        }
        pause();
      }
    }
  }

  /** For a broker that is just being replaced. */
  private static void pause() {
    try {
      Thread.sleep(PAUSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new PeersException(
          ErrorCode.UNAVAILABLE, "interrupted; the message may have been sent, or not", e);
    }
  }

  /** Under a lease, always: an answer that is lost on the way must not count as read. */
  @Override
  public Batch receive(PeerId id, ReceiveRequest take) {
    required("id", id);
    required("take", take);
    ObjectNode body =
        self(id)
            .put("ack", "explicit")
            .put("limit", take.limit())
            .put("max_chars", take.maxChars())
            .put("lease_ms", take.lease().toMillis())
            .put("include_offered", take.policy() == ReceiveRequest.LeasePolicy.INCLUDE_LEASED)
            .put("in_order", take.policy() == ReceiveRequest.LeasePolicy.STOP_AT_LEASED);
    body.set("after", wire(take.after()));
    return MessageJson.readBatch(call("/poll-messages", id, body));
  }

  /** Takes nothing, so it may be repeated and lost. */
  @Override
  public Batch peek(PeerId id, Position after, int limit) {
    required("id", id);
    required("after", after);
    ObjectNode body = self(id).put("ack", "none").put("limit", limit);
    body.set("after", wire(after));
    return MessageJson.readBatch(call("/poll-messages", id, body));
  }

  /** One request for all; what has been acknowledged before does no harm. */
  @Override
  public void acknowledge(PeerId id, Collection<MessageId> messages) {
    required("id", id);
    List<MessageId> all = requiredAll("messages", messages);
    // An empty call makes no request, which would have told that this is closed.
    calls.requireOpen();
    if (all.isEmpty()) {
      return;
    }
    ObjectNode body = self(id);
    ArrayNode ids = body.putArray("message_ids");
    all.forEach(message -> ids.add(message.value()));
    call("/ack-messages", id, body);
  }

  /** Needs no key: who knows a message's number and the token may ask what became of it. */
  @Override
  public Optional<Receipt> receipt(MessageId id) {
    required("id", id);
    try {
      ObjectNode body = WireCodec.object().put("message_id", id.value());
      return Optional.of(MessageJson.readReceipt(call("/message-status", null, body)));
    } catch (PeersException e) {
      if (e.code() == ErrorCode.UNKNOWN_MESSAGE) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** As the operator, whose mailbox alone may see all; it must have registered here. */
  @Override
  public HistoryPage history(HistoryQuery query) {
    required("query", query);
    PeerId peer = query.peer();
    Instant since = query.since();
    ObjectNode body =
        WireCodec.object()
            .put("before", query.before())
            .put("limit", query.limit())
            .put("max_chars", query.maxChars())
            .put("page", true);
    body.set("after", wire(query.after()));
    body.put("peer", peer == null ? null : peer.value());
    body.put("since", since == null ? null : since.toString());
    return MessageJson.readPage(registered.post("/history", PeerId.OPERATOR, body));
  }

  /** One connection and one thread for each listener, until it or this broker is closed. */
  @Override
  public Subscription subscribe(PeerId id, Runnable wakeUp) {
    required("id", id);
    required("wakeUp", wakeUp);
    calls.requireOpen();
    EventStreamClient listener = new EventStreamClient(calls, id, registered.keyOf(id), wakeUp);
    synchronized (listeners) {
      listeners.removeIf(EventStreamClient::isClosed);
      listeners.add(listener);
    }
    listener.start();
    return listener;
  }

  /** Of whatever answers there: a program of another kind must not pass for a broker. */
  @Override
  public BrokerStatus status() {
    JsonFields answer = new JsonFields(calls.get("/health"));
    if (!Protocol.isBroker(answer)) {
      throw new PeersException(
          ErrorCode.UNAVAILABLE,
          "what answers at "
              + calls.address()
              + " is not a Peers broker; choose another port with"
              + " CLAUDE_PEERS_PORT");
    }
    return new BrokerStatus(
        answer.text("version"),
        answer.number("protocol", 0),
        answer.number("peers", 0),
        answer.number("pid"));
  }

  /** Ends the broker for all who use it; the token is enough. */
  @Override
  public void shutdown() {
    call("/shutdown", null, WireCodec.object());
  }

  @Override
  public boolean isClosed() {
    return calls.isClosed();
  }

  /** Ends this connection alone. Peers that registered through it stay registered. */
  @Override
  public void close() {
    List<EventStreamClient> open;
    synchronized (listeners) {
      open = List.copyOf(listeners);
      listeners.clear();
    }
    // First, so that those who are woken for the last time find it closed.
    calls.close();
    open.forEach(EventStreamClient::closeWithBroker);
  }

  /** The answer is an array, which has no {@code ok} as other answers do. */
  private List<Peer> peers(ObjectNode body) {
    List<Peer> peers = new ArrayList<>();
    for (JsonNode row : calls.post("/list-peers", null, body)) {
      peers.add(PeerJson.read(new JsonFields(row)));
    }
    return peers;
  }

  /** Asks as a peer, or as none. */
  private JsonFields call(String path, @Nullable PeerId actor, ObjectNode body) {
    return new JsonFields(
        actor == null ? calls.post(path, null, body) : registered.post(path, actor, body));
  }

  /** A number where that says all, as brokers of older versions expect it. */
  private static JsonNode wire(Position position) {
    return position.store().isEmpty()
        ? LongNode.valueOf(position.id())
        : TextNode.valueOf(position.toString());
  }

  /** The body of a request by a peer, or about one. */
  private static ObjectNode self(PeerId id) {
    return WireCodec.object().put("id", id.value());
  }
}
