package dev.peers.store.sqlite;

import dev.peers.ErrorCode;
import dev.peers.PeersException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * Writes one transaction at a time. Whoever waits while a commit runs is in the next transaction,
 * so that many callers share one fsync. A lone caller waits for nobody: it writes on its own
 * thread, since another would first have to be woken; the writer's thread writes for those who came
 * meanwhile. A caller is answered after its commit.
 */
final class GroupCommitWriter implements AutoCloseable {
  private static final int MAX_GROUP = 256;

  private final SqliteDatabase database;
  private final Runnable onNewFile;
  private final Thread thread;
  // Of whoever writes.
  private Handle handle;

  private final Object lock = new Object();
  // All guarded by lock.
  private final Queue<Task<?>> queue = new ArrayDeque<>();
  private boolean writing;
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
    this.handle = database.connect();
    this.thread = new Thread(this::run, "peers-store-writer");
    thread.setDaemon(true);
    thread.start();
  }

  /**
   * Has work done in a transaction and waits for its commit.
   *
   * @param work may be run again, on the state as it was, if the group's transaction failed
   */
  <T extends @Nullable Object> T write(Function<Handle, T> work) {
    Task<T> task = new Task<>(work);
    boolean alone;
    synchronized (lock) {
      alone = !writing && !closed && queue.isEmpty();
      if (alone) {
        writing = true;
      } else {
        add(task);
      }
    }
    if (alone) {
      writeAlone(List.of(task));
    }
    try {
      return task.answer.get();
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
  <T extends @Nullable Object> CompletableFuture<T> submit(Function<Handle, T> work) {
    Task<T> task = new Task<>(work);
    synchronized (lock) {
      add(task);
    }
    return task.answer;
  }

  /** Lets what is queued be written, then stops. */
  @Override
  public void close() {
    synchronized (lock) {
      closed = true;
      lock.notifyAll();
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

  /** Called with the lock held. */
  private void add(Task<?> task) {
    if (closed) {
      task.answer.completeExceptionally(closedFailure());
    } else {
      queue.add(task);
      lock.notifyAll();
    }
  }

  private void writeAlone(List<Task<?>> one) {
    try {
      commit(one);
    } catch (Error e) {
      fail(one, e);
      throw e;
    } finally {
      endTurn();
    }
  }

  private void run() {
    List<Task<?>> group = new ArrayList<>(MAX_GROUP);
    try {
      while (takeTurn(group)) {
        commit(group);
        endTurn();
      }
    } catch (Error e) {
      fail(group, e);
      throw e;
    } finally {
      // Nobody waits for a writer that is gone, whatever ended it.
      synchronized (lock) {
        closed = true;
        group.addAll(queue);
        queue.clear();
      }
      fail(group, closedFailure());
      handle.close();
    }
  }

  /** Waits for those who wait; false when the writer was closed and there are none. */
  private boolean takeTurn(List<Task<?>> group) {
    group.clear();
    synchronized (lock) {
      while (writing || (queue.isEmpty() && !closed)) {
        try {
          lock.wait();
        } catch (InterruptedException e) {
          // Nobody but close() ends this thread.
        }
      }
      while (!queue.isEmpty() && group.size() < MAX_GROUP) {
        group.add(queue.remove());
      }
      writing = !group.isEmpty();
      return writing;
    }
  }

  private void endTurn() {
    synchronized (lock) {
      writing = false;
      if (closed || !queue.isEmpty()) {
        lock.notifyAll();
      }
    }
  }

  private PeersException closedFailure() {
    return new PeersException(ErrorCode.CLOSED, "the store " + database.file() + " was closed");
  }

  /** What was committed to a file that nobody will find again was not committed. */
  private void requireInPlace() {
    if (database.restore(handle)) {
      handle.close();
      handle = database.connect();
      onNewFile.run();
    }
  }

  private void commit(List<Task<?>> group) {
    try {
      handle.useTransaction(h -> group.forEach(task -> task.run(h)));
    } catch (RuntimeException e) {
      if (group.size() == 1) {
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
    } catch (RuntimeException e) {
      fail(group, e);
    }
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

  private static final class Task<T extends @Nullable Object> {
    final Function<Handle, T> work;
    final CompletableFuture<T> answer = new CompletableFuture<>();
    private Runnable success = () -> {};

    Task(Function<Handle, T> work) {
      this.work = work;
    }

    void run(Handle handle) {
      T result = work.apply(handle);
      success = () -> answer.complete(result);
    }

    void succeed() {
      success.run();
    }
  }
}
