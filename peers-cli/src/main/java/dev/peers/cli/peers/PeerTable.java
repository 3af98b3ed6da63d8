package dev.peers.cli.peers;

import dev.peers.Broker;
import dev.peers.HistoryEntry;
import dev.peers.HistoryQuery;
import dev.peers.MessageState;
import dev.peers.UntrustedText;
import dev.peers.cli.message.HistoryReader;
import dev.peers.cli.shell.Age;
import dev.peers.cli.shell.CommandIo;
import dev.peers.cli.shell.Table;
import dev.peers.cli.shell.Terminal;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Peers for people, one line each. */
final class PeerTable {
  static final String NONE =
      "Start an agent that has Peers: 'peers install claude' sets it up; 'peers demo' shows two at work.";

  private static final List<Table.Column> COLUMNS =
      List.of(
          Table.Column.whole("STATE", 4),
          new Table.Column("ID", 1, 16, Table.Cut.MIDDLE),
          new Table.Column("NAME", 2, 8, Table.Cut.END),
          new Table.Column("MACHINE", 4, 8, Table.Cut.END),
          new Table.Column("DIRECTORY", 5, 12, Table.Cut.START),
          new Table.Column("BRANCH", 8, 8, Table.Cut.MIDDLE),
          new Table.Column("REPOSITORY", 11, 8, Table.Cut.MIDDLE),
          new Table.Column("AGENT", 10, 8, Table.Cut.END),
          Table.Column.whole("REACHED BY", 7),
          Table.Column.whole("UNREAD", 6),
          Table.Column.whole("SEEN", 9),
          new Table.Column("SUMMARY", 3, 16, Table.Cut.END));

  private static final int COUNTED = HistoryQuery.MAX_LIMIT;

  private PeerTable() {}

  /**
   * Prints peers as wide as the terminal is.
   *
   * @param here whether they work on this machine
   */
  static void print(CommandIo shell, Broker broker, List<PeerRow> peers, boolean here) {
    Map<String, String> unread =
        unread(HistoryReader.read(broker, HistoryQuery.latest(COUNTED)).entries(), COUNTED);
    int width =
        Terminal.size(shell.environment()).map(Terminal.Size::columns).orElse(Table.UNLIMITED);
    lines(peers, unread, here ? home(shell) : null, Instant.now(), width).forEach(shell::print);
  }

  /**
   * Lays peers out.
   *
   * @param peers the peers
   * @param unread how many messages wait for whom; see {@link #unread}
   * @param home whose directories are written with a tilde; null for none
   * @param now the time to which ages are told
   * @param width the width of a line, or {@link Table#UNLIMITED}
   */
  static List<String> lines(
      List<PeerRow> peers,
      Map<String, String> unread,
      @Nullable String home,
      Instant now,
      int width) {
    boolean oneMachine = peers.stream().map(PeerRow::host).distinct().count() < 2;
    Table table = new Table(COLUMNS);
    for (PeerRow peer : peers) {
      table.add(
          List.of(
              peer.presence(),
              text(peer.id()),
              text(peer.name()),
              oneMachine ? "" : text(peer.host()),
              text(width == Table.UNLIMITED ? peer.cwd() : belowHome(peer.cwd(), home)),
              text(peer.gitBranch()),
              text(peer.gitRepo()),
              text(peer.agent()),
              text(peer.route()),
              unread.getOrDefault(peer.id(), ""),
              Age.of(Instant.parse(peer.lastSeen()), now) + " ago",
              text(peer.summary())));
    }
    return table.lines(width);
  }

  /**
   * Counts what waits for whom in the newest messages.
   *
   * @param newest the newest messages
   * @param limit how many were asked for; where there are as many, older ones may wait too, and the
   *     counts end with a plus
   * @return counts by id; none for nothing
   */
  static Map<String, String> unread(List<HistoryEntry> newest, int limit) {
    Map<String, Integer> counts = new HashMap<>();
    for (HistoryEntry entry : newest) {
      MessageState state = entry.receipt().state();
      if (state == MessageState.QUEUED || state == MessageState.OFFERED) {
        counts.merge(entry.receipt().to().value(), 1, Integer::sum);
      }
    }
    Map<String, String> texts = new HashMap<>();
    counts.forEach((id, count) -> texts.put(id, count + (newest.size() < limit ? "" : "+")));
    return texts;
  }

  /** The user's directory as peers would name it. */
  static String home(CommandIo shell) {
    String home = shell.environment().getOrDefault("HOME", System.getProperty("user.home", ""));
    try {
      return Path.of(home).toRealPath().toString();
    } catch (IOException | InvalidPathException e) {
      return home;
    }
  }

  private static String text(@Nullable String text) {
    return text == null ? "" : UntrustedText.line(text);
  }

  private static String belowHome(String directory, @Nullable String home) {
    if (home == null || home.length() < 2 || !directory.startsWith(home)) {
      return directory;
    }
    String rest = directory.substring(home.length());
    return rest.isEmpty() || rest.startsWith("/") || rest.startsWith("\\") ? "~" + rest : directory;
  }
}
