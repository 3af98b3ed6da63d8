package dev.peers.mcp.tool;

import dev.peers.mcp.link.Client;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Tells a session's main agent from the sub-agents that use the same server. Claude Code says who
 * calls in the hook that precedes a call, by the call's id; Codex in the call itself. Thread-safe.
 */
public final class Callers {
  /** Claude Code's id of a call, which its hooks have too. */
  private static final String TOOL_USE = "claudecode/toolUseId";

  private static final String CODEX_TURN = "x-codex-turn-metadata";
  private static final String CODEX_THREAD = "threadId";

  /** Far more than are under way in one session at the same time. */
  private static final int MAX_ANNOUNCED = 1_000;

  private static final int MAX_ID = 200;

  private final Client client;
  private final Object lock = new Object();
  // Guarded by lock: who makes a call, by its id.
  private final Map<String, Caller> announced =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Caller> eldest) {
          return size() > MAX_ANNOUNCED;
        }
      };
  // Guarded by lock, for Codex: the thread that the server was started for, as far as it is known,
  // and whether that is a sub-agent's.
  private @Nullable String thread;
  private boolean ofSubAgent;

  public Callers(Client client) {
    this.client = client;
  }

  /** A hook tells who is about to make a call. */
  public void announce(String toolUseId, Caller caller) {
    if (toolUseId.length() <= MAX_ID) {
      synchronized (lock) {
        announced.put(toolUseId, caller);
      }
    }
  }

  /** Who makes a call, by what its client says of it. */
  public Caller of(Map<String, Object> meta) {
    return switch (client) {
      case CLAUDE_CODE -> announced(meta);
      case CODEX -> ofThread(meta);
      case CRUSH, OTHER -> Caller.MAIN;
    };
  }

  /**
   * Who makes a call of a hook.
   *
   * @param agentId what Claude Code's hooks say of it: nothing in the main agent, an id in another;
   *     null if the hook was not asked to say it
   */
  Caller ofHook(@Nullable String agentId, Map<String, Object> meta) {
    if (client == Client.CODEX) {
      return ofThread(meta);
    }
    // A client that does not know a variable leaves its name.
    if (agentId == null || agentId.startsWith("${")) {
      return client == Client.CLAUDE_CODE ? Caller.UNKNOWN : Caller.MAIN;
    }
    return agentId.isBlank() ? Caller.MAIN : Caller.SUB_AGENT;
  }

  /** Whether a call comes from a model: hooks' calls have no such marks. */
  static boolean isOfModel(Map<String, Object> meta) {
    return meta.containsKey(TOOL_USE) || meta.containsKey(CODEX_TURN);
  }

  /** The threads whose sub-agent makes a call, in Codex, the outermost first; none for others. */
  public static List<String> parentThreads(Map<String, Object> meta) {
    return isSubAgent(meta)
        ? Stream.of(turn(meta, "session_id"), turn(meta, "parent_thread_id"))
            .flatMap(Optional::stream)
            .toList()
        : List.of();
  }

  /** The thread that makes a call, in Codex. */
  public static Optional<String> thread(Map<String, Object> meta) {
    return text(meta.get(CODEX_THREAD));
  }

  private Caller announced(Map<String, Object> meta) {
    Optional<String> id = text(meta.get(TOOL_USE));
    synchronized (lock) {
      return id.map(announced::get).orElse(Caller.UNKNOWN);
    }
  }

  private Caller ofThread(Map<String, Object> meta) {
    String calling = thread(meta).orElse(null);
    boolean subAgent = isSubAgent(meta);
    synchronized (lock) {
      if (subAgent && (thread == null || thread.equals(calling))) {
        ofSubAgent = true;
      }
      if (subAgent || ofSubAgent) {
        return Caller.SUB_AGENT;
      }
      if (calling != null && (thread == null || turn(meta, "thread_source").isPresent())) {
        // The user's, which may have gone on to another conversation.
        thread = calling;
      }
      return calling == null || calling.equals(thread) ? Caller.MAIN : Caller.SUB_AGENT;
    }
  }

  private static boolean isSubAgent(Map<String, Object> meta) {
    return turn(meta, "thread_source").filter("subagent"::equals).isPresent();
  }

  private static Optional<String> turn(Map<String, Object> meta, String field) {
    return meta.get(CODEX_TURN) instanceof Map<?, ?> turn
        ? text(turn.get(field))
        : Optional.empty();
  }

  private static Optional<String> text(@Nullable Object value) {
    return value instanceof String text && !text.isBlank() && text.length() <= MAX_ID
        ? Optional.of(text)
        : Optional.empty();
  }
}
