package dev.peers.broker;

import dev.peers.PeersException;
import dev.peers.spi.SharedStore;
import dev.peers.spi.StoreChanges;
import java.time.Duration;

/**
 * Keeps a broker in step with the others on its store: says that it is there, and looks at what
 * they write as soon as they have written it. What it misses while the store cannot be reached it
 * makes up for afterwards.
 */
final class Cluster implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Cluster.class.getName());

  /** A few renewals may fail before the lease is over. */
  private static final Duration RENEWAL = BrokerLeases.LEASE.dividedBy(4);

  private static final Duration PAUSE = Duration.ofMillis(500);

  private final SharedStore store;
  private final BrokerLeases neighbours;
  private final RosterSync sync;
  private final MailboxNotifier hub;
  private final Thread thread = new Thread(this::run, "peers-cluster");
  private volatile boolean closed;

  private Cluster(
      SharedStore store, BrokerLeases neighbours, RosterSync sync, MailboxNotifier hub) {
    this.store = store;
    this.neighbours = neighbours;
    this.sync = sync;
    this.hub = hub;
    thread.setDaemon(true);
  }

  static Cluster start(
      SharedStore store, BrokerLeases neighbours, RosterSync sync, MailboxNotifier hub) {
    Cluster cluster = new Cluster(store, neighbours, sync, hub);
    cluster.thread.start();
    return cluster;
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    try {
      thread.join(2_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    long renewed = System.nanoTime();
    boolean failing = false;
    boolean confused = false;
    // The roster was read from the store before the first wait began.
    boolean missed = true;
    while (!closed) {
      try {
        Duration left = RENEWAL.minusNanos(System.nanoTime() - renewed);
        if (left.isNegative() || left.isZero() || failing) {
          neighbours.renew();
          renewed = System.nanoTime();
          if (failing) {
            // First what the others know: a session may have come back at one of them.
            sync.learnAll();
          }
          sync.publish();
          left = RENEWAL;
        }
        StoreChanges changes = store.awaitChanges(missed ? Duration.ZERO : left);
        if (missed || changes.incomplete()) {
          neighbours.renew();
          sync.learnAll();
          hub.wakeAll();
          missed = false;
        } else {
          changes.peers().forEach(sync::learn);
          changes.mailboxes().forEach(hub::wake);
        }
        if (failing) {
          LOG.log(System.Logger.Level.INFO, "the store answers again");
        }
        failing = false;
        confused = false;
      } catch (PeersException e) {
        if (!failing && !closed) {
          LOG.log(
              System.Logger.Level.WARNING,
              "out of step with the other brokers until the store answers: {0}",
              e.getMessage());
        }
        failing = true;
        missed = true;
        pause();
      } catch (InterruptedException e) {
        return;
      } catch (RuntimeException e) {
        if (!confused) {
          LOG.log(
              System.Logger.Level.ERROR,
              "a change of another broker could not be taken in; tried again until it can",
              e);
        }
        confused = true;
        missed = true;
        pause();
      }
    }
  }

  private void pause() {
    try {
      Thread.sleep(PAUSE.toMillis());
    } catch (InterruptedException e) {
      closed = true;
    }
  }
}
