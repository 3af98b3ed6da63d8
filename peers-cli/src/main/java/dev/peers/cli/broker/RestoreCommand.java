package dev.peers.cli.broker;

import dev.peers.ErrorCode;
import dev.peers.PeersException;
import dev.peers.cli.shell.BaseCommand;
import dev.peers.cli.shell.CommandIo;
import dev.peers.daemon.BrokerConnection;
import dev.peers.daemon.Config;
import dev.peers.daemon.CurrentDirectory;
import dev.peers.daemon.Plugins;
import dev.peers.local.BrokerInfo;
import dev.peers.local.BrokerLock;
import dev.peers.spi.StoreBackups;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code peers restore}. */
@Command(
    name = "restore",
    description = {
      "Bring peers and messages back from a file that 'peers backup' has written.",
      "The broker is stopped for a moment; sessions go on by themselves, and get what is undelivered"
          + " in the backup. The present database is kept beside the new one, under a name with the"
          + " time."
    },
    footer = {"  peers restore ~/peers-backup.db"})
public final class RestoreCommand extends BaseCommand {
  private static final Duration PATIENCE = Duration.ofSeconds(15);
  private static final long PAUSE_MILLIS = 10;

  @Parameters(paramLabel = "FILE", description = "The backup. It stays as it is.")
  Path file = Path.of("");

  public RestoreCommand(CommandIo shell) {
    super(shell);
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Config config = shell.config();
    Path source = CurrentDirectory.resolve(file).normalize();
    Optional<Path> aside;
    boolean ran = false;
    try (Plugins plugins = Plugins.of(config.plugins())) {
      StoreBackups backups = BackupCommand.of(config, plugins, "restore");
      // Whatever may be wrong with the file, the broker runs on until it is known not to be.
      try (StoreBackups.Prepared prepared = backups.prepare(config.storeConfig(), source)) {
        ran = BrokerConnection.runs(config);
        BrokerLock held = stopAndHold(config);
        try {
          aside = prepared.install();
        } finally {
          held.close();
        }
      }
    }
    if (ran) {
      // Programs that talk HTTP start none by themselves.
      BrokerConnection.open(config).close();
    }
    report(config, source, aside, ran);
    return OK;
  }

  /** Stops the broker, and keeps sessions from starting the next one until the lock is closed. */
  private static BrokerLock stopAndHold(Config config) throws IOException, InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    long asked = 0;
    while (System.nanoTime() - end < 0) {
      BrokerLock held = BrokerLock.running(config.files().lock());
      if (held != null) {
        return held;
      }
      BrokerConnection.requireGoing(config);
      long pid = BrokerInfo.read(config.files().lock()).map(BrokerInfo::pid).orElse(0L);
      if (asked == 0 || pid != asked) {
        // Sessions may have started another one meanwhile.
        long now = ask(config);
        asked = now == 0 ? asked : now;
      }
      Thread.sleep(PAUSE_MILLIS);
    }
    throw new PeersException(
        ErrorCode.UNAVAILABLE,
        "the broker"
            + BrokerInfo.read(config.files().lock())
                .map(card -> ", process " + card.pid() + ",")
                .orElse("")
            + " does not stop; nothing was changed. End its process and try again");
  }

  /**
   * Asks the broker that runs to stop; one that is just ending or starting has no answer.
   *
   * @return its process; 0 for none
   */
  private static long ask(Config config) {
    try (BrokerConnection connection = BrokerConnection.openRunning(config).orElse(null)) {
      if (connection == null) {
        return 0;
      }
      long pid = connection.broker().status().pid();
      connection.broker().shutdown();
      return pid;
    } catch (PeersException e) {
      if (e.code() != ErrorCode.UNAVAILABLE && e.code() != ErrorCode.CLOSED) {
        throw e;
      }
      return 0;
    }
  }

  private void report(Config config, Path source, Optional<Path> aside, boolean ran) {
    Map<String, Object> report = new LinkedHashMap<>();
    report.put("ok", true);
    report.put("file", source.toString());
    report.put("database", config.files().database().toString());
    report.put("former_database", aside.map(Path::toString).orElse(null));
    report.put("restarted", ran);
    shell.print(
        json,
        report,
        config.files().database()
            + " is what "
            + source
            + " holds."
            + aside.map(former -> " The former database is " + former + ".").orElse("")
            + (ran ? " The broker was restarted." : ""));
  }
}
