package dev.peers.cli;

import dev.peers.ErrorCode;
import dev.peers.HistoryEntry;
import dev.peers.HistoryQuery;
import dev.peers.PeerId;
import dev.peers.PeersException;
import dev.peers.client.PeerLookup;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code peers log}. */
@Command(
    name = "log",
    description = "Show the history of messages and what became of each, the newest last.")
final class LogCommand extends ShellCommand {
  private static final long PAUSE_MILLIS = 300;
  private static final Pattern AGO = Pattern.compile("([0-9]{1,6})([smhd])");

  @Option(
      names = {"-f", "--follow"},
      description = "Go on with new messages until Ctrl-C.")
  boolean follow;

  @Option(names = "--peer", paramLabel = "PEER", description = "Only from or to this peer.")
  @Nullable String peer;

  @Option(
      names = "--since",
      paramLabel = "TIME",
      description = "Only from this time on: 90s, 10m, 2h, 3d, or 2026-11-23T10:00:00Z.")
  @Nullable String since;

  @Option(
      names = {"-n", "--limit"},
      paramLabel = "COUNT",
      defaultValue = "50",
      description = "At most so many, the newest (50; with --since, 1000).")
  int limit = 50;

  @Spec CommandSpec spec = CommandSpec.create();

  LogCommand(Shell shell) {
    super(shell);
  }

  @Override
  public Integer call() throws InterruptedException {
    Instant from = since == null ? null : since(since);
    if (limit < 1 || limit > HistoryQuery.MAX_LIMIT) {
      throw new ParameterException(
          spec.commandLine(), "--limit is " + limit + "; expected a number from 1 to 1000");
    }
    Config config = shell.config();
    long last = 0;
    int most = from == null ? limit : HistoryQuery.MAX_LIMIT;
    while (true) {
      try (BrokerConnection connection = BrokerConnection.open(config)) {
        PeerId about = peer == null ? null : PeerLookup.resolve(connection.broker(), peer).id();
        do {
          List<HistoryEntry> entries =
              connection.broker().history(new HistoryQuery(about, from, last, most));
          for (HistoryEntry entry : entries) {
            print(entry);
            last = entry.message().id().value();
          }
          if (!follow || shell.out().checkError()) {
            return OK;
          }
          most = HistoryQuery.MAX_LIMIT;
          Thread.sleep(PAUSE_MILLIS);
        } while (true);
      } catch (PeersException e) {
        // A broker that goes away while we follow it is replaced.
        if (!follow || e.code() != ErrorCode.UNAVAILABLE || last == 0) {
          throw e;
        }
        Thread.sleep(PAUSE_MILLIS);
      }
    }
  }

  private void print(HistoryEntry entry) {
    if (json) {
      shell.printJson(HistoryRow.of(entry));
      return;
    }
    shell.print(
        "#"
            + entry.message().id()
            + " "
            + entry.message().sentAt()
            + " "
            + entry.message().from().id()
            + " to "
            + entry.message().to()
            + ", "
            + entry.receipt().state().name().toLowerCase(Locale.ROOT)
            + (entry.receipt().deliveredAt() == null ? "" : " " + entry.receipt().deliveredAt()));
    entry.message().text().lines().forEach(line -> shell.print("  " + line));
  }

  private Instant since(String text) {
    Matcher ago = AGO.matcher(text.strip());
    if (ago.matches()) {
      long number = Long.parseLong(ago.group(1));
      Duration duration =
          switch (ago.group(2)) {
            case "s" -> Duration.ofSeconds(number);
            case "m" -> Duration.ofMinutes(number);
            case "h" -> Duration.ofHours(number);
            default -> Duration.ofDays(number);
          };
      return Instant.now().minus(duration);
    }
    try {
      return Instant.parse(text.strip());
    } catch (DateTimeException e) {
      throw new ParameterException(
          spec.commandLine(),
          "--since is '" + text + "'; expected such as 10m, 2h, 3d or 2026-11-23T10:00:00Z",
          e);
    }
  }
}
