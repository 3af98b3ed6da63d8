package dev.peers.mcp.delivery;

import dev.peers.PeersException;
import dev.peers.SessionKey;
import dev.peers.client.PeerSession;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What an agent calls one session: the name that its server was started with, and those that hooks
 * tell later, as after {@code /clear}, of which the server is told nothing. The broker is told each
 * of them, so that the conversation is the same peer when it is resumed elsewhere. Thread-safe.
 */
public final class SessionNames {
  private static final System.Logger LOG = System.getLogger(SessionNames.class.getName());

  private final Set<SessionKey> known = ConcurrentHashMap.newKeySet();

  /** Starts with the name that the server was started with. */
  public SessionNames(SessionKey first) {
    known.add(first);
  }

  public boolean contains(SessionKey name) {
    return known.contains(name);
  }

  /** The agent calls a session so now. */
  public void heard(PeerSession session, SessionKey name) {
    if (!known.add(name)) {
      return;
    }
    try {
      session.broker().addKey(session.id(), name);
    } catch (PeersException e) {
      // The next hook tells it again.
      known.remove(name);
      LOG.log(System.Logger.Level.DEBUG, "no further key of a session: {0}", e.getMessage());
    }
  }
}
