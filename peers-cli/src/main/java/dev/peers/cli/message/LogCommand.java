package dev.peers.cli.message;

import dev.peers.ErrorCode;
import dev.peers.HistoryEntry;
import dev.peers.HistoryPage;
import dev.peers.HistoryQuery;
import dev.peers.MessageState;
import dev.peers.PeerId;
import dev.peers.PeersException;
import dev.peers.Position;
import dev.peers.cli.shell.BaseCommand;
import dev.peers.cli.shell.Candidates;
import dev.peers.cli.shell.CommandIo;
import dev.peers.client.PeerLookup;
import dev.peers.daemon.BrokerConnection;
import dev.peers.daemon.Config;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.SortedMap;
import java.util.TreeMap;
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
    description = {
      "Show the history of messages and what became of each, the newest last.",
      "That is queued (on disk), offered (pushed, not yet proven to be read), delivered or expired."
    },
    footer = {
      "  peers log -f",
      "  peers log --since 2h --peer eel-k3f9",
      "  peers log --json | jq -r 'select(.state == \"queued\").to_id'"
    })
public final class LogCommand extends BaseCommand {
  private static final long PAUSE_MILLIS = 300;

  /** Of so many messages before the last one, changes are told; the cost of a look is bounded. */
  private static final int FOLLOWED = 200;

  private static final Pattern AGO = Pattern.compile("([0-9]{1,6})([smhd])");

  @Option(
      names = {"-f", "--follow"},
      description =
          "Go on until Ctrl-C, with new messages, and with a line when the state of one of the last"
              + " 200 changes; with --json the message comes again.")
  boolean follow;

  @Option(
      names = "--peer",
      paramLabel = "PEER",
      completionCandidates = Candidates.Peers.class,
      description = "Only from or to this peer: an id, a name, the start of an id, or a project.")
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

  public LogCommand(CommandIo shell) {
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
    String store = "";
    // Messages that may still change, and their states as they were told.
    SortedMap<Long, MessageState> open = new TreeMap<>();
    int most = from == null ? limit : HistoryQuery.MAX_LIMIT;
    boolean following = false;
    while (true) {
      boolean worked = false;
      try (BrokerConnection connection = BrokerConnection.open(config)) {
        PeerId about = peer == null ? null : PeerLookup.resolve(connection.broker(), peer).id();
        do {
          long known = last;
          long after = open.isEmpty() ? last : open.firstKey() - 1;
          HistoryQuery query = new HistoryQuery(about, from, 0, most);
          HistoryPage page =
              HistoryReader.read(connection.broker(), query.after(new Position(store, after)));
          if (!page.store().equals(store)) {
            // Another database, or the first: what was shown before is not of it.
            store = page.store();
            last = 0;
            known = 0;
            open.clear();
          }
          for (HistoryEntry entry : page.entries()) {
            last = Math.max(last, tell(entry, known, open));
          }
          open.headMap(last - FOLLOWED).clear();
          worked = true;
          following = true;
          if (!follow || shell.out().checkError()) {
            return OK;
          }
          most = HistoryQuery.MAX_LIMIT;
          Thread.sleep(PAUSE_MILLIS);
        } while (true);
      } catch (PeersException e) {
        // A broker that goes away while we follow it is replaced; the next may know other keys.
        if (!follow || !(worked || (following && e.code() == ErrorCode.UNAVAILABLE))) {
          throw e;
        }
        Thread.sleep(PAUSE_MILLIS);
      }
    }
  }

  /** Tells a new message, or the new state of an older one; returns its id. */
  private long tell(HistoryEntry entry, long known, SortedMap<Long, MessageState> open) {
    long id = entry.message().id().value();
    MessageState state = entry.receipt().state();
    if (id > known) {
      print(entry);
    } else if (open.containsKey(id) && open.get(id) != state) {
      printState(entry);
    } else {
      return id;
    }
    if (state == MessageState.QUEUED || state == MessageState.OFFERED) {
      open.put(id, state);
    } else {
      open.remove(id);
    }
    return id;
  }

  private void print(HistoryEntry entry) {
    if (json) {
      shell.printJson(HistoryRow.of(entry));
      return;
    }
    shell.print(HistoryText.head(entry, entry.message().sentAt().toString()) + delivered(entry));
    HistoryText.body(entry).forEach(shell::print);
  }

  private void printState(HistoryEntry entry) {
    if (json) {
      shell.printJson(HistoryRow.of(entry));
    } else {
      shell.print("#" + entry.message().id() + " " + HistoryText.state(entry) + delivered(entry));
    }
  }

  private static String delivered(HistoryEntry entry) {
    return entry.receipt().deliveredAt() == null ? "" : " " + entry.receipt().deliveredAt();
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
