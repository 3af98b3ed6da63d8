package dev.peers.store.postgres;

import dev.peers.ErrorCode;
import dev.peers.PeersException;
import dev.peers.Receipt;
import dev.peers.spi.NewMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * The one that appends. Whoever waits while a commit runs is in the next transaction, so that many
 * callers share one round trip and one commit, and a lone caller waits for nobody. A caller is
 * answered after its commit.
 */
final class GroupCommitWriter implements AutoCloseable {
  private static final int MAX_GROUP = 256;
  private static final int MAX_GROUP_CHARS = 1 << 21;

  private final PostgresDatabase database;
  private final ChangeNotification notice;
  private final BlockingQueue<Task> queue = new LinkedBlockingQueue<>();
  private final Thread thread;
  private final Object lock = new Object();
  // Both guarded by lock, as is every addition to the queue: nothing comes behind the end.
  private boolean closed;
  private long count;

  GroupCommitWriter(PostgresDatabase database, ChangeNotification notice) {
    this.database = database;
    this.notice = notice;
    this.thread = new Thread(this::run, "peers-store-writer");
    thread.setDaemon(true);
    thread.start();
  }

  Receipt append(NewMessage message) {
    try {
      return appendAsync(message).get();
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

  /** Gives what is completed on the writer's thread, after the commit or with what went wrong. */
  CompletableFuture<Receipt> appendAsync(NewMessage message) {
    Task task;
    synchronized (lock) {
      if (closed) {
        return CompletableFuture.failedFuture(database.closedFailure());
      }
      task = new Task(new MessageAppend.Entry(message, key(message)), Retry.deadline());
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
        queue.add(Task.END);
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

  /** One without a key gets one that no other has, so that it can be sent to the server again. */
  private String key(NewMessage message) {
    String key = message.idempotencyKey();
    return key == null
        ? NulEscaping.RESERVED + notice.broker() + ":" + count++
        : NulEscaping.encode(key);
  }

  private void run() {
    List<Task> group = new ArrayList<>();
    try {
      writeAll(group);
    } catch (Error e) {
      fail(group, e);
      throw e;
    } finally {
      // Nobody waits for a writer that is gone, whatever ended it.
      synchronized (lock) {
        closed = true;
        queue.drainTo(group);
      }
      fail(group, database.closedFailure());
    }
  }

  /** Writes until the end comes, one group after the other in the given list. */
  private void writeAll(List<Task> group) {
    Task next = takeNext();
    while (next != Task.END) {
      group.clear();
      int chars = 0;
      Task waiting = next;
      do {
        chars += waiting.entry().chars();
        group.add(waiting);
        waiting = queue.peek();
      } while (waiting != null && fits(waiting, group.size(), chars) && queue.remove(waiting));
      commit(group);
      next = takeNext();
    }
  }

  private static boolean fits(Task task, int count, int chars) {
    return task != Task.END && count < MAX_GROUP && chars + task.entry().chars() <= MAX_GROUP_CHARS;
  }

  private Task takeNext() {
    while (true) {
      try {
        return queue.take();
      } catch (InterruptedException e) {
        // Nobody but close() ends this thread, and it does so through the queue.
      }
    }
  }

  private void commit(List<Task> group) {
    List<MessageAppend.Entry> entries = group.stream().map(Task::entry).toList();
    List<Receipt> receipts;
    try {
      receipts =
          database.run(
              (handle, repeated) -> MessageAppend.append(handle, entries, notice),
              group.get(0).deadline);
    } catch (RuntimeException e) {
      if (group.size() == 1 || SqlErrors.mayPass(e)) {
        fail(group, e);
        return;
      }
      // One of them spoilt it for all; alone, each gets its own answer.
      group.forEach(task -> commit(List.of(task)));
      return;
    }
    for (int i = 0; i < group.size(); i++) {
      group.get(i).answer.complete(receipts.get(i));
    }
  }

  private void fail(List<Task> group, Throwable reason) {
    Throwable failure;
    try {
      failure = failure(reason);
    } catch (RuntimeException | Error e) {
      failure = reason;
    }
    for (Task task : group) {
      task.answer.completeExceptionally(failure);
    }
  }

  private PeersException failure(Throwable reason) {
    return reason instanceof PeersException known
        ? known
        : SqlErrors.of(database.address(), reason);
  }

  private static final class Task {
    static final Task END = new Task(null, 0);

    private final MessageAppend.@Nullable Entry entry;
    final long deadline;
    final CompletableFuture<Receipt> answer = new CompletableFuture<>();

    Task(MessageAppend.@Nullable Entry entry, long deadline) {
      this.entry = entry;
      this.deadline = deadline;
    }

    MessageAppend.Entry entry() {
      return Objects.requireNonNull(entry);
    }
  }
}
