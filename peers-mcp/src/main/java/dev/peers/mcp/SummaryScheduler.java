package dev.peers.mcp;

import dev.peers.Workspace;
import dev.peers.client.GitContext;
import dev.peers.spi.Summarizer;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Has sessions described one after the other, on one thread, however many start at once; nobody
 * waits for it. What fails leaves a session without a summary. The thread ends when there is
 * nothing to do.
 *
 * <p>Thread-safe. It owns neither the summarizer nor the timer.
 */
final class SummaryScheduler implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(SummaryScheduler.class.getName());

  /** Not while an agent still waits for its first answers. */
  private static final long AFTER_MILLIS = 250;

  private static final int MAX_WAITING = 1_000;
  private static final long IDLE_SECONDS = 5;

  private final Summarizer summarizer;
  private final ScheduledExecutorService timer;
  private final ThreadPoolExecutor worker;

  SummaryScheduler(Summarizer summarizer, ScheduledExecutorService timer) {
    this.summarizer = summarizer;
    this.timer = timer;
    this.worker =
        new ThreadPoolExecutor(
            1,
            1,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(MAX_WAITING),
            task -> {
              Thread thread = new Thread(task, "peers-summaries");
              thread.setDaemon(true);
              return thread;
            });
    worker.allowCoreThreadTimeOut(true);
  }

  /** A session that can be described. */
  interface Subject {
    /** Where it works; empty if it wants no summary any more. */
    Optional<Workspace> workspace();

    void describe(String text);
  }

  /** Asks for a summary; returns at once. */
  void request(Subject subject) {
    try {
      var unused = timer.schedule(() -> hand(subject), AFTER_MILLIS, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      LOG.log(System.Logger.Level.DEBUG, "no summary: the gateway closes");
    }
  }

  private void hand(Subject subject) {
    try {
      worker.execute(() -> write(subject));
    } catch (RejectedExecutionException e) {
      LOG.log(System.Logger.Level.DEBUG, "no summary: too many wait, or the gateway closes");
    }
  }

  private void write(Subject subject) {
    try {
      subject
          .workspace()
          .flatMap(workspace -> summarizer.summarize(GitContext.of(workspace)))
          .filter(text -> !text.isBlank())
          .ifPresent(subject::describe);
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.DEBUG, "no summary: {0}", e.getMessage());
    }
  }

  /** Drops what waits. What is being written ends by its own time limits. */
  @Override
  public void close() {
    worker.shutdownNow();
  }
}
