package dev.peers.store.sqlite;

import dev.peers.ErrorCode;
import dev.peers.PeersException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The one that writes. Whoever waits while a commit runs is in the next transaction, so that many
 * callers share one fsync. A lone caller that waits anyway writes itself: to wake a thread, and to
 * be woken by it, costs as much as a write. A caller is answered after its commit.
 */
final class GroupCommitWriter implements AutoCloseable {
  private static final int MAX_GROUP = 256;
  private static final Task<Integer> STOP = new Task<>(connection -> 0, true);

  private final SqliteDatabase database;
  private final Runnable onNewFile;
  // Held by whoever writes.
  private final ReentrantLock writing = new ReentrantLock();
  // Guarded by writing.
  private StoreConnection connection;
  // Guarded by writing: the file is another one than the connections have open.
  private boolean moved;
  // Tasks that are queued or being written: who finds none overtakes nobody.
  private final AtomicInteger due = new AtomicInteger();
  private final BlockingQueue<Task<?>> queue = new LinkedBlockingQueue<>();
  private final Thread thread;
  private final Object lock = new Object();
  // Guarded by lock, as is every addition to the queue: nothing comes behind STOP.
  private boolean closed;

  /**
   * Starts a writer.
   *
   * @param onNewFile called when the database had to be made again, so that what others have open
   *     is no longer it
   */
  GroupCommitWriter(SqliteDatabase database, Runnable onNewFile) {
    this.database = database;
    this.onNewFile = onNewFile;
    this.connection = database.connect();
    this.thread = new Thread(this::run, "peers-store-writer");
    thread.setDaemon(true);
    thread.start();
  }

  /**
   * Has work done in a transaction and waits for its commit.
   *
   * @param work may be run again, on the state as it was, if the group's transaction failed
   */
  <T> T write(StoreConnection.Work<T> work) {
    return write(new Task<>(work, true));
  }

  /**
   * Has work done in a transaction and waits for its commit, though not for the disk. For what may
   * be lost with the machine's power, but not with the process.
   *
   * @param work may be run again, on the state as it was, if the group's transaction failed
   */
  <T> T writeLazily(StoreConnection.Work<T> work) {
    return write(new Task<>(work, false));
  }

  private <T> T write(Task<T> task) {
    return await(writeHere(task) ? task.answer : submit(task));
  }

  /** Writes on the caller's thread if nobody else wants to write. */
  private boolean writeHere(Task<?> task) {
    if (!CallerThread.mayWrite() || !due.compareAndSet(0, 1)) {
      return false;
    }
    writing.lock();
    try {
      synchronized (lock) {
        if (closed) {
          return false;
        }
      }
      commit(List.of(task));
      return true;
    } finally {
      writing.unlock();
      due.decrementAndGet();
    }
  }

  private <T> T await(CompletableFuture<T> answer) {
    try {
      return answer.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new PeersException(
          ErrorCode.STORE_FAILED,
          "interrupted while waiting for a write; it may have been done, or may yet be",
          e);
    } catch (ExecutionException e) {
      PeersException failure = failure(e.getCause() == null ? e : e.getCause());
      // Its own, as one that fails a group is that of many callers.
      throw new PeersException(failure.code(), failure.getMessage(), failure);
    }
  }

  /**
   * Has work done in a transaction.
   *
   * @param work may be run again, on the state as it was, if the group's transaction failed
   * @return what is completed on the writer's thread, after the commit or with what went wrong
   */
  <T> CompletableFuture<T> submit(StoreConnection.Work<T> work) {
    return submit(new Task<>(work, true));
  }

  private <T> CompletableFuture<T> submit(Task<T> task) {
    synchronized (lock) {
      if (closed) {
        return CompletableFuture.failedFuture(closedFailure());
      }
      due.incrementAndGet();
      queue.add(task);
    }
    return task.answer;
  }

  /** Lets what is queued be written, then stops. */
  @Override
  public void close() {
    synchronized (lock) {
      if (!closed) {
        closed = true;
        queue.add(STOP);
      }
    }
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    List<Task<?>> group = new ArrayList<>(MAX_GROUP);
    try {
      while (writeGroup(group)) {
        group.clear();
      }
    } catch (Error e) {
      fail(group, e);
      throw e;
    } finally {
      // Nobody waits for a writer that is gone, whatever ended it.
      synchronized (lock) {
        closed = true;
        queue.drainTo(group);
      }
      fail(group, closedFailure());
      writing.lock();
      try {
        database.watch().end(connection);
        connection.close();
      } finally {
        writing.unlock();
      }
    }
  }

  /** Waits for tasks and writes them; false after the last. */
  private boolean writeGroup(List<Task<?>> group) {
    try {
      group.add(queue.take());
    } catch (InterruptedException e) {
      return true; // Nobody but close() ends this thread, and it does so through the queue.
    }
    writing.lock();
    try {
      queue.drainTo(group, MAX_GROUP - 1);
      boolean last = group.remove(STOP);
      commit(group);
      due.addAndGet(-group.size());
      return !last;
    } finally {
      writing.unlock();
    }
  }

  private PeersException closedFailure() {
    return new PeersException(ErrorCode.CLOSED, "the store " + database.file() + " was closed");
  }

  /** What was committed to a file that nobody will find again was not committed. */
  private void requireInPlace() throws SQLException {
    if (database.watch().committed(connection)) {
      moved = true;
      reopen();
    }
  }

  /** What fails here is tried again before anything else is written. */
  private void reopen() {
    StoreConnection fresh = database.connect();
    connection.close();
    connection = fresh;
    onNewFile.run();
    moved = false;
  }

  private void commit(List<Task<?>> group) {
    if (group.isEmpty()) {
      return;
    }
    try {
      if (moved) {
        reopen();
      }
      connection.setSyncing(group.stream().anyMatch(task -> task.synced));
      connection.inTransaction(
          c -> {
            database.watch().begin(c);
            for (Task<?> task : group) {
              task.run(c);
            }
            return group.size();
          });
    } catch (SQLException | RuntimeException e) {
      // Who meets another program's lock has waited for all.
      if (group.size() == 1 || SqliteDatabase.isLocked(e)) {
        fail(group, e);
        return;
      }
      // One of them spoilt it for all; alone, each gets its own answer.
      group.forEach(task -> commit(List.of(task)));
      return;
    }
    try {
      requireInPlace();
      group.forEach(Task::succeed);
    } catch (SQLException | RuntimeException e) {
      fail(group, e);
    }
    database.watch().checkpointIfDue(connection, pages(group));
  }

  /** About as many as their transaction has written. */
  private static int pages(List<Task<?>> group) {
    int pages = 0;
    for (Task<?> task : group) {
      pages += task.synced ? 3 : 1;
    }
    return pages;
  }

  private void fail(List<Task<?>> group, Throwable reason) {
    Throwable failure;
    try {
      failure = failure(reason);
    } catch (RuntimeException | Error e) {
      failure = reason;
    }
    for (Task<?> task : group) {
      task.answer.completeExceptionally(failure);
    }
  }

  private PeersException failure(Throwable reason) {
    return reason instanceof PeersException known
        ? known
        : SqliteDatabase.failure(database.file(), "refused a write", reason);
  }

  private static final class Task<T> {
    final StoreConnection.Work<T> work;
    final boolean synced;
    final CompletableFuture<T> answer = new CompletableFuture<>();
    private Runnable success = () -> {};

    Task(StoreConnection.Work<T> work, boolean synced) {
      this.work = work;
      this.synced = synced;
    }

    void run(StoreConnection connection) throws SQLException {
      T result = work.on(connection);
      success = () -> answer.complete(result);
    }

    void succeed() {
      success.run();
    }
  }
}
