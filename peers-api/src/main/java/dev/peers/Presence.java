package dev.peers;

/**
 * Whether a peer can be expected to notice a message now.
 *
 * @since 0.1
 */
public enum Presence {
  /** Connected, or heard of in the last 60 seconds. */
  ACTIVE,
  /** Gone; its mailbox waits for it. */
  AWAY
}
