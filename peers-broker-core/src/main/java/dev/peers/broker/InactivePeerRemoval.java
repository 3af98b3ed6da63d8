package dev.peers.broker;

import dev.peers.ErrorCode;
import dev.peers.PeerId;
import dev.peers.PeersException;
import dev.peers.spi.BrokerStore;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * Forgets who has been away for long, has left without having done anything, or is to be forgotten
 * by the operator's will, in memory and in the store, unless there is mail for it.
 *
 * <p>Memory says who may go, as it alone knows who is there; the store says who goes, as it alone
 * can look at mail and remove in one step; then memory follows. In this order nobody can join anew
 * under a key that the store has still given to another. Who is heard of while the store is at it,
 * or gets mail, stays in memory and is written again.
 */
final class InactivePeerRemoval {
  /** As many as a store forgets in one step. */
  private static final int AT_ONCE = 1_000;

  /** Whatever the time is at which somebody was seen last, it is before this one. */
  private static final Instant ALWAYS = Instant.parse("9999-12-31T23:59:59Z");

  private final Roster roster;
  private final RosterWriter writer;
  private final BrokerStore store;
  private final Duration after;

  /**
   * Forgets nobody yet.
   *
   * @param after how long a peer must have been away
   */
  InactivePeerRemoval(Roster roster, RosterWriter writer, BrokerStore store, Duration after) {
    this.roster = roster;
    this.writer = writer;
    this.store = store;
    this.after = after;
  }

  /** Forgets who is due. */
  void run() {
    writer.saveSeen(after.dividedBy(30));
    List<PeerId> old = new ArrayList<>();
    Instant seenBefore;
    synchronized (roster) {
      seenBefore = seenBefore();
      for (Member member : roster.members()) {
        if (isForgettable(member, seenBefore)) {
          member.retained = false;
          old.add(member.peer.id());
        }
      }
    }
    for (int i = 0; i < old.size(); i += AT_ONCE) {
      List<PeerId> some = old.subList(i, Math.min(i + AT_ONCE, old.size()));
      store
          .deleteInactivePeers(some, seenBefore)
          .forEach(id -> follow(id, member -> isForgettable(member, seenBefore)));
    }
  }

  /** Forgets a peer that has just left, if it never did anything. */
  void runAfterLeaving(PeerId id) {
    synchronized (roster) {
      Member member = roster.find(id);
      if (member == null || !isUnused(member)) {
        return;
      }
    }
    store
        .deleteInactivePeers(List.of(id), ALWAYS)
        .forEach(gone -> follow(gone, InactivePeerRemoval::isUnused));
  }

  /**
   * Forgets a peer because the operator wants it.
   *
   * @throws PeersException if it is not known, is active, has unread mail, or is the operator
   */
  void runFor(PeerId id) {
    synchronized (roster) {
      Member member = roster.require(id);
      if (member.isOperator()) {
        throw new PeersException(ErrorCode.INVALID_ARGUMENT, "the operator cannot be forgotten");
      }
      if (roster.isActive(member)) {
        throw new PeersException(
            ErrorCode.PEER_IN_USE,
            "peer '" + id + "' is active and would only come back; end its session first");
      }
      member.retained = false;
    }
    if (store.deleteInactivePeers(List.of(id), ALWAYS).isEmpty()) {
      throw new PeersException(
          ErrorCode.PEER_IN_USE,
          "peer '"
              + id
              + "' has unread mail, or its session is coming back; unread mail is kept until it"
              + " expires, and can be forgotten with the peer then");
    }
    follow(id, member -> !roster.isActive(member));
  }

  private static boolean isUnused(Member member) {
    return member.left && !member.used;
  }

  /**
   * Keeps a peer that may be about to be forgotten. To be called when a message for it is in the
   * store: by then either the store does not remove it, or it is told of it here.
   *
   * @throws PeersException {@link ErrorCode#UNKNOWN_PEER} if it has been forgotten
   */
  void keep(PeerId id) {
    synchronized (roster) {
      Member member = roster.require(id);
      boolean mayGo = isUnused(member) || isOld(member, seenBefore());
      member.used = true;
      member.retained = true;
      if (!mayGo) {
        return;
      }
    }
    writer.restore(id);
  }

  /** Forgets a peer that the store has forgotten, or has the store know it again. */
  private void follow(PeerId id, Predicate<Member> mayGo) {
    synchronized (roster) {
      Member member = roster.find(id);
      if (member == null) {
        return;
      }
      if (!member.retained && mayGo.test(member)) {
        roster.remove(member);
        return;
      }
    }
    writer.restore(id);
  }

  private Instant seenBefore() {
    return roster.now().minus(after);
  }

  private boolean isForgettable(Member member, Instant seenBefore) {
    return isOld(member, seenBefore) && !roster.isActive(member) && !roster.isListening(member);
  }

  private static boolean isOld(Member member, Instant seenBefore) {
    return member.heardAt.isBefore(seenBefore) && !member.peer.id().equals(PeerId.OPERATOR);
  }
}
