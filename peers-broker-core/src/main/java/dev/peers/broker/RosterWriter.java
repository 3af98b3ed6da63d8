package dev.peers.broker;

import dev.peers.Peer;
import dev.peers.PeerId;
import dev.peers.PeersException;
import dev.peers.spi.BrokerStore;
import dev.peers.spi.SharedStore;
import dev.peers.spi.StoredPeer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Writes the members of a roster into the store, without a lock around the store. */
final class RosterWriter {
  private static final System.Logger LOG = System.getLogger(RosterWriter.class.getName());

  private final Roster roster;
  private final BrokerStore store;

  RosterWriter(Roster roster, BrokerStore store) {
    this.roster = roster;
    this.store = store;
  }

  /**
   * Writes a peer's present state. Whoever finds after the write that the state has moved on writes
   * again, so that the latest state is what stays.
   */
  void save(PeerId id) {
    StoredPeer written = null;
    while (true) {
      StoredPeer present;
      synchronized (roster) {
        Member member = roster.require(id);
        present = roster.stored(member);
        if (present.equals(written)) {
          member.lastPublished = written;
          return;
        }
        // Until it is written nobody knows what the store has.
        member.lastPublished = null;
      }
      store.save(present);
      written = present;
    }
  }

  /** Writes a peer that has registered again, if anything but the time has changed since. */
  void saveIfChanged(PeerId id) {
    synchronized (roster) {
      Member member = roster.require(id);
      StoredPeer last = member.lastPublished;
      if (last != null) {
        StoredPeer present = roster.stored(member);
        Peer peer = present.peer().toBuilder().lastSeen(last.peer().lastSeen()).build();
        if (new StoredPeer(peer, present.sessionKey(), present.otherKeys(), present.broker())
            .equals(last)) {
          return;
        }
      }
    }
    save(id);
  }

  /**
   * Makes sure of a new peer's id and key where other brokers might give them away too: there it is
   * written. On a store of our own nobody might, and nothing is written.
   *
   * @return false if another broker has written a peer with its id or key, which stays
   */
  boolean claim(StoredPeer peer) {
    return !(store instanceof SharedStore shared) || shared.add(peer);
  }

  /** Writes a peer that the store may not have, over nothing that another broker wrote of it. */
  void restore(PeerId id) {
    if (store instanceof SharedStore shared) {
      StoredPeer present;
      synchronized (roster) {
        present = roster.stored(roster.require(id));
      }
      shared.add(present);
    } else {
      save(id);
    }
  }

  /** Keeps what the store says of when peers were last seen from getting old, for after a crash. */
  void saveSeen(Duration atMost) {
    List<PeerId> due = new ArrayList<>();
    synchronized (roster) {
      for (Member member : roster.members()) {
        if (member.joined && member.peer.lastSeen().isBefore(member.heardAt.minus(atMost))) {
          member.seen();
          due.add(member.peer.id());
        }
      }
    }
    due.forEach(this::save);
  }

  /**
   * Writes when each peer was last seen, for the next broker on this store; nobody is here then.
   */
  void saveAll() {
    List<PeerId> joined = new ArrayList<>();
    synchronized (roster) {
      roster.close();
      for (Member member : roster.members()) {
        if (member.joined) {
          member.seen();
          joined.add(member.peer.id());
        }
      }
    }
    for (PeerId id : joined) {
      try {
        save(id);
      } catch (PeersException e) {
        LOG.log(System.Logger.Level.WARNING, "could not write when " + id + " was last seen", e);
      }
    }
  }
}
