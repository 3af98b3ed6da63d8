package dev.peers.client;

/**
 * Whether a {@link PeerSession} has its broker.
 *
 * @since 0.1
 */
public enum SessionState {
  /** The broker has answered the last call or heartbeat. */
  JOINED,
  /**
   * The broker could not be reached at the last call or heartbeat, or did not let the session in.
   * Mail waits there; the session tries again by itself, and is joined again when that works.
   */
  DISCONNECTED,
  /** The session, or the broker that it had joined, was closed. This is for good. */
  CLOSED
}
