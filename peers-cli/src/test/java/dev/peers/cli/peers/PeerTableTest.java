package dev.peers.cli.peers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peers.HistoryEntry;
import dev.peers.Message;
import dev.peers.MessageId;
import dev.peers.MessageState;
import dev.peers.Peer;
import dev.peers.PeerId;
import dev.peers.Presence;
import dev.peers.Receipt;
import dev.peers.Route;
import dev.peers.Sender;
import dev.peers.Summary;
import dev.peers.Workspace;
import dev.peers.cli.shell.Age;
import dev.peers.cli.shell.DisplayWidth;
import dev.peers.cli.shell.Table;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PeerTableTest {
  private static final Instant NOW = Instant.parse("2026-11-25T10:00:00Z");
  private static final String LONG =
      "Mending the nets of the harbour, one after the other. ".repeat(6);

  @Test
  void leavesOutColumnsWithNothingInThem() {
    List<String> lines = lines(Table.UNLIMITED, peer("cod-77hh", "/srv/cod").build());

    assertThat(lines)
        .containsExactly(
            "STATE   ID        DIRECTORY  SEEN", //
            "active  cod-77hh  /srv/cod   3 s ago");
  }

  @Test
  void printsWholeValuesWhereThereIsNoTerminal() {
    List<String> lines = lines(Table.UNLIMITED, ada());

    assertThat(lines).hasSize(2);
    assertThat(lines.get(1))
        .startsWith("away   eel-k3f9  Ada   /home/u/work/harbour/nets  ")
        .contains("feature/tokenise-strings", "claude", "channel", "5 min ago")
        .endsWith(LONG.strip());
  }

  @Test
  void fitsEveryWidthAndKeepsTheMostImportant() {
    for (int width = 10; width < 260; width++) {
      for (String line : lines(width, ada(), peer("crab-22ab", "/srv/crab").build())) {
        assertThat(DisplayWidth.width(line)).as(line).isLessThanOrEqualTo(width);
      }
    }
    assertThat(lines(40, ada()))
        .containsExactly(
            "STATE  ID        NAME  SUMMARY", //
            "away   eel-k3f9  Ada   Mending the nets…");
    assertThat(lines(80, ada()).get(0))
        .startsWith("STATE  ID        NAME  DIRECTORY")
        .contains("REACHED BY", "UNREAD")
        .endsWith("SUMMARY")
        .doesNotContain("AGENT");
    assertThat(lines(200, ada()).get(0)).contains("BRANCH", "AGENT", "SEEN");
    assertThat(lines(200, ada()).get(1)).contains("~/work/harbour/nets ").endsWith("…");
  }

  @Test
  void keepsColumnsAlignedWithWideCharacters() {
    List<String> lines =
        lines(
            60,
            peer("eel-k3f9", "/srv/eel").name("網を直す").build(),
            peer("crab-22ab", "/srv/crab").name("🦀").build());

    int column = DisplayWidth.width(lines.get(0).substring(0, lines.get(0).indexOf("DIRECTORY")));
    for (String line : lines.subList(1, 3)) {
      assertThat(DisplayWidth.width(line.substring(0, line.indexOf("/srv")))).isEqualTo(column);
    }
  }

  @Test
  void whatOthersWriteStaysOnItsLineAndIsNoCommand() {
    Peer hostile =
        peer("eel-k3f9", "/srv/e\u202ee\u2028l")
            .name("a\u061cb")
            .summary(summary("fine\r\n\u001b[2Jcrab-22ab\u009b31m \u2067evil\t."))
            .build();

    for (int width : new int[] {40, 80, 200, Table.UNLIMITED}) {
      List<String> lines = lines(width, hostile);
      assertThat(lines).hasSize(2);
      assertThat(String.join("", lines))
          .doesNotContainPattern("[\\p{Cc}\\u061c\\u2028\\u202e\\u2067]");
    }
  }

  @Test
  void countsWhatIsUndelivered() {
    List<HistoryEntry> newest =
        List.of(
            entry(1, "eel-k3f9", MessageState.QUEUED),
            entry(2, "eel-k3f9", MessageState.OFFERED),
            entry(3, "eel-k3f9", MessageState.DELIVERED),
            entry(4, "crab-22ab", MessageState.EXPIRED));

    assertThat(PeerTable.unread(newest, 5)).isEqualTo(Map.of("eel-k3f9", "2"));
    assertThat(PeerTable.unread(newest, 4)).isEqualTo(Map.of("eel-k3f9", "2+"));
  }

  @Test
  void tellsAgesInTheUnitThatFits() {
    assertThat(Age.of(NOW.plusSeconds(5), NOW)).isEqualTo("0 s");
    assertThat(Age.of(NOW.minusSeconds(59), NOW)).isEqualTo("59 s");
    assertThat(Age.of(NOW.minusSeconds(60), NOW)).isEqualTo("1 min");
    assertThat(Age.of(NOW.minusSeconds(7_200), NOW)).isEqualTo("2 h");
    assertThat(Age.of(NOW.minusSeconds(3 * 86_400), NOW)).isEqualTo("3 d");
  }

  private static List<String> lines(int width, Peer... peers) {
    return PeerTable.lines(
        List.of(peers).stream().map(peer -> PeerRow.of(peer, "")).toList(),
        Map.of("eel-k3f9", "2"),
        "/home/u",
        NOW,
        width);
  }

  private static Peer ada() {
    return Peer.builder(
            new PeerId("eel-k3f9"),
            new Workspace("/home/u/work/harbour/nets", null, null, "feature/tokenise-strings"),
            NOW)
        .name("Ada")
        .agent("claude")
        .route(Route.CHANNEL)
        .presence(Presence.AWAY)
        .summary(summary(LONG))
        .lastSeen(NOW.minusSeconds(300))
        .build();
  }

  private static Peer.Builder peer(String id, String cwd) {
    return Peer.builder(new PeerId(id), Workspace.of(cwd), NOW).lastSeen(NOW.minusSeconds(3));
  }

  private static Summary summary(String text) {
    return new Summary(text, Summary.Source.MANUAL, NOW);
  }

  static HistoryEntry entry(long id, String to, MessageState state) {
    return new HistoryEntry(
        new Message(
            new MessageId(id),
            new Sender(new PeerId("owl-9xyz"), "owl", "owl", "/srv/owl", null),
            new PeerId(to),
            "one\ntwo",
            NOW,
            null),
        new Receipt(
            new MessageId(id),
            new PeerId("owl-9xyz"),
            new PeerId(to),
            state,
            NOW,
            null,
            0,
            null,
            NOW));
  }
}
