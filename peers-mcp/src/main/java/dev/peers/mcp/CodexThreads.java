package dev.peers.mcp;

import dev.peers.client.PeerSession;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The sessions of Codex by what Codex calls them. A sub-agent has a server of its own, whose calls
 * name the session that it works for. Thread-safe.
 */
final class CodexThreads {
  private final Map<PeerSession, String> threads = new ConcurrentHashMap<>();

  /** A session has said which it is. */
  void is(PeerSession session, String thread) {
    threads.put(session, thread);
  }

  /** A session has ended. */
  void left(PeerSession session) {
    threads.remove(session);
  }

  /** The session of that name, if it has called yet. */
  Optional<PeerSession> session(String thread) {
    return threads.entrySet().stream()
        .filter(each -> each.getValue().equals(thread))
        .map(Map.Entry::getKey)
        .findFirst();
  }
}
