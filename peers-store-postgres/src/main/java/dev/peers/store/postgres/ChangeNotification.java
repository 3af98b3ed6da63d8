package dev.peers.store.postgres;

import dev.peers.PeerId;
import dev.peers.PeersException;
import java.util.Set;

/**
 * What brokers tell each other through the server: who tells, whether it is of a peer or of a
 * mailbox, and whose.
 *
 * @param channel one for each schema
 * @param broker who tells
 */
record ChangeNotification(String channel, String broker) {
  private static final String PEER = "|p|";
  private static final String MAILBOX = "|m|";

  static ChangeNotification of(String schema, String broker) {
    return new ChangeNotification("peers_changes_" + schema, broker);
  }

  String ofPeer(PeerId peer) {
    return broker + PEER + peer;
  }

  /** Sorts what others tell; own notices and what is none is passed over. */
  void read(String payload, Set<PeerId> peers, Set<PeerId> mailboxes) {
    int end = payload.indexOf('|');
    if (end < 0 || end + 3 > payload.length() || payload.substring(0, end).equals(broker)) {
      return;
    }
    try {
      PeerId id = new PeerId(payload.substring(end + 3));
      switch (payload.substring(end, end + 3)) {
        case PEER -> peers.add(id);
        case MAILBOX -> mailboxes.add(id);
        default -> {}
      }
    } catch (PeersException e) {
      // Anybody who may connect to the database can write to a channel.
    }
  }
}
