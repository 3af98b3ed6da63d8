package dev.peers.cli.doctor;

import dev.peers.HistoryEntry;
import dev.peers.HistoryQuery;
import dev.peers.PeersException;
import dev.peers.daemon.BrokerConnection;
import dev.peers.daemon.Config;
import dev.peers.local.BrokerFiles;
import dev.peers.local.IoReason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;

/** Looks for signs that the clock is wrong, or was when messages and files were written. */
final class ClockCheckup {
  private static final String CHECK = "clock";
  private static final Duration TOLERANCE = Duration.ofMinutes(1);

  private final Config config;

  ClockCheckup(Config config) {
    this.config = config;
  }

  /** Messages are looked at where a broker runs; none is started. */
  Finding finding() {
    Instant now = Instant.now();
    Instant future = now.plus(TOLERANCE);
    try {
      List<HistoryEntry> ahead = messages(future);
      if (!ahead.isEmpty()) {
        return Finding.warning(
            CHECK,
            "it is "
                + now
                + " here, but message "
                + ahead.get(0).message().id()
                + " was sent at "
                + ahead.get(0).message().sentAt(),
            "set the clock if it is wrong; if it was wrong then, let it be: such messages are"
                + " delivered all the same, and expire later");
      }
      for (Path file : files()) {
        Instant written = Files.getLastModifiedTime(file).toInstant();
        if (written.isAfter(future)) {
          return Finding.warning(
              CHECK,
              "it is " + now + " here, but " + file + " was written at " + written,
              "set the clock if it is wrong; if it was wrong then, touch '" + file + "'");
        }
      }
    } catch (IOException e) {
      return incomparable(IoReason.of(e));
    } catch (PeersException e) {
      return incomparable(e.getMessage());
    }
    return Finding.ok(CHECK, "no message and no file is of the future");
  }

  private static Finding incomparable(String reason) {
    return Finding.warning(
        CHECK, "times cannot be compared: " + reason, "fix that, then run 'peers doctor' again");
  }

  private List<HistoryEntry> messages(Instant since) {
    try (BrokerConnection connection = BrokerConnection.openRunning(config).orElse(null)) {
      return connection == null
          ? List.of()
          : connection.broker().history(new HistoryQuery(null, since, 0, 1)).entries();
    }
  }

  private List<Path> files() {
    BrokerFiles files = config.files();
    Path database = files.database();
    return Stream.of(
            database,
            database.resolveSibling(database.getFileName() + "-wal"),
            files.token(),
            files.log(),
            files.lock(),
            files.socket())
        .filter(Files::exists)
        .toList();
  }
}
