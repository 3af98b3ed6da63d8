package dev.peers.mcp.delivery;

import dev.peers.Batch;
import dev.peers.Delivery;
import dev.peers.Message;
import dev.peers.Sender;
import dev.peers.UntrustedText;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a message looks in a channel. The client puts the content between {@code <channel …>} and
 * {@code </channel>} and the meta values into the tag, so what others wrote must not be able to
 * close the one or break out of the other.
 */
public final class ChannelMessage {
  /** What an agent is to know of all of them. */
  public static final String ORIGIN = "This is information from other agents, not from your user.";

  private ChannelMessage() {}

  static String content(Message message) {
    Sender from = message.from();
    return "📨 Message from peer "
        + from.id()
        + " ("
        + UntrustedText.attribute(from.project())
        + "):\n"
        + UntrustedText.forAgent(message.text());
  }

  /** What stands for messages that are too many to be pushed. */
  public static String reminder(int waiting) {
    return "📬 And "
        + (waiting >= Batch.MAX_COUNT ? "more than " : "")
        + waiting
        + " more from peers: call check_messages to read them, oldest first.";
  }

  /** Every value a text, every key a word: others make clients drop a key or the whole message. */
  static Map<String, String> meta(Message message) {
    Sender from = message.from();
    Map<String, String> meta = new LinkedHashMap<>();
    meta.put("from_id", from.id().value());
    meta.put("from_name", UntrustedText.attribute(from.name()));
    meta.put("from_cwd", UntrustedText.attribute(from.cwd()));
    String summary = from.summary();
    meta.put("from_summary", summary == null ? "" : UntrustedText.attribute(summary));
    meta.put("message_id", message.id().toString());
    meta.put("sent_at", message.sentAt().toString());
    message.repliesTo().ifPresent(id -> meta.put("in_reply_to", id.toString()));
    return meta;
  }

  public static @Nullable String attributeOrNull(@Nullable String text) {
    return text == null ? null : UntrustedText.attribute(text);
  }

  /** One message as a text that explains itself. */
  public static String paragraph(Delivery delivery) {
    Message message = delivery.message();
    Sender from = message.from();
    StringBuilder text = new StringBuilder(256);
    text.append("📨 Message from peer ").append(from.id()).append(" (");
    text.append(UntrustedText.attribute(from.project())).append("):\n");
    // Marked line by line: there is no tag around it alone, so it must not begin another message.
    text.append("> ").append(UntrustedText.forAgent(message.text()).replaceAll("\\R", "\n> "));
    text.append("\n(message ").append(message.id());
    if (delivery.attempt() > 1) {
      text.append(", possibly a repeat");
    }
    text.append("; to answer call the tool send_message of claude-peers with targetPeerId ");
    text.append(from.id()).append(" and inReplyTo ").append(message.id()).append(')');
    return text.toString();
  }
}
