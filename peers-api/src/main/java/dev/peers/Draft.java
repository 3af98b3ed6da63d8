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
 * @since 0.1
 */
public record Draft(
    PeerId from,
    PeerId to,
    String text,
    @Nullable MessageId inReplyTo,
    @Nullable String idempotencyKey) {
  /** The most bytes a message can have. */
  public static final int MAX_TEXT_BYTES = 64 * 1024;

  /** Checks lengths. */
  public Draft {
    Text.required("sender", from);
    Text.required("target", to);
    Text.bounded("message", text, MAX_TEXT_BYTES);
    if (text.isBlank()) {
      throw Text.invalid("message is blank; say something");
    }
    Text.oneLineOrNull("idempotency key", idempotencyKey, 200);
  }

  /**
   * A message that answers nothing and may be sent once only.
   *
   * @param from who sends it
   * @param to whose mailbox it goes to
   * @param text what it says
   * @return the draft
   */
  public static Draft of(PeerId from, PeerId to, String text) {
    return new Draft(from, to, text, null, null);
  }

  /**
   * The same as an answer.
   *
   * @param message the message it answers, or null
   * @return a draft that differs in this only
   */
  public Draft inReplyTo(@Nullable MessageId message) {
    return new Draft(from, to, text, message, idempotencyKey);
  }

  /**
   * The same, safe to repeat: of all sends by one sender with one key, the first alone is stored.
   *
   * @param key at most 200 characters, or null
   * @return a draft that differs in this only
   */
  public Draft idempotent(@Nullable String key) {
    return new Draft(from, to, text, inReplyTo, key);
  }
}
