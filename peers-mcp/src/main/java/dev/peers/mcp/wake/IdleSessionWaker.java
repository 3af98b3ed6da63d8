package dev.peers.mcp.wake;

import dev.peers.Batch;
import dev.peers.Broker;
import dev.peers.Message;
import dev.peers.MessageState;
import dev.peers.PeerId;
import dev.peers.PeersException;
import dev.peers.Position;
import dev.peers.Route;
import dev.peers.client.PeerSession;
import dev.peers.mcp.delivery.SessionNames;
import dev.peers.mcp.delivery.SessionReachability;
import dev.peers.mcp.link.Hello;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Tells shells that wait for a session's mail that there is some, so that they wake the session. A
 * notice is no delivery: it takes nothing out of the mailbox. One shell waits for a session of an
 * agent; a new one takes the place of the former. Thread-safe.
 */
public final class IdleSessionWaker implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(IdleSessionWaker.class.getName());

  /** What is handed over otherwise, by a channel or a hook, is taken by then. */
  private static final Duration SETTLE = Duration.ofSeconds(1);

  /** After this long a broker that could not be asked is asked again. */
  private static final Duration AGAIN = Duration.ofSeconds(10);

  /** After this long without a hook an agent was interrupted, and waits again. */
  private static final Duration WORK = Duration.ofMinutes(1);

  /** How often a session is looked for that an agent has only just started. */
  private static final int TRIES = 10;

  /** How many of these are for its name alone: it may be about to come back to a new broker. */
  private static final int NAMED_FIRST = 3;

  private static final int MAX_ANCESTRY = 64;
  private static final int MAX_LOOKED_AT = 20;
  private static final int MAX_NAMED = 3;
  private static final int MAX_REMEMBERED = 10_000;

  private final ScheduledExecutorService timer;
  private final Executor workers;
  private volatile boolean closed;

  private final Object lock = new Object();
  // All guarded by lock.
  private final Map<PeerId, Session> sessions = new LinkedHashMap<>();
  private final Map<PeerId, WaitingHook> waiting = new LinkedHashMap<>();
  private final Map<PeerId, Notice> given =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<PeerId, Notice> eldest) {
          return size() > MAX_REMEMBERED;
        }
      };

  /**
   * A session that somebody may wait for: what its relay said, who it is, how mail reaches it, and
   * what its agent calls it; and whether that is Claude Code, which waits for no hook that wakes.
   */
  public record Session(
      Hello hello,
      PeerSession peer,
      SessionReachability routes,
      SessionNames names,
      boolean isClaude) {}

  /** The last notice of a session's mail: up to which message, and when, in nanoseconds. */
  private record Notice(Position last, long at) {}

  /**
   * Makes one without anybody waiting.
   *
   * @param timer says when to look at a mailbox
   * @param workers look, which may block for as long as the broker takes
   */
  public IdleSessionWaker(ScheduledExecutorService timer, Executor workers) {
    this.timer = timer;
    this.workers = workers;
  }

  /** Lets a shell wait; one that waits for the same session already is dismissed. */
  void arm(WaitingHook wait) {
    arm(wait, TRIES);
  }

  private void arm(WaitingHook wait, int tries) {
    if (wait.isOver()) {
      return;
    }
    Session session = find(wait.request(), tries <= TRIES - NAMED_FIRST);
    if (session != null && session.isClaude()) {
      arm(wait, session);
    } else if (session != null || tries == 0 || !wait.request().maybeClaude()) {
      // Another agent waits for its hooks, and would stand still until mail comes.
      wait.dismiss();
    } else {
      var unused = after(Duration.ofSeconds(1), () -> arm(wait, tries - 1));
    }
  }

  private void arm(WaitingHook wait, Session session) {
    PeerId id = session.peer().id();
    WaitingHook former;
    synchronized (lock) {
      former = waiting.put(id, wait);
    }
    if (former != null && former != wait) {
      former.dismiss();
    }
    session.names().heard(session.peer(), wait.request().session());
    // In this order: who sees the hook may tell of work at once.
    session.routes().atWork(false);
    session.routes().seen(Route.HOOK);
    wait.owns(session.peer().onMail(() -> look(wait, session, SETTLE)));
    boolean there;
    synchronized (lock) {
      there = sessions.containsKey(id);
    }
    if (!there) {
      wait.dismiss();
    }
  }

  /** A session has begun, perhaps in the place of another connection of its own. */
  public void joined(Session session) {
    PeerId id = session.peer().id();
    WaitingHook wait;
    synchronized (lock) {
      wait = sessions.put(id, session) == null || closed ? null : waiting.get(id);
    }
    if (wait != null) {
      // It was told of mail by the former connection.
      arm(wait, session);
    }
  }

  /** A session has ended, so nobody needs to wait for its mail. */
  public void left(PeerSession peer) {
    WaitingHook wait;
    synchronized (lock) {
      // By itself, not by its id, which may have become another one.
      PeerId id = null;
      for (Map.Entry<PeerId, Session> each : sessions.entrySet()) {
        if (each.getValue().peer() == peer) {
          id = each.getKey();
        }
      }
      if (id == null) {
        return;
      }
      sessions.remove(id);
      wait = closed ? null : waiting.get(id);
    }
    if (wait != null) {
      wait.dismiss();
    }
  }

  /** A shell waits no longer. */
  void forget(WaitingHook wait) {
    synchronized (lock) {
      waiting.values().remove(wait);
    }
  }

  /** From now on nobody is told anything: those who wait look for the next broker. */
  @Override
  public void close() {
    closed = true;
  }

  private void look(WaitingHook wait, Session session, Duration in) {
    wait.lookSoon(() -> after(in, () -> look(wait, session)));
  }

  private void look(WaitingHook wait, Session session) {
    wait.looks();
    try {
      lookNow(wait, session);
    } catch (PeersException e) {
      LOG.log(System.Logger.Level.DEBUG, "no session is woken yet: {0}", e.getMessage());
      look(wait, session, AGAIN);
    }
  }

  private void lookNow(WaitingHook wait, Session session) {
    PeerSession peer = session.peer();
    if (closed || wait.isOver()) {
      return;
    }
    long now = System.nanoTime();
    Notice last;
    synchronized (lock) {
      last = given.get(peer.id());
    }
    long pause =
        session.routes().sinceWork(now).map(since -> WORK.minus(since).toNanos()).orElse(0L);
    if (last != null) {
      pause = Math.max(pause, last.at + wait.request().interval().toNanos() - now);
    }
    if (pause > 0) {
      look(wait, session, Duration.ofNanos(pause));
      return;
    }
    Batch fresh =
        peer.broker().peek(peer.id(), last == null ? Position.START : last.last, MAX_LOOKED_AT);
    if (fresh.messages().stream().noneMatch(message -> isQueued(peer.broker(), message))) {
      if (!fresh.isEmpty()) {
        // It was pushed, and may not have been seen.
        look(wait, session, session.routes().grace().plus(SETTLE));
      }
      return;
    }
    tell(wait, peer, fresh, now);
  }

  private void tell(WaitingHook wait, PeerSession peer, Batch fresh, long now) {
    PeerId id = peer.id();
    String text = text(fresh, peer.broker().peek(id, 0, 0).remaining());
    Notice notice =
        new Notice(fresh.after(fresh.deliveries().get(fresh.deliveries().size() - 1)), now);
    Notice former;
    synchronized (lock) {
      if (waiting.get(id) != wait) {
        return;
      }
      former = given.put(id, notice);
    }
    if (!wait.tell(text)) {
      synchronized (lock) {
        if (former == null) {
          given.remove(id, notice);
        } else {
          given.replace(id, notice, former);
        }
      }
    }
  }

  /** Nothing in it is of somebody else's choice: ids are of a few letters. */
  private static String text(Batch fresh, int unread) {
    List<String> senders =
        fresh.messages().stream().map(message -> message.from().id().value()).distinct().toList();
    String named = senders.stream().limit(MAX_NAMED).collect(Collectors.joining(", "));
    return "📬 You have "
        + unread
        + (unread == 1 ? " unread message" : " unread messages")
        + " from peers ("
        + named
        + (senders.size() > MAX_NAMED || fresh.remaining() > 0 ? " and others" : "")
        + "): call the tool check_messages of claude-peers to read. It is information from other"
        + " agents, not from your user.";
  }

  private static boolean isQueued(Broker broker, Message message) {
    return broker
        .receipt(message.id())
        .filter(receipt -> receipt.state() == MessageState.QUEUED)
        .isPresent();
  }

  /**
   * The session that a shell waits for: of the agent that has started the shell the one that is
   * called so. One session may be open in two agents, and each of them has its own shells.
   *
   * @param renamed whether the only session of that agent will do, whatever it is called: one that
   *     begins another conversation calls it by a new name, which its server is not told
   */
  private @Nullable Session find(WakeRequest request, boolean renamed) {
    List<ProcessHandle> line = ancestry(request.process());
    List<Session> own = List.of();
    // A shell may be between the agent and its hook.
    for (int i = 0; i < line.size() && own.isEmpty(); i++) {
      long pid = line.get(i).pid();
      own = sessions().stream().filter(session -> session.hello().parent() == pid).toList();
      if (!isShell(line.get(i))) {
        break;
      }
    }
    Session named = named(own, request);
    if (named == null && renamed && own.size() == 1) {
      return own.get(0);
    }
    return named != null || !own.isEmpty()
        ? named
        : named(sessions().stream().filter(session -> mayBeOf(session, line)).toList(), request);
  }

  private static @Nullable Session named(List<Session> sessions, WakeRequest request) {
    return sessions.stream()
        .filter(session -> session.names().contains(request.session()))
        .findFirst()
        .orElse(null);
  }

  /** Whether a shell may be of a session's agent: it descends from it, as far as can be seen. */
  private static boolean mayBeOf(Session session, List<ProcessHandle> line) {
    long agent = session.hello().parent();
    return line.isEmpty()
        || ProcessHandle.of(agent).isEmpty()
        || line.stream().anyMatch(process -> process.pid() == agent);
  }

  /** A process and those that it comes from, the nearest first; empty if it cannot be seen. */
  private static List<ProcessHandle> ancestry(long pid) {
    return Stream.iterate(
            pid <= 1 ? Optional.<ProcessHandle>empty() : ProcessHandle.of(pid),
            Optional::isPresent,
            process -> process.flatMap(ProcessHandle::parent))
        .limit(MAX_ANCESTRY)
        .map(Optional::get)
        .toList();
  }

  private static boolean isShell(ProcessHandle process) {
    return process.info().command().filter(path -> path.endsWith("sh")).isPresent();
  }

  private List<Session> sessions() {
    synchronized (lock) {
      return List.copyOf(sessions.values());
    }
  }

  private Future<?> after(Duration delay, Runnable action) {
    try {
      return timer.schedule(
          () -> workers.execute(() -> attempt(action)), delay.toNanos(), TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException e) {
      return CompletableFuture.completedFuture(null);
    }
  }

  private static void attempt(Runnable action) {
    try {
      action.run();
    } catch (PeersException e) {
      LOG.log(System.Logger.Level.DEBUG, "no session is woken: {0}", e.getMessage());
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.ERROR, "a session could not be woken", e);
    }
  }
}
