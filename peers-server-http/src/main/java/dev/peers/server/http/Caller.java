package dev.peers.server.http;

import dev.peers.PeerId;

/** Who sent a request. */
interface Caller {
  /** Refuses those who may not act as a peer. */
  void requireKey(PeerId id);

  /** Whether the connection was closed at the other end, as far as is known now. */
  boolean hasHungUp();
}
