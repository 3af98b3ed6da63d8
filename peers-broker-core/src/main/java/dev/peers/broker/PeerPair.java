package dev.peers.broker;

import dev.peers.OutgoingMessage;
import dev.peers.PeerId;

/** Two peers, whichever of them writes. */
record PeerPair(PeerId one, PeerId other) {
  static PeerPair of(OutgoingMessage draft) {
    PeerId from = draft.from();
    PeerId to = draft.to();
    return from.value().compareTo(to.value()) <= 0
        ? new PeerPair(from, to)
        : new PeerPair(to, from);
  }
}
