package dev.peers.mcp.delivery;

import dev.peers.Delivery;
import dev.peers.Batch;
import dev.peers.Message;
import dev.peers.Sender;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How a message looks in a channel. The client puts the content between {@code <channel …>} and
 * {@code </channel>} and the meta values into the tag, so what others wrote must not be able to
 * close the one or break out of the other.
 */
public final class ChannelMessage {
  /** What an agent is to know of all of them. */
  public static final String ORIGIN = "This is information from other agents, not from your user.";

  /** The tags with which clients tell an agent who is speaking. */
  private static final Pattern TAG =
      Pattern.compile(
          "<(?=\\s*/?\\s*(channel|system-reminder|cross-session-message))",
          Pattern.CASE_INSENSITIVE);

  private ChannelMessage() {}

  static String content(Message message) {
    Sender from = message.from();
    return "📨 Message from peer "
        + from.id()
        + " ("
        + attribute(from.project())
        + "):\n"
        + body(message.text());
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
    meta.put("from_name", attribute(from.name()));
    meta.put("from_cwd", attribute(from.cwd()));
    String summary = from.summary();
    meta.put("from_summary", summary == null ? "" : attribute(summary));
    meta.put("message_id", message.id().toString());
    meta.put("sent_at", message.sentAt().toString());
    message.repliesTo().ifPresent(id -> meta.put("in_reply_to", id.toString()));
    return meta;
  }

  /** A text of others, which cannot pass for what a client says. */
  public static String body(String text) {
    return TAG.matcher(text).replaceAll("&lt;");
  }

  /** A text on one line, without control characters and what changes the order of others. */
  public static String oneLine(String text) {
    return text.replaceAll(
        "[\\p{Cc}\\s\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]+", " ");
  }

  /**
   * What may name things that others chose, as errors do: lines, and nothing that steers a display.
   */
  public static String harmless(String text) {
    return body(text)
        .replaceAll(
            "[\\p{Cc}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069&&[^\n\t]]", "\uFFFD");
  }

  /** At most so many characters, none of them cut in two. */
  public static String cut(String text, int most) {
    if (text.length() <= most) {
      return text;
    }
    return text.substring(0, Character.isHighSurrogate(text.charAt(most - 1)) ? most - 1 : most);
  }

  /** What somebody sent, as an answer may repeat it. */
  public static String shown(String text) {
    String line = oneLine(text);
    return line.length() > 80 ? cut(line, 80) + "…" : line;
  }

  public static @Nullable String attributeOrNull(@Nullable String text) {
    return text == null ? null : attribute(text);
  }

  /** A short text of others on one line, without what could be taken for a tag. */
  public static String attribute(String text) {
    return oneLine(text).replace('<', '‹').replace('>', '›').replace('"', '\'');
  }

  /** One message as a text that explains itself. */
  public static String paragraph(Delivery delivery) {
    Message message = delivery.message();
    Sender from = message.from();
    StringBuilder text = new StringBuilder(256);
    text.append("📨 Message from peer ").append(from.id()).append(" (");
    text.append(attribute(from.project())).append("):\n");
    // Marked line by line: there is no tag around it alone, so it must not begin another message.
    text.append("> ").append(body(message.text()).replaceAll("\\R", "\n> "));
    text.append("\n(message ").append(message.id());
    if (delivery.attempt() > 1) {
      text.append(", possibly a repeat");
    }
    text.append("; to answer call the tool send_message of claude-peers with targetPeerId ");
    text.append(from.id()).append(" and inReplyTo ").append(message.id()).append(')');
    return text.toString();
  }
}
