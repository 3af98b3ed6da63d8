package dev.peers;

import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A durable text from one peer to another.
 *
 * @param id its id, later messages having larger ones
 * @param from who sent it
 * @param to whose mailbox it is in
 * @param text what it says
 * @param sentAt when the broker accepted it
 * @param inReplyTo the message it answers; null for none
 * @since 0.1
 */
public record Message(
    MessageId id,
    Sender from,
    PeerId to,
    String text,
    Instant sentAt,
    @Nullable MessageId inReplyTo) {
  /** Checks that the required parts are there. */
  public Message {
    Checks.required("id", id);
    Checks.required("sender", from);
    Checks.required("target", to);
    Checks.required("text", text);
    Checks.required("sentAt", sentAt);
  }

  /**
   * The message that this one answers.
   *
   * @return its id, or empty
   */
  public Optional<MessageId> repliesTo() {
    return Optional.ofNullable(inReplyTo);
  }
}
