package dev.peers.server.http;

import com.fasterxml.jackson.databind.JsonNode;
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
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** What each route does with a checked body. Formats are those of {@code docs/protocol.md}. */
final class BrokerEndpoints {
  /**
   * An answer in one part or more, what to do once it has been written out in full to somebody who
   * is there, and what to do at its end, whatever came of it.
   */
  record Reply(List<byte[]> body, @Nullable Runnable written, @Nullable Runnable end) {
    static Reply of(JsonNode body) {
      return of(List.of(WireCodec.write(body)));
    }

    static Reply of(List<byte[]> body) {
      return new Reply(body, null, null);
    }

    static Reply of(AnswerRoom.Answer<?> answer, @Nullable Runnable written) {
      return new Reply(answer.parts(), written, answer::close);
    }
  }

  private static final Duration DEFAULT_LEASE = Duration.ofSeconds(30);

  private final Broker broker;
  private final PeerKeys keys;
  private final BooleanSupplier alone;
  private final AnswerRoom room;
  private final PeerJsonCache rows = new PeerJsonCache();

  /**
   * Makes the routes.
   *
   * @param alone whether no other request is under way
   * @param room for answers with messages
   */
  BrokerEndpoints(Broker broker, PeerKeys keys, BooleanSupplier alone, AnswerRoom room) {
    this.broker = broker;
    this.keys = keys;
    this.alone = alone;
    this.room = room;
  }

  Reply register(JsonFields body) {
    SessionKey key = sessionKey(body, keys);
    RegistrationResult member = broker.register(PeerJson.readRegistration(body, key));
    return Reply.of(
        WireCodec.object()
            .put("id", member.id().value())
            .put("key", keys.keyOf(member.id()))
            .put("name", member.name()));
  }

  Reply heartbeat(JsonFields body, Caller caller) {
    PeerId id = self(body, "id", caller);
    broker.heartbeat(id, body.filledOrNull("instance"));
    return ok();
  }

  Reply addKey(JsonFields body, Caller caller) {
    broker.addKey(self(body, "id", caller), new SessionKey(body.text("session_key")));
    return ok();
  }

  Reply setSummary(JsonFields body, Caller caller) {
    PeerId id = self(body, "id", caller);
    boolean automatic = "automatic".equals(body.textOrNull("source"));
    broker.setSummary(
        id, body.text("summary"), automatic ? Summary.Source.AUTOMATIC : Summary.Source.MANUAL);
    return ok();
  }

  Reply listPeers(JsonFields body) {
    String one = body.textOrNull("id");
    if (one != null) {
      return Reply.of(rows.write(broker.find(new PeerId(one)).stream().toList()));
    }
    String without = body.filledOrNull("exclude_id");
    List<Peer> peers =
        broker.list(
            new PeerQuery(
                Scope.named(body.text("scope"), () -> PeerJson.readWorkspace(body))
                    .onHost(body.filledOrNull("host")),
                without == null ? null : new PeerId(without),
                body.flag("include_away")));
    return Reply.of(rows.write(peers));
  }

  CompletionStage<Reply> sendMessage(JsonFields body, Caller caller) {
    // The original's command line sends as "cli", which has no mailbox; the operator has one.
    String from = body.text("from_id");
    PeerId sender = from.equals("cli") ? PeerId.OPERATOR : new PeerId(from);
    caller.requireKey(sender);
    Long inReplyTo = body.numberOrNull("in_reply_to");
    OutgoingMessage draft =
        OutgoingMessage.of(sender, new PeerId(body.text("to_id")), body.text("text"))
            .inReplyTo(inReplyTo == null ? null : new MessageId(inReplyTo))
            .idempotent(body.textOrNull("idempotency_key"));
    // Alone, a send is quickest on one thread; many hold none while they wait for the disk.
    CompletionStage<Receipt> sent =
        alone.getAsBoolean()
            ? CompletableFuture.completedStage(broker.send(draft))
            : broker.sendAsync(draft);
    return sent.thenApply(receipt -> Reply.of(MessageJson.write(receipt)));
  }

  Reply pollMessages(JsonFields body, Caller caller) {
    PeerId id = self(body, "id", caller);
    String ack = body.textOrNull("ack");
    int limit = body.number("limit", ReceiveRequest.MAX_LIMIT);
    Position after = body.position("after");
    if ("none".equals(ack)) {
      return Reply.of(
          room.build(() -> broker.peek(id, after, limit), BrokerEndpoints::bytes), null);
    }
    if (ack != null && !ack.equals("explicit")) {
      throw new PeersException(
          ErrorCode.INVALID_ARGUMENT,
          "field 'ack' is '" + ack + "'; expected 'explicit' or 'none', or leave it out");
    }
    Long lease = body.numberOrNull("lease_ms");
    ReceiveRequest take =
        new ReceiveRequest(
            limit,
            body.number("max_chars", ReceiveRequest.MAX_CHARS),
            lease == null ? DEFAULT_LEASE : Duration.ofMillis(lease),
            offered(body),
            after);
    if (ack == null && caller.hasHungUp()) {
      // For the answer, which may still be read: nothing is taken by who may be gone.
      return Reply.of(
          room.build(() -> broker.peek(id, after, limit), BrokerEndpoints::bytes), null);
    }
    AnswerRoom.Answer<Batch> answer =
        room.build(() -> broker.receive(id, take), BrokerEndpoints::bytes);
    Batch batch = answer.of();
    // Without "ack" the answer itself is the delivery, but only once it has been written.
    return Reply.of(
        answer, ack != null || batch.isEmpty() ? null : () -> broker.acknowledge(id, batch.ids()));
  }

  private static byte[] bytes(Batch batch) {
    return WireCodec.write(MessageJson.write(batch));
  }

  private static ReceiveRequest.LeasePolicy offered(JsonFields body) {
    if (body.flag("include_offered")) {
      return ReceiveRequest.LeasePolicy.INCLUDE_LEASED;
    }
    return body.flag("in_order")
        ? ReceiveRequest.LeasePolicy.STOP_AT_LEASED
        : ReceiveRequest.LeasePolicy.SKIP_LEASED;
  }

  Reply ackMessages(JsonFields body, Caller caller) {
    PeerId id = self(body, "id", caller);
    broker.acknowledge(id, body.numbers("message_ids").stream().map(MessageId::new).toList());
    return ok();
  }

  Reply messageStatus(JsonFields body) {
    MessageId id = new MessageId(body.number("message_id"));
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

  Reply history(JsonFields body, Caller caller) {
    caller.requireKey(PeerId.OPERATOR);
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
    return Reply.of(
        room.build(
            () -> broker.history(query),
            page -> WireCodec.write(asPage ? MessageJson.write(page) : MessageJson.rows(page))),
        null);
  }

  Reply unregister(JsonFields body, Caller caller) {
    broker.unregister(self(body, "id", caller), body.filledOrNull("instance"));
    return ok();
  }

  Reply forgetPeer(JsonFields body, Caller caller) {
    caller.requireKey(PeerId.OPERATOR);
    broker.forget(new PeerId(body.text("id")));
    return ok();
  }

  Reply health() {
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

  static Reply ok() {
    ObjectNode body = WireCodec.object();
    return Reply.of(body.put("ok", true));
  }

  private static PeerId self(JsonFields body, String field, Caller caller) {
    PeerId id = new PeerId(body.text(field));
    caller.requireKey(id);
    return id;
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
