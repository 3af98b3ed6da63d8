package dev.peers.mcp.tool;

import dev.peers.Broker;
import dev.peers.MessageId;
import dev.peers.MessageState;
import dev.peers.OutgoingMessage;
import dev.peers.Peer;
import dev.peers.PeerId;
import dev.peers.PeersException;
import dev.peers.Presence;
import dev.peers.Receipt;
import dev.peers.Route;
import dev.peers.client.PeerLookup;
import dev.peers.mcp.delivery.SessionReachability;
import io.modelcontextprotocol.spec.McpSchema;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** {@code send_message}. */
final class SendMessageTool implements PeerTool {
  private static final System.Logger LOG = System.getLogger(SendMessageTool.class.getName());

  private static final int MANY_UNREAD = 50;

  private final SessionReachability routes;

  SendMessageTool(SessionReachability routes) {
    this.routes = routes;
  }

  @Override
  public McpSchema.Tool definition() {
    Map<String, Object> in = Schema.properties();
    in.put(
        "targetPeerId",
        Schema.string(
            "who gets it: an id from list_peers or the from_id of a message; a name works, and so"
                + " does a project's name if one session alone works on it"));
    in.put("message", Schema.string("what to say, at most 64 KiB; for more send a file's path"));
    in.put("inReplyTo", Schema.integer("the message_id that this answers"));

    Map<String, Object> out = Schema.properties();
    out.put("success", Schema.bool("true: the message is stored and will not be lost"));
    out.put("sentAt", Schema.string("when, ISO-8601 UTC"));
    out.put("messageId", Schema.integer("its id"));
    out.put("state", Schema.string("queued, offered, delivered or expired"));
    out.put("message", Schema.string("a remark on its delivery"));

    return McpSchema.Tool.builder("send_message", Schema.object(in, "inReplyTo"))
        .title("Send message to a peer")
        .description(
            "Sends a message to another AI coding session through claude-peers. It is stored before"
                + " this returns and kept until the other session has seen it.")
        .outputSchema(Schema.object(out, "message"))
        .annotations(PeerTool.writes("Send message to a peer", false))
        .build();
  }

  @Override
  public Map<String, Object> call(Call call) {
    ToolArguments arguments = call.arguments();
    String reference = arguments.text("targetPeerId", "to", "to_id", "peer_id");
    String text = arguments.text("message", "text");
    Optional<MessageId> inReplyTo = arguments.messageId("inReplyTo", "in_reply_to", "reply_to");
    Broker broker = call.session().broker();
    Peer target = PeerLookup.resolve(broker, reference, call.session().id());
    OutgoingMessage draft =
        OutgoingMessage.of(call.session().id(), target.id(), text)
            .inReplyTo(inReplyTo.orElse(null))
            .idempotent(call.idempotencyKey());
    boolean main = call.caller() != Caller.SUB_AGENT;
    boolean pushed = main && inReplyTo.filter(id -> isPushed(broker, id, target)).isPresent();
    Receipt receipt = broker.send(main ? draft : draft.withoutAcknowledging());
    if (pushed) {
      routes.pushIsSeen();
    }

    Map<String, Object> result = new LinkedHashMap<>();
    result.put("success", true);
    result.put("sentAt", receipt.sentAt().toString());
    result.put("messageId", receipt.id().value());
    result.put("state", receipt.state().name().toLowerCase(Locale.ROOT));
    remark(broker, target).ifPresent(remark -> result.put("message", remark));
    return result;
  }

  /** An answer to a message that was only pushed, once, shows that pushes enter the context. */
  private boolean isPushed(Broker broker, MessageId answered, Peer sender) {
    try {
      return broker
          .receipt(answered)
          .filter(receipt -> receipt.from().equals(sender.id()))
          .filter(receipt -> receipt.state() == MessageState.OFFERED && receipt.attempts() == 1)
          .isPresent();
    } catch (PeersException e) {
      LOG.log(System.Logger.Level.DEBUG, "no receipt for {0}: {1}", answered, e.getMessage());
      return false;
    }
  }

  private static Optional<String> remark(Broker broker, Peer target) {
    if (target.id().equals(PeerId.OPERATOR)) {
      return Optional.of("The operator reads messages with 'peers inbox'.");
    }
    if (target.presence() == Presence.AWAY) {
      return Optional.of(
          "Peer "
              + target.id()
              + " is away since "
              + target.lastSeen()
              + "; the message waits for it and expires after a week.");
    }
    int unread = unread(broker, target);
    if (unread >= MANY_UNREAD) {
      return Optional.of(
          "Peer " + target.id() + " has " + unread + " unread messages; its mailbox is filling.");
    }
    if (target.route() == Route.HOOK) {
      return Optional.of(
          "Peer " + target.id() + " sees this when its program's hooks run, while it works.");
    }
    if (target.listening()) {
      return Optional.empty();
    }
    if (target.route() == null || target.route() == Route.PULL) {
      // Not a session of an agent at our gateway: it polls, or waits for what it takes.
      return Optional.of(
          "Peer "
              + target.id()
              + " fetches its messages from the broker itself; it gets this one when it looks"
              + " next.");
    }
    return Optional.of(
        "Messages are not pushed to peer "
            + target.id()
            + "; it sees this one with the next result of a claude-peers tool, or when it calls"
            + " check_messages.");
  }

  /** A broker elsewhere does not tell one session of another's mailbox. */
  private static int unread(Broker broker, Peer target) {
    try {
      return broker.peek(target.id(), 0, 0).remaining();
    } catch (PeersException e) {
      return 0;
    }
  }
}
