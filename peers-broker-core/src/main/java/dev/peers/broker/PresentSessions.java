package dev.peers.broker;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The sessions that hold one session key, by their instances, and when each was last heard of. Not
 * thread-safe; guarded by the roster's monitor.
 */
final class PresentSessions {
  /**
   * More than any key has at a time; beyond it those that were not heard of longest are dropped.
   */
  private static final int MAX = 256;

  /** All that register without an instance are one session: they cannot be told apart. */
  private static final String WITHOUT_INSTANCE = "";

  // In the order in which they were last heard of.
  private final Map<String, Long> heardAt = new LinkedHashMap<>();

  /** A session has registered, or its heartbeat was received. */
  void heard(@Nullable String instance, long ticks) {
    String key = key(instance);
    heardAt.remove(key);
    heardAt.put(key, ticks);
    if (heardAt.size() > MAX) {
      Iterator<String> oldest = heardAt.keySet().iterator();
      oldest.next();
      oldest.remove();
    }
  }

  /** A session has left; leaving twice changes nothing. */
  void leave(@Nullable String instance) {
    heardAt.remove(key(instance));
  }

  /** When the latest of those that have not left was heard of; empty if there is none. */
  OptionalLong lastHeard() {
    return heardAt.values().stream().mapToLong(Long::longValue).reduce((first, second) -> second);
  }

  /** Whether a session has registered and not left. */
  boolean has(@Nullable String instance) {
    return heardAt.containsKey(key(instance));
  }

  void clear() {
    heardAt.clear();
  }

  private static String key(@Nullable String instance) {
    return instance == null ? WITHOUT_INSTANCE : instance;
  }
}
