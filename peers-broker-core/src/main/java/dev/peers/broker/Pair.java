package dev.peers.broker;

import dev.peers.Draft;
import dev.peers.PeerId;

/** Two peers, whichever of them writes. */
record Pair(PeerId one, PeerId other) {
  static Pair of(Draft draft) {
    PeerId from = draft.from();
    PeerId to = draft.to();
    return from.value().compareTo(to.value()) <= 0 ? new Pair(from, to) : new Pair(to, from);
  }
}
