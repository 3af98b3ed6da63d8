package dev.peers.cli;

import dev.peers.PeersException;
import dev.peers.local.ProgramFiles;
import dev.peers.local.StartupCache;
import dev.peers.mcp.Gateway;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.logging.Level;

/**
 * The broker as a session starts it: without terminal, its log in a file. It does not come by way
 * of the command line, whose parsing would cost a third of the start.
 */
final class DetachedBroker {
  /** Not while sessions are starting. */
  private static final long TRAIN_AFTER_MILLIS = 60_000;

  private DetachedBroker() {}

  /** Runs until somebody asks it to stop; returns the exit code. */
  static int run(Map<String, String> environment) {
    CountDownLatch logReady = warmUp();
    Config config;
    try {
      config = Config.of(environment);
    } catch (PeersException e) {
      // Which is the log, too.
      LogFile.useStandardError(Level.INFO);
      log(System.Logger.Level.ERROR, e);
      return ShellCommand.FAILED;
    }
    try {
      LogFile.use(config.files().log());
      logReady.countDown();
      try (BrokerDaemon daemon = BrokerDaemon.start(config)) {
        daemon.stopWithProcess();
        daemon.rehearse(config);
        trainLater(environment);
        daemon.awaitStopRequest();
      }
      return ShellCommand.OK;
    } catch (BrokerDaemon.AlreadyRunning e) {
      return ShellCommand.OK;
    } catch (PeersException e) {
      // The last line of the log is what the starter shows.
      log(System.Logger.Level.ERROR, e);
      return ShellCommand.FAILED;
    } catch (InterruptedException e) {
      return ShellCommand.FAILED;
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

  /** Makes the files for faster starts where they are missing or were made for others. */
  private static void trainLater(Map<String, String> environment) {
    Thread trainer =
        new Thread(
            () -> {
              try {
                Thread.sleep(TRAIN_AFTER_MILLIS);
                train(environment);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              } catch (IOException | RuntimeException e) {
                log(System.Logger.Level.INFO, e);
              }
            },
            "peers-start-training");
    trainer.setDaemon(true);
    trainer.start();
  }

  private static void train(Map<String, String> environment)
      throws IOException, InterruptedException {
    ProgramFiles program = ProgramFiles.own();
    if (program == null) {
      return;
    }
    InstallationCopy.removeOldBuilds(program);
    StartTraining training = new StartTraining(program, environment);
    Path cache = StartupCache.cache(environment, program);
    Path place = training.place();
    boolean beside = training.fits(StartupCache.beside(program));
    if (!beside && place != null && !training.fits(cache)) {
      training.into(place);
    } else if (beside && cache != null && Files.exists(cache)) {
      // What launchers would find first is of no use any more.
      DemoCommand.remove(cache);
    }
  }

  /** The logger is not had before it is needed: that takes as long as the warm-up's first half. */
  private static void log(System.Logger.Level level, Exception e) {
    System.getLogger(DetachedBroker.class.getName()).log(level, String.valueOf(e.getMessage()));
  }
}
