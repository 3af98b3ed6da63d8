package dev.peers;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What became of a message.
 *
 * @param id which message
 * @param from who sent it
 * @param to whom
 * @param state how far it has come
 * @param sentAt when it was on disk
 * @param offeredAt when it was last handed to a push route; null if never
 * @param attempts how often it was offered
 * @param deliveredAt when its delivery was proven; null if it was not
 * @param expiresAt when it will expire, or did, if it is not delivered before
 * @since 0.1
 */
public record Receipt(
    MessageId id,
    PeerId from,
    PeerId to,
    MessageState state,
    Instant sentAt,
    @Nullable Instant offeredAt,
    int attempts,
    @Nullable Instant deliveredAt,
    Instant expiresAt) {
  /** Checks that the required parts are there. */
  public Receipt {
    Checks.required("id", id);
    Checks.required("sender", from);
    Checks.required("target", to);
    Checks.required("state", state);
    Checks.required("sentAt", sentAt);
    Checks.required("expiresAt", expiresAt);
  }
}
