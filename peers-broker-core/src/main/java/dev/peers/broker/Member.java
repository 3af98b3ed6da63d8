package dev.peers.broker;

import dev.peers.Peer;
import dev.peers.PeerId;
import dev.peers.ProcessRef;
import dev.peers.SessionKey;
import dev.peers.spi.StoredPeer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One entry of the roster; every field is guarded by the roster's monitor. */
final class Member {
  /** The last written state; its presence and time are filled in when somebody asks. */
  Peer peer;

  /** The key that it was made for. */
  SessionKey key;

  /** Further keys that it answers to, the oldest first. */
  final List<SessionKey> otherKeys = new ArrayList<>();

  /**
   * The key of a session that has it for a while, since it wanted its name when nobody was here;
   * null for none. It is known to memory alone: after a restart it inherits anew.
   */
  @Nullable SessionKey heir;

  /** Whether it has joined, or was heard of, since this broker started and has not left. */
  boolean joined;

  /** Whether it has said goodbye to this broker and was not heard of since. */
  boolean left;

  /** Whether the last of its sessions has left this broker: it stays away until one registers. */
  boolean departed;

  /** Its sessions that have registered and not left. */
  final PresentSessions sessions = new PresentSessions();

  /** The process that started that of its session, which it told as it joined; null if unknown. */
  @Nullable ProcessRef parent;

  /** Whether it has done anything, or was sent anything, or is known from the store. */
  boolean used = true;

  /** When it last joined this broker; null if it never did. */
  @Nullable Instant joinedAt;

  /** When it was last heard of, on the ticker: the time a machine slept does not count. */
  long heardAtNanos;

  Instant heardAt;

  /** Which broker has its session, as the store said last; null for none that is known. */
  @Nullable String broker;

  /** What was written of it last; null if nothing was since this broker knows it. */
  @Nullable StoredPeer lastPublished;

  /** How it was shown last; null if it has changed since. */
  @Nullable Peer cachedSnapshot;

  /** Whether it got mail since it was last about to be forgotten. */
  boolean retained;

  private final boolean operator;

  Member(Peer peer, SessionKey key) {
    this.peer = peer;
    this.operator = peer.id().equals(PeerId.OPERATOR);
    this.key = key;
    this.heardAt = peer.lastSeen();
  }

  /** Whether it is the human at the command line. */
  boolean isOperator() {
    return operator;
  }

  /** Becomes what the store says. */
  void become(StoredPeer stored) {
    become(stored.peer());
    key = stored.sessionKey();
    otherKeys.clear();
    otherKeys.addAll(stored.otherKeys());
    heir = null;
    broker = stored.broker();
    heardAt = stored.peer().lastSeen();
    joined = false;
    left = broker == null;
    departed &= left;
    sessions.clear();
    parent = null;
    lastPublished = null;
  }

  /** What is written of it says when it was last heard of. */
  void seen() {
    become(peer.toBuilder().lastSeen(heardAt).build());
  }

  void become(Peer next) {
    peer = next;
    cachedSnapshot = null;
  }
}
