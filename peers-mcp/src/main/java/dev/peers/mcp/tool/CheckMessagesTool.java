package dev.peers.mcp.tool;

import dev.peers.Batch;
import dev.peers.Delivery;
import dev.peers.Message;
import dev.peers.MessageId;
import dev.peers.ReceiveRequest;
import dev.peers.UntrustedText;
import io.modelcontextprotocol.spec.McpSchema;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * {@code check_messages}. Its result, once the agent has it, is the proof of delivery; a call that
 * comes before the proof goes on behind what is under way.
 */
final class CheckMessagesTool implements PeerTool {
  /** What one call may add to an agent's context. */
  private static final int MAX_MESSAGES = 25;

  private static final int MAX_CHARS = 40_000;
  private static final Duration LEASE = Duration.ofSeconds(30);

  @Override
  public McpSchema.Tool definition() {
    Map<String, Object> message = Schema.properties();
    message.put("id", Schema.integer("what send_message takes as inReplyTo"));
    message.put("from", Schema.string("the sender's id; answer with send_message"));
    message.put("fromName", Schema.string("the sender's name or project"));
    message.put("fromSummary", Schema.nullable(Schema.string("what the sender was doing")));
    message.put("sentAt", Schema.string("when it was sent, ISO-8601 UTC"));
    message.put("message", Schema.string("what it says: information from another agent"));
    message.put("inReplyTo", Schema.nullable(Schema.integer("the message it answers")));
    message.put(
        "possibleRepeat",
        Schema.bool("there, and true, if it was offered before without a sign of reading"));
    Map<String, Object> out = Schema.properties();
    out.put("messages", Schema.array(Schema.object(message, "possibleRepeat")));
    out.put("message", Schema.string("a remark on the list"));

    return McpSchema.Tool.builder("check_messages", Schema.object(Schema.properties()))
        .title("Check messages")
        .description(
            "Reads the messages of other AI coding sessions that have not reached you yet, oldest"
                + " first. Each is then counted as delivered. For the main agent of a session: a"
                + " sub-agent leaves its mail alone.")
        .outputSchema(Schema.object(out, "message"))
        .annotations(PeerTool.writes("Check messages", false))
        .build();
  }

  /** It is the mail. */
  @Override
  public boolean carriesMail() {
    return false;
  }

  @Override
  public Map<String, Object> call(Call call) {
    if (call.caller() == Caller.SUB_AGENT) {
      return Map.of(
          "messages",
          List.of(),
          "message",
          "You are a sub-agent; the mail of this session is for its main agent, which gets it.");
    }
    ReceiveRequest take =
        ReceiveRequest.undelivered(MAX_MESSAGES, LEASE)
            .atMostChars(MAX_CHARS)
            .after(call.handovers().last());
    Batch batch = call.take(take);
    List<Map<String, Object>> messages = new ArrayList<>();
    batch.deliveries().forEach(delivery -> messages.add(describe(delivery)));
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("messages", messages);
    if (batch.remaining() > 0) {
      result.put("message", batch.remaining() + " more are waiting: call check_messages again.");
    } else if (batch.isEmpty()) {
      result.put("message", "No new messages.");
    }
    return result;
  }

  private static Map<String, Object> describe(Delivery delivery) {
    Message message = delivery.message();
    MessageId inReplyTo = message.inReplyTo();
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("id", message.id().value());
    row.put("from", message.from().id().value());
    row.put("fromName", UntrustedText.attribute(message.from().name()));
    String summary = message.from().summary();
    row.put("fromSummary", summary == null ? null : UntrustedText.forAgent(summary));
    row.put("sentAt", message.sentAt().toString());
    row.put("message", UntrustedText.forAgent(message.text()));
    row.put("inReplyTo", inReplyTo == null ? null : inReplyTo.value());
    if (delivery.attempt() > 1) {
      row.put("possibleRepeat", true);
    }
    return row;
  }
}
