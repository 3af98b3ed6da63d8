package dev.peers;

/**
 * How far a message has come.
 *
 * @since 0.1
 */
public enum MessageState {
  /** On disk, waiting. */
  QUEUED,
  /** Handed to a push route; nobody knows yet whether the agent saw it. */
  OFFERED,
  /** Proven to have entered the agent's context. */
  DELIVERED,
  /** Not delivered within its time to live. */
  EXPIRED
}
