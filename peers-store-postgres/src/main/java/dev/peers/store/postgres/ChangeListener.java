package dev.peers.store.postgres;

import dev.peers.PeerId;
import dev.peers.spi.StoreChanges;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.jdbi.v3.core.ConnectionException;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;

/**
 * Hears what other brokers tell, on a connection of its own. One thread at a time waits; any may
 * close.
 */
final class ChangeListener implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(ChangeListener.class.getName());

  // A read from a socket does not end by an interrupt.
  private static final Duration SLICE = Duration.ofMillis(500);
  private static final Duration SILENCE = Duration.ofSeconds(5);
  private static final int ANSWER_SECONDS = 5;
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);

  private final PostgresDatabase database;
  private final ChangeNotification notice;
  private final Object lock = new Object();
  // Both guarded by lock.
  private @Nullable Connection connection;
  private boolean closed;
  // All of the waiting thread alone.
  private long heard;
  private int timeline;
  private Duration pause = Duration.ZERO;

  private ChangeListener(PostgresDatabase database, ChangeNotification notice) {
    this.database = database;
    this.notice = notice;
  }

  /** Listens from now on: what changes before anybody waits is kept by the driver. */
  static ChangeListener start(PostgresDatabase database, ChangeNotification notice) {
    ChangeListener listener = new ChangeListener(database, notice);
    try {
      listener.connect();
      return listener;
    } catch (SQLException e) {
      throw new ConnectionException(e);
    }
  }

  StoreChanges await(Duration atMost) throws InterruptedException {
    long end = System.nanoTime() + atMost.toNanos();
    long left;
    do {
      if (Thread.interrupted()) {
        throw new InterruptedException("interrupted while waiting for changes");
      }
      left = end - System.nanoTime();
      Connection present = open();
      if (present == null) {
        if (reconnect(left)) {
          return StoreChanges.MISSED;
        }
      } else {
        StoreChanges changes = listen(present, left);
        if (!changes.equals(StoreChanges.NONE)) {
          return changes;
        }
      }
    } while (left > 0);
    return StoreChanges.NONE;
  }

  /** Ends a wait under way. */
  @Override
  public void close() {
    synchronized (lock) {
      closed = true;
      abort();
    }
  }

  private @Nullable Connection open() {
    synchronized (lock) {
      if (closed) {
        throw database.closedFailure();
      }
      return connection;
    }
  }

  private StoreChanges listen(Connection present, long left) {
    try {
      if (database.timelines().isSuperseded(timeline)) {
        throw new SQLException("another server is the primary now");
      }
      int millis = (int) Math.min(left / 1_000_000, SLICE.toMillis());
      // 0 would wait for ever, and less does not wait.
      PGNotification[] told =
          present.unwrap(PGConnection.class).getNotifications(millis > 0 ? millis : -1);
      if (told != null && told.length > 0) {
        heard = System.nanoTime();
        return changes(told);
      }
      if (System.nanoTime() - heard > SILENCE.toNanos()) {
        try (Statement statement = present.createStatement()) {
          statement.execute("SELECT 1");
        }
        heard = System.nanoTime();
      }
    } catch (SQLException e) {
      lose(e);
    }
    return StoreChanges.NONE;
  }

  private StoreChanges changes(PGNotification[] told) {
    Set<PeerId> peers = new HashSet<>();
    Set<PeerId> mailboxes = new HashSet<>();
    for (PGNotification each : told) {
      notice.read(each.getParameter(), peers, mailboxes);
    }
    return peers.isEmpty() && mailboxes.isEmpty()
        ? StoreChanges.NONE
        : new StoreChanges(peers, mailboxes, false);
  }

  private void lose(SQLException reason) {
    synchronized (lock) {
      abort();
      if (closed) {
        return;
      }
    }
    LOG.log(
        System.Logger.Level.WARNING,
        "the connection that listens to the database at {0} is lost and will be made again: {1}",
        database.address(),
        reason.getMessage());
  }

  /** Tries once, and waits before the next time if that fails. */
  private boolean reconnect(long left) throws InterruptedException {
    try {
      connect();
      pause = Duration.ZERO;
      return true;
    } catch (SQLException e) {
      pause = pause.isZero() ? Duration.ofMillis(50) : pause.multipliedBy(2);
      if (pause.compareTo(LONGEST_PAUSE) > 0) {
        pause = LONGEST_PAUSE;
      }
      Thread.sleep(Math.max(0, Math.min(left / 1_000_000, pause.toMillis())));
      return false;
    }
  }

  private void connect() throws SQLException {
    Connection made = database.connectAlone(ANSWER_SECONDS);
    try (Statement statement = made.createStatement()) {
      timeline = database.timelines().admit(made);
      statement.execute("LISTEN " + notice.channel());
    } catch (SQLException e) {
      made.abort(Runnable::run);
      throw e;
    }
    heard = System.nanoTime();
    synchronized (lock) {
      connection = made;
      if (closed) {
        abort();
      }
    }
  }

  /** Without a word to the server, which may not answer. Called under lock. */
  private void abort() {
    Connection present = connection;
    connection = null;
    if (present != null) {
      try {
        present.abort(Runnable::run);
      } catch (SQLException e) {
        // It is of no use any more, whatever became of it.
      }
    }
  }
}
