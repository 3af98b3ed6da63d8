package dev.peers.broker;

import static dev.peers.Arguments.required;

import java.lang.reflect.Method;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The one place that decides on which threads work runs: virtual ones where the JVM has them (21
 * and later), a bounded pool of daemon threads before.
 *
 * @since 0.1
 */
public final class BrokerExecutors {
  private static final int MAX_WORKERS = 16;

  private BrokerExecutors() {}

  /**
   * An executor for work that may block.
   *
   * @param name what its threads are called
   * @return an executor, which the caller shuts down
   */
  public static ExecutorService workers(String name) {
    required("name", name);
    ExecutorService virtual = virtualThreads();
    if (virtual != null) {
      return virtual;
    }
    ThreadPoolExecutor pool =
        new ThreadPoolExecutor(
            MAX_WORKERS,
            MAX_WORKERS,
            30,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            named(name));
    pool.allowCoreThreadTimeOut(true);
    return pool;
  }

  /**
   * A timer with one thread, which waits for the next task and does nothing else.
   *
   * @param name what its thread is called
   * @return a timer, which the caller shuts down
   */
  public static ScheduledThreadPoolExecutor timer(String name) {
    required("name", name);
    ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1, named(name));
    timer.setRemoveOnCancelPolicy(true);
    timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    timer.setContinueExistingPeriodicTasksAfterShutdownPolicy(false);
    return timer;
  }

  private static ThreadFactory named(String name) {
    AtomicInteger count = new AtomicInteger();
    return task -> {
      Thread thread = new Thread(task, name + "-" + count.incrementAndGet());
      thread.setDaemon(true);
      return thread;
    };
  }

  /** Looked up by name: this code is compiled for 17. */
  private static @Nullable ExecutorService virtualThreads() {
    if (Runtime.version().feature() < 21) {
      return null;
    }
    try {
      Method method = Executors.class.getMethod("newVirtualThreadPerTaskExecutor");
      return (ExecutorService) method.invoke(null);
    } catch (ReflectiveOperationException e) {
      return null;
    }
  }
}
