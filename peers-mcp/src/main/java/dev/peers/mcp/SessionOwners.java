package dev.peers.mcp;

import dev.peers.PeerId;
import dev.peers.client.PeerSession;
import dev.peers.mcp.link.Hello;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Which session of the gateway speaks for a peer now, and which for a thread of Codex. Thread-safe.
 */
final class SessionOwners {
  /** A session that may speak for a peer. */
  interface Owner {
    /** Another session is the peer from now on. */
    void makeRoomFor(Hello newcomer);

    /** The peer's session; null before it has joined. */
    @Nullable PeerSession session();

    /** The process that started the session's relay, where Codex is the client; 0 otherwise. */
    long codexProcess();
  }

  private final Map<PeerId, Owner> owners = new ConcurrentHashMap<>();
  private final Map<PeerSession, String> codexThreads = new ConcurrentHashMap<>();

  /** Makes a session the owner of its peer, and has the former one make room. */
  void take(PeerId peer, Owner owner, Hello hello) {
    Owner former = owners.put(peer, owner);
    if (former != null) {
      former.makeRoomFor(hello);
    }
  }

  /** Whether a session is the owner. */
  boolean isOwner(PeerId peer, Owner owner) {
    return owners.get(peer) == owner;
  }

  /** Whether any session is. */
  boolean isOwned(PeerId peer) {
    return owners.containsKey(peer);
  }

  /**
   * A session has ended.
   *
   * @return whether it was the owner of a peer, whatever id that has by now
   */
  boolean leave(Owner owner, PeerSession session) {
    codexThreads.remove(session);
    return owners.values().removeIf(each -> each == owner);
  }

  /** A session of Codex has named its thread. */
  void name(PeerSession session, String thread) {
    codexThreads.put(session, thread);
  }

  /**
   * The session that a sub-agent of Codex works for. A sub-agent has a server of its own, whose
   * calls name the threads that it descends from.
   *
   * @param self the sub-agent's own session
   * @param parents those threads
   * @return null where none of them has called yet, unless the process has one other session alone
   */
  @Nullable PeerSession parent(Owner self, List<String> parents) {
    for (String parent : parents) {
      for (Map.Entry<PeerSession, String> each : codexThreads.entrySet()) {
        if (each.getValue().equals(parent)) {
          return each.getKey();
        }
      }
    }
    long process = self.codexProcess();
    PeerSession only = null;
    for (Owner each : owners.values()) {
      PeerSession session = each.session();
      if (each != self && process > 0 && each.codexProcess() == process && session != null) {
        if (only != null) {
          return null;
        }
        only = session;
      }
    }
    return only;
  }
}
