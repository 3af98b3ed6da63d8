package dev.peers.mcp.tool;

import dev.peers.ErrorCode;
import dev.peers.MessageId;
import dev.peers.PeersException;
import dev.peers.Receipt;
import io.modelcontextprotocol.spec.McpSchema;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code message_status}. */
final class MessageStatusTool implements PeerTool {
  @Override
  public McpSchema.Tool definition() {
    Map<String, Object> in = Schema.properties();
    in.put("messageId", Schema.integer("the messageId that send_message returned"));
    Map<String, Object> out = Schema.properties();
    out.put("messageId", Schema.integer("the message"));
    out.put("from", Schema.string("the sender's id"));
    out.put("to", Schema.string("the receiver's id"));
    out.put("state", Schema.string("queued, offered, delivered or expired"));
    out.put("sentAt", Schema.string("when it was stored, ISO-8601 UTC"));
    out.put("offeredAt", Schema.nullable(Schema.string("when it was last pushed, if it was")));
    out.put("attempts", Schema.integer("how often it was offered"));
    out.put("deliveredAt", Schema.nullable(Schema.string("when its delivery was proven")));
    out.put("expiresAt", Schema.string("until when it waits"));
    out.put("message", Schema.string("the same in a sentence"));

    return McpSchema.Tool.builder("message_status", Schema.object(in))
        .title("Message status")
        .description(
            "Tells what became of a message you sent: whether it waits, was pushed, or was proven to"
                + " have reached the other session.")
        .outputSchema(Schema.object(out))
        .annotations(PeerTool.reads("Message status"))
        .build();
  }

  @Override
  public Map<String, Object> call(Call call) {
    MessageId id =
        call.arguments()
            .messageId("messageId", "message_id", "id")
            .orElseThrow(
                () ->
                    new PeersException(
                        ErrorCode.INVALID_ARGUMENT,
                        "message_status needs the argument 'messageId', a number"));
    Receipt receipt =
        call.session()
            .broker()
            .receipt(id)
            .orElseThrow(
                () ->
                    new PeersException(
                        ErrorCode.UNKNOWN_MESSAGE,
                        "no message has the id " + id + ", or it is older than the history"));
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("messageId", receipt.id().value());
    result.put("from", receipt.from().value());
    result.put("to", receipt.to().value());
    result.put("state", receipt.state().name().toLowerCase(Locale.ROOT));
    result.put("sentAt", receipt.sentAt().toString());
    result.put("offeredAt", text(receipt.offeredAt()));
    result.put("attempts", receipt.attempts());
    result.put("deliveredAt", text(receipt.deliveredAt()));
    result.put("expiresAt", receipt.expiresAt().toString());
    result.put("message", sentence(receipt));
    return result;
  }

  private static String sentence(Receipt receipt) {
    return switch (receipt.state()) {
      case QUEUED ->
          receipt.attempts() == 0
              ? "It waits for " + receipt.to() + "."
              : "It was offered to " + receipt.to() + " without a sign of being read, and waits.";
      case OFFERED ->
          "It was offered to "
              + receipt.to()
              + "; whether the agent has seen it is not proven yet.";
      case DELIVERED -> "It has reached " + receipt.to() + ".";
      case EXPIRED -> "It expired before " + receipt.to() + " read it.";
    };
  }

  private static @Nullable String text(@Nullable Instant instant) {
    return instant == null ? null : instant.toString();
  }
}
