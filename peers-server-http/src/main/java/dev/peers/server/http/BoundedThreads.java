package dev.peers.server.http;

import org.eclipse.jetty.util.thread.QueuedThreadPool;

/**
 * The threads of the HTTP server, and never one more. What Jetty wants to run at once, such as the
 * news that a client has gone, waits for its turn: for that it would start a thread beside the pool
 * each time, and clients that come and go quickly would have it start hundreds. Nothing that runs
 * here waits for what is queued behind it.
 */
final class BoundedThreads extends QueuedThreadPool {
  private static final int MIN_THREADS = 4;

  BoundedThreads(int max, int idleMillis) {
    super(max, MIN_THREADS, idleMillis);
    setName("peers-http");
    setDaemon(true);
    // Threads kept in reserve would be woken for each request; from the queue one takes many.
    setReservedThreads(0);
  }

  @Override
  public boolean tryExecute(Runnable task) {
    execute(task);
    return true;
  }
}
