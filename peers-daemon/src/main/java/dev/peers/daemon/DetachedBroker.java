package dev.peers.daemon;

import dev.peers.PeersException;
import dev.peers.mcp.Gateway;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.logging.Level;

/**
 * The broker as a session starts it: without terminal, its log in a file. It does not come by way
 * of the command line, whose parsing would cost a third of the start.
 */
public final class DetachedBroker {
  private static final int OK = 0;
  private static final int FAILED = 1;

  /** Not while sessions are starting. */
  private static final long IDLE_AFTER_MILLIS = 60_000;

  /** Work in the background of a broker that has been running for a minute. */
  public interface IdleTask {
    /** Does the work. What it throws is logged. */
    void run(Map<String, String> environment) throws IOException, InterruptedException;
  }

  private DetachedBroker() {}

  /** Runs until somebody asks it to stop; returns the exit code. */
  public static int run(Map<String, String> environment, IdleTask whenIdle) {
    CountDownLatch logReady = warmUp();
    Config config;
    try {
      config = Config.of(environment);
    } catch (PeersException e) {
      // Which is the log, too.
      RotatingLogHandler.useStandardError(Level.INFO);
      log(System.Logger.Level.ERROR, e);
      return FAILED;
    }
    try {
      RotatingLogHandler.use(config.files().log());
      logReady.countDown();
      try (BrokerDaemon daemon = BrokerDaemon.start(config)) {
        daemon.stopWithProcess();
        daemon.rehearse(config);
        runLater(whenIdle, environment);
        daemon.awaitStopRequest();
      }
      return OK;
    } catch (BrokerDaemon.AlreadyRunning e) {
      return OK;
    } catch (PeersException e) {
      // The last line of the log is what the starter shows.
      log(System.Logger.Level.ERROR, e);
      return FAILED;
    } catch (InterruptedException e) {
      return FAILED;
    }
  }

  /** First of all: on one thread more the rest of a start goes on beside it. */
  private static CountDownLatch warmUp() {
    CountDownLatch logReady = new CountDownLatch(1);
    Thread thread =
        new Thread(
            () -> {
              try {
                Gateway.warmUp(logReady);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            },
            "peers-warm-up");
    thread.setDaemon(true);
    thread.start();
    return logReady;
  }

  private static void runLater(IdleTask task, Map<String, String> environment) {
    Thread thread =
        new Thread(
            () -> {
              try {
                Thread.sleep(IDLE_AFTER_MILLIS);
                task.run(environment);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              } catch (IOException | RuntimeException e) {
                log(System.Logger.Level.INFO, e);
              }
            },
            "peers-idle-task");
    thread.setDaemon(true);
    thread.start();
  }

  /** The logger is not had before it is needed: that takes as long as the warm-up's first half. */
  private static void log(System.Logger.Level level, Exception e) {
    System.getLogger(DetachedBroker.class.getName()).log(level, String.valueOf(e.getMessage()));
  }
}
