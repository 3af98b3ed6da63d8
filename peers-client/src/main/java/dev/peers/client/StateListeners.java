package dev.peers.client;

import dev.peers.Subscription;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The listeners for a session's state: each is called for every change, one at a time, on one
 * thread that is there for nothing else and only while there is something to tell. Thread-safe.
 */
final class StateListeners {
  private static final System.Logger LOG = System.getLogger(StateListeners.class.getName());

  /** One registration; the same listener may be registered twice. */
  private static final class Entry {
    final Consumer<SessionState> listener;

    Entry(Consumer<SessionState> listener) {
      this.listener = listener;
    }
  }

  private final List<Entry> entries = new CopyOnWriteArrayList<>();
  private final ThreadPoolExecutor teller =
      new ThreadPoolExecutor(
          1,
          1,
          1,
          TimeUnit.SECONDS,
          new LinkedBlockingQueue<>(),
          task -> {
            Thread thread = new Thread(task, "peers-session-state");
            thread.setDaemon(true);
            return thread;
          });

  StateListeners() {
    teller.allowCoreThreadTimeOut(true);
  }

  Subscription add(Consumer<SessionState> listener) {
    Entry entry = new Entry(listener);
    entries.add(entry);
    return () -> entries.remove(entry);
  }

  /** Tells all that are there now; returns at once. The caller sees to the order. */
  void tell(SessionState state) {
    if (!entries.isEmpty()) {
      teller.execute(() -> entries.forEach(entry -> tell(entry.listener, state)));
    }
    if (state == SessionState.CLOSED) {
      teller.shutdown();
    }
  }

  private static void tell(Consumer<SessionState> listener, SessionState state) {
    try {
      listener.accept(state);
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.WARNING, "a listener for the state " + state + " failed", e);
    }
  }
}
