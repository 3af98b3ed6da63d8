package dev.peers.server.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.peers.Batch;
import dev.peers.Broker;
import dev.peers.BrokerStatus;
import dev.peers.ErrorCode;
import dev.peers.HistoryQuery;
import dev.peers.MessageId;
import dev.peers.OutgoingMessage;
import dev.peers.Peer;
import dev.peers.PeerId;
import dev.peers.PeerQuery;
import dev.peers.PeersException;
import dev.peers.Position;
import dev.peers.ProcessRef;
import dev.peers.Receipt;
import dev.peers.ReceiveRequest;
import dev.peers.RegistrationResult;
import dev.peers.Scope;
import dev.peers.SessionKey;
import dev.peers.Summary;
import dev.peers.transport.http.wire.JsonFields;
import dev.peers.transport.http.wire.MessageJson;
import dev.peers.transport.http.wire.PeerJson;
import dev.peers.transport.http.wire.Protocol;
import dev.peers.transport.http.wire.WireCodec;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * The server's table of paths, and what each does with a request that was let in. Formats are those
 * of {@code docs/protocol.md}. A method below may trust that the caller is the peer it says it is:
 * {@link Access} has seen to that.
 */
final class BrokerEndpoints {
  /** Of a poll that names none: long enough to read an answer, short enough to send it again. */
  private static final Duration DEFAULT_LEASE = Duration.ofSeconds(30);

  private final Broker broker;
  private final PeerKeys keys;
  private final RequestCount underWay;
  private final AnswerRoom room;
  private final EventStreams events;
  private final Runnable onShutdown;
  private final PeerJsonCache rows = new PeerJsonCache();

  /**
   * Makes the table.
   *
   * @param underWay all requests
   * @param room for answers with messages
   * @param onShutdown called once the answer to a request to stop has been written
   */
  BrokerEndpoints(
      Broker broker,
      PeerKeys keys,
      RequestCount underWay,
      AnswerRoom room,
      EventStreams events,
      Runnable onShutdown) {
    this.broker = broker;
    this.keys = keys;
    this.underWay = underWay;
    this.room = room;
    this.events = events;
    this.onShutdown = onShutdown;
  }

  /** All that there is; any other path is answered with 404. */
  Stream<Endpoint> all() {
    return Stream.of(
        get("/health", Access.OPEN, this::health),
        get("/events", Access.PEER, events::open),
        post("/register", Access.TOKEN, this::register),
        asOriginal("/heartbeat", Access.PEER, atOnce(this::heartbeat)),
        post("/add-key", Access.PEER, this::addKey),
        asOriginal("/set-summary", Access.PEER, atOnce(this::setSummary)),
        post("/list-peers", Access.TOKEN, this::listPeers),
        asOriginal("/send-message", Access.SENDER, this::sendMessage),
        post("/poll-messages", Access.PEER, this::pollMessages),
        asOriginal("/ack-messages", Access.PEER, atOnce(this::ackMessages)),
        post("/message-status", Access.TOKEN, this::messageStatus),
        post("/history", Access.OPERATOR, this::history),
        asOriginal("/unregister", Access.PEER, atOnce(this::unregister)),
        post("/forget-peer", Access.OPERATOR, this::forgetPeer),
        post("/shutdown", Access.TOKEN, this::shutdown));
  }

  private static Endpoint get(String path, Access access, Function<Call, Reply> action) {
    return new Endpoint(path, Endpoint.Method.GET, access, false, atOnce(action));
  }

  private static Endpoint post(String path, Access access, Function<Call, Reply> action) {
    return new Endpoint(path, Endpoint.Method.POST, access, false, atOnce(action));
  }

  /** One of the original's, whose clients look at the field {@code ok} and not at the status. */
  private static Endpoint asOriginal(String path, Access access, Endpoint.Action action) {
    return new Endpoint(path, Endpoint.Method.POST, access, true, action);
  }

  private static Endpoint.Action atOnce(Function<Call, Reply> action) {
    return call -> CompletableFuture.completedStage(action.apply(call));
  }

  /** Gives a peer its key, which nothing else does. The session key says which peer it is. */
  private Reply register(Call call) {
    JsonFields body = call.body();
    SessionKey key = sessionKey(body, keys);
    RegistrationResult member = broker.register(PeerJson.readRegistration(body, key));
    return Reply.of(
        WireCodec.object()
            .put("id", member.id().value())
            .put("key", keys.keyOf(member.id()))
            .put("name", member.name()));
  }

  private Reply heartbeat(Call call) {
    broker.heartbeat(call.self(), call.body().filledOrNull("instance"));
    return ok();
  }

  /** A conversation that got another name stays the same peer. */
  private Reply addKey(Call call) {
    broker.addKey(call.self(), new SessionKey(call.body().text("session_key")));
    return ok();
  }

  /** Without a source it is what a user or an agent wrote, as with the original's clients. */
  private Reply setSummary(Call call) {
    JsonFields body = call.body();
    boolean automatic = "automatic".equals(body.textOrNull("source"));
    broker.setSummary(
        call.self(),
        body.text("summary"),
        automatic ? Summary.Source.AUTOMATIC : Summary.Source.MANUAL);
    return ok();
  }

  /** All that a scope has, or one peer; a peer that is not there is an empty list. */
  private Reply listPeers(Call call) {
    JsonFields body = call.body();
    String one = body.textOrNull("id");
    if (one != null) {
      return new Reply.Json(rows.write(broker.find(new PeerId(one)).stream().toList()), null, null);
    }
    String without = body.filledOrNull("exclude_id");
    List<Peer> peers =
        broker.list(
            new PeerQuery(
                Scope.named(body.text("scope"), () -> PeerJson.readWorkspace(body))
                    .onHost(body.filledOrNull("host")),
                without == null ? null : new PeerId(without),
                body.flag("include_away")));
    return new Reply.Json(rows.write(peers), null, null);
  }

  /** Answers when the message is stored, be it on the thread that has stored it. */
  private CompletionStage<Reply> sendMessage(Call call) {
    JsonFields body = call.body();
    Long inReplyTo = body.numberOrNull("in_reply_to");
    OutgoingMessage message =
        OutgoingMessage.of(call.self(), new PeerId(body.text("to_id")), body.text("text"))
            .inReplyTo(inReplyTo == null ? null : new MessageId(inReplyTo))
            .idempotent(body.textOrNull("idempotency_key"));
    if (body.flag("without_acknowledging")) {
      message = message.withoutAcknowledging();
    }
    return send(message);
  }

  private CompletionStage<Reply> send(OutgoingMessage message) {
    // Alone, a send is quickest on one thread; many hold none while they wait for the disk.
    CompletionStage<Receipt> sent =
        underWay.isOne()
            ? CompletableFuture.completedStage(broker.send(message))
            : broker.sendAsync(message);
    return sent.thenApply(receipt -> Reply.of(MessageJson.write(receipt)));
  }

  /**
   * Three ways to read: {@code ack} "none" only looks, "explicit" takes under a lease until the
   * messages are acknowledged, and without it, as the original's clients ask, the written answer
   * acknowledges what it carries.
   */
  private Reply pollMessages(Call call) {
    JsonFields body = call.body();
    PeerId id = call.self();
    String ack = body.textOrNull("ack");
    int limit = body.number("limit", ReceiveRequest.MAX_LIMIT);
    Position after = body.position("after");
    if ("none".equals(ack)) {
      return Reply.Json.of(
          room.build(() -> broker.peek(id, after, limit), BrokerEndpoints::bytes), null);
    }
    if (ack != null && !ack.equals("explicit")) {
      throw new PeersException(
          ErrorCode.INVALID_ARGUMENT,
          "field 'ack' is '" + ack + "'; expected 'explicit' or 'none', or leave it out");
    }
    Long lease = body.numberOrNull("lease_ms");
    ReceiveRequest receiving =
        new ReceiveRequest(
            limit,
            body.number("max_chars", ReceiveRequest.MAX_CHARS),
            lease == null ? DEFAULT_LEASE : Duration.ofMillis(lease),
            offered(body),
            after);
    if (ack == null && call.hasHungUp()) {
      // The answer may still be read, but a client that may be gone must not take anything.
      return Reply.Json.of(
          room.build(() -> broker.peek(id, after, limit), BrokerEndpoints::bytes), null);
    }
    AnswerRoom.Answer<Batch> answer =
        room.build(() -> broker.receive(id, receiving), BrokerEndpoints::bytes);
    Batch batch = answer.of();
    // Without "ack" the answer itself is the delivery, but only once it has been written, and to a
    // client that was there by then: what it does not read can be written all the same.
    boolean isDelivery = ack == null && !batch.isEmpty() && !call.hasHungUp();
    return Reply.Json.of(answer, isDelivery ? () -> broker.acknowledge(id, batch.ids()) : null);
  }

  private static byte[] bytes(Batch batch) {
    return WireCodec.write(MessageJson.write(batch));
  }

  /** What to do about messages that are under a lease. */
  private static ReceiveRequest.LeasePolicy offered(JsonFields body) {
    if (body.flag("include_offered")) {
      return ReceiveRequest.LeasePolicy.INCLUDE_LEASED;
    }
    return body.flag("in_order")
        ? ReceiveRequest.LeasePolicy.STOP_AT_LEASED
        : ReceiveRequest.LeasePolicy.SKIP_LEASED;
  }

  /** What is not the peer's own, or acknowledged already, is passed over. */
  private Reply ackMessages(Call call) {
    JsonFields body = call.body();
    broker.acknowledge(
        call.self(), body.numbers("message_ids").stream().map(MessageId::new).toList());
    return ok();
  }

  /** Needs no key: a number and the token are enough to ask what became of a message. */
  private Reply messageStatus(Call call) {
    MessageId id = new MessageId(call.body().number("message_id"));
    return Reply.of(
        broker
            .receipt(id)
            .map(MessageJson::write)
            .orElseThrow(
                () ->
                    new PeersException(
                        ErrorCode.UNKNOWN_MESSAGE,
                        "no message has the id " + id + ", or it is older than the history")));
  }

  /** All mail, and so the operator's alone; as a page only if asked, as older clients do not. */
  private Reply history(Call call) {
    JsonFields body = call.body();
    String peer = body.filledOrNull("peer");
    Long before = body.numberOrNull("before");
    HistoryQuery query =
        new HistoryQuery(
            peer == null ? null : new PeerId(peer),
            body.instantOrNull("since"),
            body.position("after"),
            before == null ? 0 : before,
            body.number("limit", HistoryQuery.MAX_LIMIT),
            body.number("max_chars", HistoryQuery.MAX_CHARS));
    boolean asPage = body.flag("page");
    return Reply.Json.of(
        room.build(
            () -> broker.history(query),
            page -> WireCodec.write(asPage ? MessageJson.write(page) : MessageJson.rows(page))),
        null);
  }

  /** Its mail stays: a peer that has left may come back. */
  private Reply unregister(Call call) {
    broker.unregister(call.self(), call.body().filledOrNull("instance"));
    return ok();
  }

  /** The operator's as well: it removes another peer. */
  private Reply forgetPeer(Call call) {
    broker.forget(new PeerId(call.body().text("id")));
    return ok();
  }

  /** For every program of this host, so it says nothing of who the peers are. */
  private Reply health(Call call) {
    BrokerStatus status = broker.status();
    return Reply.of(
        WireCodec.object()
            .put("status", "ok")
            .put("peers", status.activePeers())
            .put("service", Protocol.SERVICE)
            .put("version", status.version())
            .put("protocol", status.protocol())
            .put("pid", status.pid()));
  }

  /** Stops whether or not the client is there to read that it will. */
  private Reply shutdown(Call call) {
    return new Reply.Json(List.of(WireCodec.write(okBody())), onShutdown, null);
  }

  private static Reply ok() {
    return Reply.of(okBody());
  }

  private static ObjectNode okBody() {
    return WireCodec.object().put("ok", true);
  }

  /**
   * The key of clients that send none, as the original's do: their process, when it is one of this
   * machine. Of a process that cannot be seen (another namespace) the number means nothing. Where
   * peers have keys it is not taken for one: anybody can tell another's number.
   */
  private static SessionKey sessionKey(JsonFields body, PeerKeys keys) {
    String given = body.filledOrNull("session_key");
    if (given != null) {
      return new SessionKey(given);
    }
    ProcessRef process = PeerJson.readProcess(body);
    if (process == null || keys.areWanted()) {
      return new SessionKey("anonymous:" + UUID.randomUUID());
    }
    return ProcessHandle.of(process.pid())
        .flatMap(handle -> handle.info().startInstant())
        .map(start -> new SessionKey("process:" + process.pid() + "@" + start))
        .orElseGet(() -> new SessionKey("anonymous:" + UUID.randomUUID()));
  }
}
