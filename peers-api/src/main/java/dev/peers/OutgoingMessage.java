package dev.peers;

import org.jspecify.annotations.Nullable;

/**
 * A message that is to be sent.
 *
 * @param from who sends it
 * @param to whose mailbox it goes to
 * @param text what it says, 1 byte to 64 KiB of UTF-8, any lines
 * @param inReplyTo the message it answers; null for none
 * @param idempotencyKey what makes a repeated send the same send, at most 200 characters; null if
 *     each call is a message of its own
 * @param acknowledges whether, as an answer, it also acknowledges what it answers
 * @since 0.1
 */
public record OutgoingMessage(
    PeerId from,
    PeerId to,
    String text,
    @Nullable MessageId inReplyTo,
    @Nullable String idempotencyKey,
    boolean acknowledges) {
  /** The most bytes a message can have. */
  public static final int MAX_TEXT_BYTES = 64 * 1024;

  /** Checks lengths. */
  public OutgoingMessage {
    Checks.required("sender", from);
    Checks.required("target", to);
    Checks.bounded("message", text, MAX_TEXT_BYTES);
    if (text.isBlank()) {
      throw Checks.invalid("message is blank; say something");
    }
    Checks.oneLineOrNull("idempotency key", idempotencyKey, 200);
  }

  /**
   * A message that answers nothing and may be sent once only.
   *
   * @param from who sends it
   * @param to whose mailbox it goes to
   * @param text what it says
   * @return the draft
   */
  public static OutgoingMessage of(PeerId from, PeerId to, String text) {
    return new OutgoingMessage(from, to, text, null, null, true);
  }

  /**
   * The same as an answer.
   *
   * @param message the message it answers, or null
   * @return a draft that differs in this only
   */
  public OutgoingMessage inReplyTo(@Nullable MessageId message) {
    return new OutgoingMessage(from, to, text, message, idempotencyKey, acknowledges);
  }

  /**
   * The same, safe to repeat: of all sends by one sender with one key, the first alone is stored.
   *
   * @param key at most 200 characters, or null
   * @return a draft that differs in this only
   */
  public OutgoingMessage idempotent(@Nullable String key) {
    return new OutgoingMessage(from, to, text, inReplyTo, key, acknowledges);
  }

  /**
   * The same from someone whose answer does not prove that the sender has what it answers, such as
   * a sub-agent that writes in the name of its session.
   *
   * @return a message that differs in this only
   */
  public OutgoingMessage withoutAcknowledging() {
    return new OutgoingMessage(from, to, text, inReplyTo, idempotencyKey, false);
  }
}
