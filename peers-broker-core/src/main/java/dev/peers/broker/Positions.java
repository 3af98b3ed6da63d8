package dev.peers.broker;

import dev.peers.Position;
import dev.peers.spi.BrokerStore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Finds out what positions that others remember mean in this database: one of another database, or
 * one beyond what this one has given, is its beginning. Thread-safe.
 */
final class Positions {
  private static final System.Logger LOG = System.getLogger(Positions.class.getName());

  private final BrokerStore store;
  // What is known to have been given: asking the store each time would cost each push a read.
  private final AtomicLong given = new AtomicLong();
  private final AtomicBoolean told = new AtomicBoolean();

  Positions(BrokerStore store) {
    this.store = store;
  }

  /** The same place in this database; its store is the database's, or unknown. */
  Position here(Position position) {
    if (position.id() == 0) {
      return position;
    }
    boolean foreign = !position.store().isEmpty() && !position.store().equals(store.identity());
    if (!foreign && position.id() > given.get()) {
      long last = store.lastId();
      given.accumulateAndGet(last, Math::max);
      foreign = position.id() > last;
    }
    if (!foreign) {
      return position;
    }
    if (told.compareAndSet(false, true)) {
      LOG.log(
          System.Logger.Level.WARNING,
          "a client goes on from message {0}, which this database ({1}) has not given: it was"
              + " replaced. Such clients get all that is undelivered",
          position,
          store.identity());
    }
    return Position.START;
  }
}
