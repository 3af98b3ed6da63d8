package dev.peers.store.sqlite;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;
import org.jdbi.v3.core.ConnectionException;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

/**
 * One connection to the database: bare for what a broker needs before it answers its first session,
 * with Jdbi on top for all else. To set up Jdbi takes longer than the rest of opening a store, so
 * that waits for the first who asks. For one thread at a time.
 */
final class StoreConnection implements AutoCloseable {
  private final Connection bare;
  private final Map<String, PreparedStatement> prepared = new HashMap<>();
  private @Nullable Handle handle;
  // As SqliteDatabase opens it.
  private boolean syncing = true;

  /** Takes over an open connection. */
  StoreConnection(Connection bare) {
    this.bare = bare;
  }

  Connection bare() {
    return bare;
  }

  Handle handle() {
    Handle present = handle;
    if (present == null) {
      try {
        present = Jdbi.open(bare);
      } catch (LinkageError e) {
        throw SqliteStoreProvider.unfit(e);
      }
      handle = present;
    }
    return present;
  }

  /**
   * A statement that is prepared once, for what every message goes through: with Jdbi's own way,
   * which prepares each time anew, a writer would be busy four times as long. Its results are to be
   * closed before it is used again; it is closed with the connection.
   *
   * @param sql a text of which there are not many, as each is kept. SQLite numbers its names in the
   *     order in which they come
   */
  PreparedStatement prepared(String sql) throws SQLException {
    PreparedStatement present = prepared.get(sql);
    if (present == null) {
      present = bare.prepareStatement(sql);
      prepared.put(sql, present);
    }
    return present;
  }

  /**
   * Sets whether commits wait until the disk has them. One that does not wait outlives this process
   * whatever ends it, and a power failure once a later one has waited. Not within a transaction.
   *
   * @see <a href="https://www.sqlite.org/pragma.html#pragma_synchronous">PRAGMA synchronous</a>
   */
  void setSyncing(boolean wanted) throws SQLException {
    if (wanted != syncing) {
      try (Statement statement = bare.createStatement()) {
        statement.execute("PRAGMA synchronous = " + (wanted ? "FULL" : "NORMAL"));
      }
      syncing = wanted;
    }
  }

  /** Does work, each statement for itself. */
  <T> T read(Work<T> work) throws SQLException {
    try {
      return work.on(this);
    } catch (SQLException | RuntimeException | Error e) {
      forgetPrepared();
      throw e;
    }
  }

  /**
   * Does work in a transaction, which is as if it had never been if the work or the commit fails.
   */
  void inTransaction(Work<?> work) throws SQLException {
    try {
      bare.setAutoCommit(false);
      work.on(this);
      // Not commit(), with which the driver would begin the next one, and end it here.
      bare.setAutoCommit(true);
    } catch (SQLException | RuntimeException | Error e) {
      forgetPrepared();
      try {
        // The driver takes a commit that failed for one that ended the transaction.
        bare.setAutoCommit(false);
      } catch (SQLException none) {
        // It has not ended.
        e.addSuppressed(none);
      }
      try {
        bare.rollback();
      } catch (SQLException none) {
        // It never began, or after a full disk and the like SQLite has rolled back by itself.
        e.addSuppressed(none);
      }
      try {
        bare.setAutoCommit(true);
      } catch (SQLException none) {
        e.addSuppressed(none);
      }
      throw e;
    }
  }

  /** After some failures the driver lets go of a statement and does not tell. */
  private void forgetPrepared() {
    for (PreparedStatement statement : prepared.values()) {
      try {
        statement.close();
      } catch (SQLException e) {
        // It is closed with the connection.
      }
    }
    prepared.clear();
  }

  @Override
  public void close() {
    try {
      bare.close();
    } catch (SQLException e) {
      throw new ConnectionException(e);
    }
  }

  /** What is done through a connection. */
  @FunctionalInterface
  interface Work<T> {
    T on(StoreConnection connection) throws SQLException;
  }
}
