package dev.peers.cli;

import dev.peers.PeersException;
import java.util.Map;

/**
 * The broker as a session starts it: without terminal, its log in a file. It does not come by way
 * of the command line, whose parsing would cost a third of the start.
 */
final class DetachedBroker {
  private DetachedBroker() {}

  /** Runs until somebody asks it to stop; returns the exit code. */
  static int run(Map<String, String> environment) {
    try {
      Config config = Config.of(environment);
      LogFile.use(config.files().log());
      try (BrokerDaemon daemon = BrokerDaemon.start(config)) {
        daemon.stopWithProcess();
        daemon.awaitStopRequest();
      }
      return ShellCommand.OK;
    } catch (BrokerDaemon.AlreadyRunning e) {
      return ShellCommand.OK;
    } catch (PeersException e) {
      // The last line of the log is what the starter shows.
      System.getLogger(DetachedBroker.class.getName())
          .log(System.Logger.Level.ERROR, e.getMessage());
      return ShellCommand.FAILED;
    } catch (InterruptedException e) {
      return ShellCommand.FAILED;
    }
  }
}
