package dev.peers.mcp;

import dev.peers.Batch;
import dev.peers.MessageId;
import dev.peers.Take;
import dev.peers.client.PeerSession;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Mail that one session's answers carry. It is delivered when the relay has written the answer to
 * the agent, and stays what it was when the agent has no more use for the answer. Thread-safe.
 */
final class Handovers {
  private final PeerSession session;
  private final Object lock = new Object();
  // Guarded by lock: what the agent is not yet known to have, by the request that was answered.
  private final Map<Object, List<MessageId>> unproven = new HashMap<>();

  Handovers(PeerSession session) {
    this.session = session;
  }

  /** Takes mail for the answer to a request. */
  Batch take(Object requestId, Take take) {
    Batch batch = session.take(take);
    if (!batch.isEmpty()) {
      synchronized (lock) {
        unproven.computeIfAbsent(requestId, id -> new ArrayList<>()).addAll(batch.ids());
      }
    }
    return batch;
  }

  /** The largest id that is under way to the agent; 0 for none. */
  long last() {
    synchronized (lock) {
      return unproven.values().stream()
          .flatMap(List::stream)
          .mapToLong(MessageId::value)
          .max()
          .orElse(0);
    }
  }

  /** The answer to a request is with the agent. */
  void written(Object requestId) {
    List<MessageId> ids = remove(requestId);
    if (!ids.isEmpty()) {
      session.broker().acknowledge(session.id(), ids);
    }
  }

  /** The agent does not wait for the answer to a request any more. */
  void cancelled(Object requestId) {
    remove(requestId);
  }

  private List<MessageId> remove(Object requestId) {
    synchronized (lock) {
      List<MessageId> ids = unproven.remove(requestId);
      return ids == null ? List.of() : ids;
    }
  }
}
