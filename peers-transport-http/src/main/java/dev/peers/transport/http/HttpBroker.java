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
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A broker elsewhere, over HTTP. It remembers the keys of the peers that registered through it, and
 * so can act as those, and no others.
 */
final class HttpBroker implements Broker {
  private static final int SEND_TRIES = 3;
  private static final long SEND_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final long PAUSE_MILLIS = 400;

  private final HttpCalls calls;
  private final Map<PeerId, Member> members = new ConcurrentHashMap<>();
  private final List<EventStreamClient> listeners = new ArrayList<>();

  /** One who registered through this connection, with what, and the key that it got. */
  private record Member(Registration registration, String key) {}

  HttpBroker(ClientConfig config) {
    this.calls = new HttpCalls(config);
  }

  @Override
  public RegistrationResult register(Registration registration) {
    required("registration", registration);
    JsonFields answer = call("/register", null, PeerJson.write(registration));
    RegistrationResult member =
        new RegistrationResult(new PeerId(answer.text("id")), answer.filledOrNull("name"));
    members.put(member.id(), new Member(registration, key(answer)));
    return member;
  }

  /** Goes into a header, which takes no other characters. */
  private String key(JsonFields answer) {
    String key = answer.text("key");
    if (key.isEmpty() || !key.chars().allMatch(c -> c > ' ' && c <= '~')) {
      throw new PeersException(
          ErrorCode.UNAVAILABLE,
          "what answers at "
              + calls.address()
              + " is not a Peers broker: it gave a key that is not valid");
    }
    return key;
  }

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

  @Override
  public void forget(PeerId id) {
    required("id", id);
    call("/forget-peer", PeerId.OPERATOR, self(id));
  }

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

  @Override
  public Batch peek(PeerId id, Position after, int limit) {
    required("id", id);
    required("after", after);
    ObjectNode body = self(id).put("ack", "none").put("limit", limit);
    body.set("after", wire(after));
    return MessageJson.readBatch(call("/poll-messages", id, body));
  }

  @Override
  public void acknowledge(PeerId id, Collection<MessageId> messages) {
    required("id", id);
    List<MessageId> all = requiredAll("messages", messages);
    calls.requireOpen();
    if (all.isEmpty()) {
      return;
    }
    ObjectNode body = self(id);
    ArrayNode ids = body.putArray("message_ids");
    all.forEach(message -> ids.add(message.value()));
    call("/ack-messages", id, body);
  }

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
    return MessageJson.readPage(post("/history", PeerId.OPERATOR, body));
  }

  @Override
  public Subscription subscribe(PeerId id, Runnable wakeUp) {
    required("id", id);
    required("wakeUp", wakeUp);
    calls.requireOpen();
    EventStreamClient listener = new EventStreamClient(calls, id, new Key(id), wakeUp);
    synchronized (listeners) {
      listeners.removeIf(EventStreamClient::isClosed);
      listeners.add(listener);
    }
    listener.start();
    return listener;
  }

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

  @Override
  public void shutdown() {
    call("/shutdown", null, WireCodec.object());
  }

  @Override
  public boolean isClosed() {
    return calls.isClosed();
  }

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

  private List<Peer> peers(ObjectNode body) {
    List<Peer> peers = new ArrayList<>();
    for (JsonNode row : calls.post("/list-peers", null, body)) {
      peers.add(PeerJson.read(new JsonFields(row)));
    }
    return peers;
  }

  private JsonFields call(String path, @Nullable PeerId actor, ObjectNode body) {
    return new JsonFields(actor == null ? calls.post(path, null, body) : post(path, actor, body));
  }

  /** Asks as a peer. A key that has ended with a token is replaced, once, by registering again. */
  private JsonNode post(String path, PeerId actor, ObjectNode body) {
    Member member = member(actor);
    try {
      return calls.post(path, member.key, body);
    } catch (PeersException e) {
      if (e.code() != ErrorCode.UNAUTHORIZED || !renew(actor, member, e)) {
        throw e;
      }
      return calls.post(path, member(actor).key, body);
    }
  }

  /** Whether a peer has another key than it had; who became somebody else has not. */
  private boolean renew(PeerId id, Member former, PeersException reason) {
    Member present = member(id);
    if (!present.key.equals(former.key)) {
      return true;
    }
    try {
      return register(present.registration).id().equals(id) && !member(id).key.equals(former.key);
    } catch (PeersException e) {
      reason.addSuppressed(e);
      return false;
    }
  }

  private Member member(PeerId id) {
    calls.requireOpen();
    Member member = members.get(id);
    if (member == null) {
      throw new PeersException(
          ErrorCode.UNKNOWN_PEER, "peer '" + id + "' has not registered through this connection");
    }
    return member;
  }

  /** The key of a peer as a listener uses it. */
  private final class Key implements EventStreamClient.Key {
    private final PeerId id;

    Key(PeerId id) {
      this.id = id;
      member(id);
    }

    @Override
    public String get() {
      return member(id).key;
    }

    @Override
    public void refused(String key) {
      Member member = member(id);
      if (member.key.equals(key)) {
        register(member.registration);
      }
    }
  }

  /** A number where that says all, as brokers of older versions expect it. */
  private static JsonNode wire(Position position) {
    return position.store().isEmpty()
        ? LongNode.valueOf(position.id())
        : TextNode.valueOf(position.toString());
  }

  private static ObjectNode self(PeerId id) {
    return WireCodec.object().put("id", id.value());
  }
}
