package dev.peers.spi;

import dev.peers.MessageState;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a store writes of a message's delivery. The state that others see depends on the time as
 * well, and is computed here for every store.
 *
 * @since 0.1
 */
public enum StoredState {
  /** Nobody has acknowledged it; it may be under a lease, or past its time to live. */
  UNDELIVERED,
  /** It was acknowledged. */
  DELIVERED,
  /** It was found past its time to live. */
  EXPIRED;

  /**
   * Computes the state of a message.
   *
   * @param leaseUntil when the lease of the one who took it ends; null for none
   * @param expiresAt when its time to live ends
   * @param now the time
   * @return what this is at that time
   */
  public MessageState at(@Nullable Instant leaseUntil, Instant expiresAt, Instant now) {
    return switch (this) {
      case DELIVERED -> MessageState.DELIVERED;
      case EXPIRED -> MessageState.EXPIRED;
      case UNDELIVERED -> {
        if (!expiresAt.isAfter(now)) {
          yield MessageState.EXPIRED;
        }
        boolean leased = leaseUntil != null && leaseUntil.isAfter(now);
        yield leased ? MessageState.OFFERED : MessageState.QUEUED;
      }
    };
  }
}
