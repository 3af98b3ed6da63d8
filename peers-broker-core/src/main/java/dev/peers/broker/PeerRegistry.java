package dev.peers.broker;

import dev.peers.ErrorCode;
import dev.peers.Peer;
import dev.peers.PeerId;
import dev.peers.PeerQuery;
import dev.peers.PeersException;
import dev.peers.Scope;
import dev.peers.Summary;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is asked and told of those who are peers already. Answers from memory; what must outlive the
 * process is written to the store before a call returns. Presence is known to memory alone.
 */
final class PeerRegistry {
  private final Roster roster;
  private final RosterWriter writer;
  private final RosterSync sync;

  PeerRegistry(Roster roster, RosterWriter writer, RosterSync sync) {
    this.roster = roster;
    this.writer = writer;
    this.sync = sync;
  }

  /** Marks a peer as heard of now, whatever it did. */
  void heard(PeerId id) {
    synchronized (roster) {
      roster.touch(roster.requireOwn(id));
    }
  }

  /** Marks a peer as heard of now, and as one that has done something. */
  void used(PeerId id) {
    synchronized (roster) {
      Member member = roster.requireOwn(id);
      member.used = true;
      roster.touch(member);
    }
  }

  /** A session says that it is still there; null for one without an instance. */
  void heartbeat(PeerId id, @Nullable String instance) {
    synchronized (roster) {
      Member member = roster.requireOwn(id);
      if (instance != null) {
        roster.touch(member, instance);
      } else if (member.departed) {
        throw new PeersException(
            ErrorCode.UNKNOWN_PEER, "peer '" + id + "' has left this broker; register again");
      } else if (member.sessions.has(null)) {
        roster.touch(member, null);
      } else {
        roster.touch(member);
      }
    }
  }

  void unregister(PeerId id, @Nullable String instance) {
    synchronized (roster) {
      Member member = roster.find(id);
      if (member == null || !roster.leave(member, instance)) {
        return;
      }
      member.seen();
    }
    writer.save(id);
  }

  void summarize(PeerId id, String text, Summary.Source source) {
    synchronized (roster) {
      Member member = roster.requireOwn(id);
      roster.touch(member);
      member.used = member.used || source == Summary.Source.MANUAL;
      Summary old = member.peer.summary();
      if (source == Summary.Source.AUTOMATIC
          && old != null
          && old.source() == Summary.Source.MANUAL) {
        return;
      }
      Summary summary = text.isBlank() ? null : new Summary(text.strip(), source, roster.now());
      member.become(member.peer.toBuilder().summary(summary).lastSeen(member.heardAt).build());
    }
    writer.save(id);
  }

  List<Peer> list(PeerQuery query) {
    Scope scope = query.scope().onHost(roster.host());
    List<Peer> active = new ArrayList<>();
    List<Peer> away = new ArrayList<>();
    synchronized (roster) {
      long now = roster.ticks();
      Member without = query.excluding() == null ? null : roster.find(query.excluding());
      for (Member member : roster.members()) {
        boolean isActive = roster.isActive(member, now);
        if (!(isActive || query.includeAway()) || member.isOperator() || member == without) {
          continue;
        }
        Peer peer = roster.view(member, isActive);
        if (scope.includes(peer.workspace())) {
          (isActive ? active : away).add(peer);
        }
      }
    }
    away.sort(Comparator.comparing(Peer::lastSeen).reversed());
    active.addAll(away);
    return active;
  }

  Optional<Peer> find(PeerId id) {
    Peer here = view(id);
    if (here == null && roster.neighbours() != null) {
      // Another broker may have known it for a moment only.
      sync.learn(id);
      here = view(id);
    }
    return Optional.ofNullable(here);
  }

  private @Nullable Peer view(PeerId id) {
    synchronized (roster) {
      Member member = roster.find(id);
      return member == null ? null : roster.view(member);
    }
  }

  int activeCount() {
    synchronized (roster) {
      return (int) roster.members().stream().filter(roster::isActive).count();
    }
  }

  /** Finds a peer that must be known. */
  Peer require(PeerId id) {
    return find(id)
        .orElseThrow(
            () ->
                new PeersException(
                    ErrorCode.UNKNOWN_PEER,
                    "no peer has the id '" + id + "'; list the peers to see who is there"));
  }
}
