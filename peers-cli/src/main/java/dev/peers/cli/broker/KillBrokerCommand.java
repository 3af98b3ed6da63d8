package dev.peers.cli.broker;

import dev.peers.ErrorCode;
import dev.peers.PeersException;
import dev.peers.cli.shell.BaseCommand;
import dev.peers.cli.shell.CommandIo;
import dev.peers.daemon.BrokerConnection;
import dev.peers.daemon.Config;
import dev.peers.local.BrokerInfo;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;

/** {@code peers kill-broker}. */
@Command(
    name = "kill-broker",
    description = {
      "Ask the broker to stop, and wait until it is gone. Peers and mail are kept.",
      "Sessions that need a broker start a new one."
    },
    footer = {"  peers kill-broker"})
public final class KillBrokerCommand extends BaseCommand {
  private static final Duration PATIENCE = Duration.ofSeconds(15);
  private static final long PAUSE_MILLIS = 20;

  public KillBrokerCommand(CommandIo shell) {
    super(shell);
  }

  @Override
  public Integer call() throws InterruptedException {
    Config config = shell.config();
    Optional<BrokerConnection> running = BrokerConnection.openRunning(config);
    if (running.isEmpty()) {
      report(false, 0, "No broker is running.");
      return OK;
    }
    try (BrokerConnection connection = running.get()) {
      long pid = stop(config, connection);
      report(true, pid, "The broker, process " + pid + ", has stopped.");
      return OK;
    }
  }

  /**
   * Stops the broker and waits until its process has let go of the database.
   *
   * @return the process that it was
   */
  public static long stop(Config config, BrokerConnection connection) throws InterruptedException {
    long pid = connection.broker().status().pid();
    askToStop(connection);
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (isThere(config, connection, pid)) {
      if (config.url() == null) {
        BrokerConnection.requireGoing(config);
      }
      if (System.nanoTime() - end > 0) {
        throw new PeersException(
            ErrorCode.UNAVAILABLE,
            "the broker was asked to stop but is still there after "
                + PATIENCE.toSeconds()
                + " s; its process is "
                + pid);
      }
      Thread.sleep(PAUSE_MILLIS);
    }
    return pid;
  }

  /** A broker that stops at once may take its answer with it. */
  private static void askToStop(BrokerConnection connection) {
    try {
      connection.broker().shutdown();
    } catch (PeersException e) {
      if (e.code() != ErrorCode.UNAVAILABLE && e.code() != ErrorCode.CLOSED) {
        throw e;
      }
    }
  }

  /** Sessions may have started the next broker already, which is another process. */
  private static boolean isThere(Config config, BrokerConnection connection, long pid) {
    if (config.url() == null) {
      return BrokerConnection.runs(config)
          && BrokerInfo.read(config.files().lock()).filter(card -> card.pid() == pid).isPresent();
    }
    try {
      connection.broker().status();
      return true;
    } catch (PeersException e) {
      return e.code() != ErrorCode.UNAVAILABLE;
    }
  }

  private void report(boolean stopped, long pid, String line) {
    Map<String, Object> report = new LinkedHashMap<>();
    report.put("ok", true);
    report.put("stopped", stopped);
    if (stopped) {
      report.put("pid", pid);
    }
    shell.print(json, report, line);
  }
}
