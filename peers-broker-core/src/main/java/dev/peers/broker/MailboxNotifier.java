package dev.peers.broker;

import dev.peers.PeerId;
import dev.peers.Subscription;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/**
 * Wakes those who wait for mail. It knows nothing of messages: a lost wake-up costs time, never a
 * message.
 */
final class MailboxNotifier {
  private static final System.Logger LOG = System.getLogger(MailboxNotifier.class.getName());

  private final Map<PeerId, List<Waiter>> waiters = new ConcurrentHashMap<>();
  private final Executor executor;

  MailboxNotifier(Executor executor) {
    this.executor = executor;
  }

  Subscription subscribe(PeerId id, Runnable wakeUp) {
    Waiter waiter = new Waiter(id, wakeUp);
    waiters.compute(
        id,
        (key, present) -> {
          List<Waiter> list = present == null ? new CopyOnWriteArrayList<>() : present;
          list.add(waiter);
          return list;
        });
    return waiter;
  }

  /** Whether somebody would be woken. */
  boolean isWaiting(PeerId id) {
    return waiters.containsKey(id);
  }

  /** Has everybody look. */
  void wakeAll() {
    wakeAll(id -> true);
  }

  /** Has those look who may find something, for what changes by the passing of time alone. */
  void wakeAll(Predicate<PeerId> mayFind) {
    waiters.keySet().stream().filter(mayFind).forEach(this::wake);
  }

  void wake(PeerId id) {
    List<Waiter> list = waiters.get(id);
    if (list != null) {
      list.forEach(Waiter::wake);
    }
  }

  private final class Waiter implements Subscription {
    private final PeerId id;
    private final Runnable wakeUp;
    // 0: at rest, 1: a run is due or under way, 2: and one more after it.
    private final AtomicInteger due = new AtomicInteger();
    private volatile boolean closed;

    Waiter(PeerId id, Runnable wakeUp) {
      this.id = id;
      this.wakeUp = wakeUp;
    }

    void wake() {
      if (due.getAndUpdate(n -> Math.min(n + 1, 2)) == 0) {
        try {
          executor.execute(this::run);
        } catch (RejectedExecutionException e) {
          LOG.log(System.Logger.Level.DEBUG, "no wake-up for {0}: the broker is closing", id);
        }
      }
    }

    private void run() {
      do {
        due.set(1);
        if (closed) {
          return;
        }
        try {
          wakeUp.run();
        } catch (Throwable e) {
          LOG.log(System.Logger.Level.WARNING, "a listener for mail of " + id + " failed", e);
          if (e instanceof VirtualMachineError fatal) {
            throw fatal;
          }
        }
      } while (!due.compareAndSet(1, 0));
    }

    @Override
    public void close() {
      closed = true;
      waiters.computeIfPresent(
          id,
          (key, list) -> {
            list.remove(this);
            return list.isEmpty() ? null : list;
          });
    }
  }
}
