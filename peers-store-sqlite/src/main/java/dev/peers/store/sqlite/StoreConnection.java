package dev.peers.store.sqlite;

import java.sql.Connection;
import java.sql.SQLException;
import org.jdbi.v3.core.ConnectionException;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.sqlite3.SQLitePlugin;
import org.jspecify.annotations.Nullable;

/**
 * One connection to the database: bare for what a broker needs before it answers its first session,
 * with Jdbi on top for all else. To set up Jdbi takes longer than the rest of opening a store, so
 * that waits for the first who asks. For one thread at a time.
 */
final class StoreConnection implements AutoCloseable {
  private final Connection bare;
  private @Nullable Handle handle;

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
      present = Jdbi.create(bare).installPlugin(new SQLitePlugin()).open();
      handle = present;
    }
    return present;
  }

  /**
   * Does work in a transaction, which is as if it had never been if the work or the commit fails.
   */
  void inTransaction(Work<?> work) throws SQLException {
    try {
      bare.setAutoCommit(false);
      work.on(this);
      bare.commit();
      bare.setAutoCommit(true);
    } catch (SQLException | RuntimeException | Error e) {
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
