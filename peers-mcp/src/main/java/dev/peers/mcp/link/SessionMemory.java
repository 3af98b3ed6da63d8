package dev.peers.mcp.link;

import java.util.Comparator;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What all connections together hold in memory: lines that are not complete or not handled yet, and
 * what their partners have not read. Where it becomes too much, the one that holds most is hung up
 * on. Thread-safe.
 */
final class SessionMemory {
  private static final System.Logger LOG = System.getLogger(SessionMemory.class.getName());

  private final long limit;
  private final AtomicLong total = new AtomicLong();
  private final Set<Account> accounts = ConcurrentHashMap.newKeySet();

  /**
   * Makes the memory of no connection yet.
   *
   * @param limit the most bytes of all
   */
  SessionMemory(long limit) {
    this.limit = limit;
  }

  /** What one connection holds. */
  final class Account {
    private final Runnable hangUp;
    // Both guarded by this.
    private long held;
    private boolean closed;

    private Account(Runnable hangUp) {
      this.hangUp = hangUp;
    }

    /** Notes that so many bytes more, or fewer, are held. */
    synchronized void add(long bytes) {
      if (!closed) {
        held += bytes;
        total.addAndGet(bytes);
      }
    }

    synchronized long held() {
      return held;
    }

    /** The connection was closed, and will hold nothing in a moment. */
    synchronized void close() {
      if (!closed) {
        closed = true;
        total.addAndGet(-held);
        held = 0;
        accounts.remove(this);
      }
    }
  }

  /**
   * Opens the account of a connection.
   *
   * @param hangUp closes the connection
   */
  Account open(Runnable hangUp) {
    Account account = new Account(hangUp);
    accounts.add(account);
    return account;
  }

  /** Hangs up on the largest as long as all are too much; no lock may be held that they use. */
  void relieve() {
    while (total.get() > limit) {
      Account largest = accounts.stream().max(Comparator.comparingLong(Account::held)).orElse(null);
      if (largest == null) {
        return;
      }
      LOG.log(
          System.Logger.Level.WARNING,
          "the sessions hold more than {0} bytes in memory; the one with most, {1}, is hung up on",
          limit,
          largest.held());
      largest.hangUp.run();
      largest.close();
    }
  }

  /** How many bytes all hold. */
  long total() {
    return total.get();
  }
}
