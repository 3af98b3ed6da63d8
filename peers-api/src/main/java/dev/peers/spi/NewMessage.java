package dev.peers.spi;

import static dev.peers.Arguments.required;

import dev.peers.MessageId;
import dev.peers.PeerId;
import dev.peers.Sender;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A message that a store is to append and give an id.
 *
 * @param from who sent it, as it was then
 * @param to whose mailbox it goes to
 * @param text what it says
 * @param sentAt when the broker accepted it
 * @param expiresAt when it expires if it is not delivered
 * @param inReplyTo the message it answers; null for none
 * @param idempotencyKey unique for this sender, or null
 * @since 0.1
 */
public record NewMessage(
    Sender from,
    PeerId to,
    String text,
    Instant sentAt,
    Instant expiresAt,
    @Nullable MessageId inReplyTo,
    @Nullable String idempotencyKey) {
  /** Checks that the required parts are there. */
  public NewMessage {
    required("sender", from);
    required("target", to);
    required("text", text);
    required("sentAt", sentAt);
    required("expiresAt", expiresAt);
  }
}
