package dev.peers.store.sqlite;

import dev.peers.ErrorCode;
import dev.peers.PeersException;
import java.sql.SQLException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedTransferQueue;
import java.util.concurrent.TimeUnit;
import org.jdbi.v3.core.JdbiException;

/** A few connections for reading, which in WAL mode never wait for the writer. */
final class Readers implements AutoCloseable {
  private static final int COUNT = 2;

  private final SqliteDatabase database;
  // Hands on to whoever has waited longest: others let newcomers in first, and some wait for 100
  // ms.
  private final BlockingQueue<StoreConnection> free = new LinkedTransferQueue<>();
  private volatile boolean closed;

  Readers(SqliteDatabase database) {
    this.database = database;
    for (int i = 0; i < COUNT; i++) {
      free.add(database.connect());
    }
  }

  <T> T read(StoreConnection.Work<T> work) {
    StoreConnection connection = null;
    try {
      while (connection == null) {
        if (closed) {
          throw new PeersException(
              ErrorCode.CLOSED, "the store " + database.file() + " was closed");
        }
        // Who waits while it is closed gets none.
        connection = free.poll(1, TimeUnit.SECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new PeersException(ErrorCode.STORE_FAILED, "interrupted while waiting to read", e);
    }
    try {
      return connection.read(work);
    } catch (SQLException | JdbiException e) {
      throw SqliteDatabase.failure(database.file(), "cannot be read", e);
    } finally {
      free.add(connection);
    }
  }

  /** Opens all connections again, each when nobody reads through it. */
  void reopen() {
    try {
      for (int i = 0; i < COUNT; i++) {
        StoreConnection old = free.take();
        try {
          free.add(database.connect());
        } catch (RuntimeException e) {
          free.add(old);
          throw e;
        }
        old.close();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Waits for reads under way. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    try {
      for (int i = 0; i < COUNT; i++) {
        free.take().close();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
