package dev.peers.relay;

import dev.peers.local.RelayLine;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a session has said that a new broker must hear again: how it introduced itself, and what it
 * has no answer to. Not thread-safe; the relay guards it.
 */
final class SessionReplay {
  private byte @Nullable [] initialize;
  private @Nullable String initializeId;
  private byte @Nullable [] initialized;

  /** In the order in which they were asked. */
  private final Map<String, byte[]> unanswered = new LinkedHashMap<>();

  /** Those of them whose answers may carry mail, which is delivered when the agent has it. */
  private final Set<String> calls = new HashSet<>();

  /** The answer to a repeated introduction is not for the agent. */
  private @Nullable String unwanted;

  /**
   * The agent does not want these answers any more; the MCP specification calls it cancellation.
   */
  private final Set<String> cancelled = new HashSet<>();

  /** The last message whose push the agent has; 0 for none. */
  private long pushed;

  /** The database that it is of; empty for one of a broker that does not say. */
  private String pushedIn = "";

  /** How many calls there have been. */
  private long count;

  /**
   * Takes note of a line of the agent's, and tells what the broker is to be told, now and whenever
   * it is repeated. A call is numbered: an agent may use an id again for a call that only looks the
   * same, and the relay alone can tell that from a repetition. That holds for a call with an id
   * that is too long to be kept, too, although the call is not repeated.
   */
  byte[] asked(@Nullable String id, @Nullable String method, byte[] line) {
    boolean isCall = "tools/call".equals(method);
    byte[] told = isCall ? numbered(++count, line) : line;
    if (id != null && method != null) {
      cancelled.remove(id);
      if (isCall) {
        calls.add(id);
      }
      unanswered.put(id, told);
      if (method.equals("initialize")) {
        initialize = line;
        initializeId = id;
      }
    } else if ("notifications/initialized".equals(method)) {
      initialized = line;
    }
    return told;
  }

  private static byte[] numbered(long number, byte[] line) {
    byte[] note = new RelayLine.Call(number).bytes();
    byte[] both = Arrays.copyOf(note, note.length + line.length);
    System.arraycopy(line, 0, both, note.length, line.length);
    return both;
  }

  /** Takes note of a line of the broker's, and tells whether it is for the agent. */
  boolean answered(@Nullable String id, @Nullable String method) {
    if (id == null || method != null) {
      return true;
    }
    if (id.equals(unwanted)) {
      unwanted = null;
      return false;
    }
    unanswered.remove(id);
    return !cancelled.remove(id);
  }

  /** Takes note that the agent does not wait for an answer any more, and so will not read it. */
  void cancelled(@Nullable String id) {
    if (id != null && !id.equals(initializeId) && unanswered.remove(id) != null) {
      calls.remove(id);
      cancelled.add(id);
    }
  }

  /** Takes note that a request was answered in the broker's place, whose own answer is too late. */
  void withdrawn(String id) {
    if (unanswered.remove(id) != null) {
      calls.remove(id);
      cancelled.add(id);
    }
  }

  /** Takes note that the agent has been given a message of a database. */
  void pushed(String store, long message) {
    // Ids of two databases cannot be compared: the last one said is of the present one.
    pushed = pushedIn.equals(store) ? Math.max(pushed, message) : message;
    pushedIn = store;
  }

  long pushed() {
    return pushed;
  }

  String pushedIn() {
    return pushedIn;
  }

  /** Whether a broker has answered the introduction. */
  boolean begun() {
    return initializeId != null && !unanswered.containsKey(initializeId);
  }

  /** Whether a broker has yet to take a session back that another one had. */
  boolean isStranded() {
    return unwanted != null;
  }

  /** Whether the broker wants to know that the agent has the answer; asked once for each. */
  boolean wantsProof(@Nullable String id) {
    return id != null && !unanswered.containsKey(id) && calls.remove(id);
  }

  boolean complete() {
    return unanswered.isEmpty();
  }

  /** Whether nothing is unanswered, and no answer waits to be proven. */
  boolean isSettled() {
    return unanswered.isEmpty() && calls.isEmpty();
  }

  Set<String> unansweredIds() {
    return Set.copyOf(unanswered.keySet());
  }

  void forget(String id) {
    unanswered.remove(id);
    calls.remove(id);
  }

  /** What to tell a new connection, in order. */
  List<byte[]> replay() {
    List<byte[]> lines = new ArrayList<>();
    unwanted = null;
    cancelled.clear();
    if (initialize != null) {
      lines.add(initialize);
      if (!unanswered.containsKey(initializeId)) {
        unwanted = initializeId;
      }
      if (initialized != null) {
        lines.add(initialized);
      }
    }
    for (Map.Entry<String, byte[]> each : unanswered.entrySet()) {
      if (!each.getKey().equals(initializeId)) {
        lines.add(each.getValue());
      }
    }
    return lines;
  }
}
