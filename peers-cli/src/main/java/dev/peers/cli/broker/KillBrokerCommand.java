package dev.peers.cli.broker;

import dev.peers.ErrorCode;
import dev.peers.PeersException;
import dev.peers.cli.shell.BaseCommand;
import dev.peers.cli.shell.CommandIo;
import dev.peers.daemon.BrokerConnection;
import dev.peers.daemon.Config;
import dev.peers.local.BrokerConnector;
import dev.peers.local.BrokerInfo;
import dev.peers.local.IoReason;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
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
    Optional<BrokerConnection> running;
    try {
      running = BrokerConnection.openRunning(config);
    } catch (PeersException e) {
      long pid = stopOverSocket(config, e);
      report(true, pid, stopped(pid));
      return OK;
    }
    if (running.isEmpty()) {
      report(false, 0, "No broker is running.");
      return OK;
    }
    try (BrokerConnection connection = running.get()) {
      long pid = stop(config, connection);
      report(true, pid, stopped(pid));
      return OK;
    }
  }

  private static String stopped(long pid) {
    return "The broker, process " + pid + ", has stopped.";
  }

  /**
   * Stops the broker and waits until its process has let go of the database.
   *
   * @return the process that it was
   */
  public static long stop(Config config, BrokerConnection connection) throws InterruptedException {
    long pid = connection.broker().status().pid();
    askToStop(connection);
    await(config, pid, () -> isThere(config, connection, pid));
    return pid;
  }

  /**
   * The same for a broker that does not answer over HTTP, and takes lines over its socket all the
   * same.
   *
   * @throws PeersException the failure of HTTP, with the process to end, if it takes none either
   */
  private static long stopOverSocket(Config config, PeersException failure)
      throws InterruptedException {
    Optional<BrokerInfo> card = BrokerInfo.read(config.files().lock());
    if (config.url() != null
        || card.isEmpty()
        || (failure.code() != ErrorCode.UNAVAILABLE && failure.code() != ErrorCode.UNAUTHORIZED)) {
      throw failure;
    }
    BrokerConnection.requireGoing(config);
    long pid = card.get().pid();
    try {
      if (!new BrokerConnector(config.files(), config.environment()).askToStop()) {
        throw new PeersException(
            failure.code(),
            failure.getMessage()
                + ". Nor can the broker be asked to stop over its socket; by its lock file it is"
                + " process "
                + pid
                + " where it was started: end that process there, accepted messages are kept",
            failure);
      }
    } catch (IOException e) {
      throw new PeersException(ErrorCode.UNAVAILABLE, IoReason.of(e), e);
    }
    await(config, pid, () -> isThere(config, pid));
    return pid;
  }

  private static void await(Config config, long pid, BooleanSupplier isThere)
      throws InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (isThere.getAsBoolean()) {
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
      return isThere(config, pid);
    }
    try {
      connection.broker().status();
      return true;
    } catch (PeersException e) {
      return e.code() != ErrorCode.UNAVAILABLE;
    }
  }

  private static boolean isThere(Config config, long pid) {
    return BrokerConnection.runs(config)
        && BrokerInfo.read(config.files().lock()).filter(card -> card.pid() == pid).isPresent();
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
