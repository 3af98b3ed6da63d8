package dev.peers.broker;

import dev.peers.PeerId;
import dev.peers.SessionKey;
import dev.peers.spi.BrokerStore;
import dev.peers.spi.StoredPeer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Keeps a roster in step with what other brokers write, and them with it. On a store of our own
 * there is nobody to learn from or to tell.
 */
final class RosterSync {
  private final Roster roster;
  private final RosterWriter writer;
  private final BrokerStore store;

  RosterSync(Roster roster, RosterWriter writer, BrokerStore store) {
    this.roster = roster;
    this.writer = writer;
    this.store = store;
  }

  /** Looks in the store for what another broker has just written of a peer. */
  void learn(PeerId id) {
    BrokerLeases neighbours = roster.neighbours();
    if (neighbours != null) {
      Optional<StoredPeer> stored = store.findPeer(id);
      if (stored.isPresent()) {
        neighbours.meet(stored.get().broker());
        learn(stored.get());
      } else {
        forget(id);
      }
    }
  }

  /** Another broker has forgotten a peer. */
  private void forget(PeerId id) {
    synchronized (roster) {
      Member member = roster.find(id);
      if (member != null && !member.joined && !member.isOperator()) {
        roster.remove(member);
      }
    }
  }

  /** Looks in the store for a session that this broker does not know. */
  void learn(SessionKey key) {
    if (roster.neighbours() != null && roster.find(key) == null) {
      store.findPeer(key).ifPresent(this::learn);
    }
  }

  /** Looks in the store for what other brokers have written. */
  void learnAll() {
    store.peers().forEach(this::learn);
  }

  /** The broker where a session registered last has it. */
  private void learn(StoredPeer stored) {
    synchronized (roster) {
      Member member = roster.find(stored.peer().id());
      if (member == null) {
        roster.addKnown(stored);
      } else if (!member.joined || hasMoved(member, stored)) {
        roster.replace(member, stored);
      }
    }
  }

  private boolean hasMoved(Member member, StoredPeer stored) {
    BrokerLeases neighbours = roster.neighbours();
    return neighbours != null
        && stored.broker() != null
        && !stored.broker().equals(neighbours.self())
        && (member.joinedAt == null || stored.peer().lastSeen().isAfter(member.joinedAt));
  }

  /** Tells the other brokers what has changed by the passing of time alone. */
  void publish() {
    List<PeerId> due = new ArrayList<>();
    synchronized (roster) {
      for (Member member : roster.members()) {
        if (isNews(member)) {
          due.add(member.peer.id());
        }
      }
    }
    due.forEach(writer::save);
  }

  /** Tells the other brokers of one peer, if there is news of it. */
  void publish(PeerId id) {
    if (roster.neighbours() != null) {
      boolean news;
      synchronized (roster) {
        news = isNews(roster.require(id));
      }
      if (news) {
        writer.save(id);
      }
    }
  }

  private boolean isNews(Member member) {
    return member.joined && !roster.stored(member).equals(member.lastPublished);
  }
}
