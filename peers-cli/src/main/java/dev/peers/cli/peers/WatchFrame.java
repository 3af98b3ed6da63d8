package dev.peers.cli.peers;

import dev.peers.BrokerStatus;
import dev.peers.HistoryEntry;
import dev.peers.UntrustedText;
import dev.peers.cli.message.HistoryText;
import dev.peers.cli.shell.Age;
import dev.peers.cli.shell.DisplayWidth;
import dev.peers.cli.shell.Terminal;
import java.net.URI;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What {@code peers watch} shows: the broker, the peers, and as many messages as there is room for.
 */
final class WatchFrame {
  private static final int BODY_LINES = 5;
  private static final int LEAST_MESSAGE_LINES = 4;

  private WatchFrame() {}

  /**
   * Composes it.
   *
   * @param view what was seen
   * @param home whose directories are written with a tilde; null for none
   * @param now the time to which ages are told
   * @param size the screen; no line is wider, and there are not more of them
   */
  static List<String> lines(
      BrokerView view, @Nullable String home, Instant now, Terminal.Size size) {
    List<String> lines = new ArrayList<>();
    lines.add(brokerLine(view, now));
    if (view.status() != null) {
      List<PeerRow> rows = view.rows();
      lines.add(StatusCommand.peersLine(rows));
      lines.add("");
      int room = Math.max(3, size.rows() - lines.size() - LEAST_MESSAGE_LINES);
      lines.addAll(peers(view, rows, home, now, size.columns(), room));
      lines.add("");
      List<String> messages = messages(view, now);
      int from = messages.size() - Math.max(0, size.rows() - lines.size());
      lines.addAll(messages.subList(Math.max(0, from), messages.size()));
    }
    return lines.stream()
        .limit(size.rows())
        .map(
            line ->
                DisplayWidth.cutEnd(UntrustedText.lines(line).replace('\t', ' '), size.columns()))
        .toList();
  }

  private static String brokerLine(BrokerView view, Instant now) {
    BrokerStatus status = view.status();
    URI address = view.address();
    if (view.trouble() != null || status == null || address == null) {
      return "broker    not there, waiting for it: "
          + view.trouble()
          + (status == null ? "" : "; below is what was seen last");
    }
    Instant replaced = view.replaced();
    return StatusCommand.brokerLine(
        replaced == null ? "running" : "restarted " + Age.of(replaced, now) + " ago",
        status,
        address);
  }

  private static List<String> peers(
      BrokerView view,
      List<PeerRow> rows,
      @Nullable String home,
      Instant now,
      int width,
      int room) {
    if (rows.isEmpty()) {
      return List.of(PeerTable.NONE);
    }
    var unread = PeerTable.unread(view.messages(), BrokerWatch.MESSAGES);
    boolean all = rows.size() < room;
    List<PeerRow> shown = all ? rows : rows.subList(0, room - 2);
    List<String> lines = new ArrayList<>(PeerTable.lines(shown, unread, home, now, width));
    if (!all) {
      lines.add("and " + (rows.size() - shown.size()) + " more");
    }
    return lines;
  }

  private static List<String> messages(BrokerView view, Instant now) {
    List<String> lines = new ArrayList<>();
    for (HistoryEntry entry : view.messages()) {
      lines.add(HistoryText.head(entry, Age.of(entry.message().sentAt(), now) + " ago,"));
      List<String> body = HistoryText.body(entry).limit(BODY_LINES + 1).toList();
      lines.addAll(body.subList(0, Math.min(body.size(), BODY_LINES)));
      if (body.size() > BODY_LINES) {
        lines.add("  …");
      }
    }
    return lines;
  }
}
