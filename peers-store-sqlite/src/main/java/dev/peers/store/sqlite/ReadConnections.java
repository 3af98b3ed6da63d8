package dev.peers.store.sqlite;

import dev.peers.ErrorCode;
import dev.peers.PeersException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedTransferQueue;
import java.util.concurrent.TimeUnit;
import org.jdbi.v3.core.JdbiException;

/** A few connections for reading, which in WAL mode never wait for the writer. */
final class ReadConnections implements AutoCloseable {
  private static final int COUNT = 2;

  private final SqliteDatabase database;
  // Hands on to whoever has waited longest: others let newcomers in first, and some wait for 100
  // ms.
  private final BlockingQueue<StoreConnection> free = new LinkedTransferQueue<>();
  private volatile boolean closed;

  ReadConnections(SqliteDatabase database) {
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

  /** Opens all connections again once nobody reads; where that fails, all stay as they are. */
  void reopen() {
    List<StoreConnection> old = takeAll();
    List<StoreConnection> fresh = new ArrayList<>();
    try {
      while (fresh.size() < COUNT) {
        fresh.add(database.connect());
      }
    } catch (RuntimeException e) {
      fresh.forEach(StoreConnection::close);
      free.addAll(old);
      throw e;
    }
    free.addAll(fresh);
    old.forEach(StoreConnection::close);
  }

  /** All of them, whoever is in a hurry: with one left out, some readers would see another file. */
  private List<StoreConnection> takeAll() {
    List<StoreConnection> all = new ArrayList<>();
    boolean interrupted = false;
    while (all.size() < COUNT) {
      try {
        all.add(free.take());
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return all;
  }

  /** Waits for reads under way. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    takeAll().forEach(StoreConnection::close);
  }
}
