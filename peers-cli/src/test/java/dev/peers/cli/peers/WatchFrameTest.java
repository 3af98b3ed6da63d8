package dev.peers.cli.peers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peers.BrokerStatus;
import dev.peers.HistoryEntry;
import dev.peers.MessageState;
import dev.peers.Peer;
import dev.peers.PeerId;
import dev.peers.Workspace;
import dev.peers.cli.shell.DisplayWidth;
import dev.peers.cli.shell.Terminal;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class WatchFrameTest {
  private static final Instant NOW = Instant.parse("2026-11-25T10:00:09Z");

  @Test
  void neverDrawsMoreThanTheScreenHas() {
    BrokerView view = view(60, 50);
    for (int columns : new int[] {1, 20, 40, 80, 200}) {
      for (int rows = 1; rows < 90; rows++) {
        List<String> lines = WatchFrame.lines(view, null, NOW, new Terminal.Size(columns, rows));
        assertThat(lines).hasSizeLessThanOrEqualTo(rows);
        assertThat(lines).allMatch(line -> DisplayWidth.width(line) <= columns);
      }
    }
  }

  @Test
  void leavesRoomForTheNewestMessages() {
    List<String> lines = WatchFrame.lines(view(60, 50), null, NOW, new Terminal.Size(80, 24));

    assertThat(lines).anyMatch(line -> line.matches("and \\d+ more"));
    assertThat(lines.subList(lines.size() - 3, lines.size()))
        .containsExactly("#50 9 s ago, owl-9xyz to eel-k3f9, queued", "  one", "  two");
  }

  @Test
  void saysWhenTheBrokerIsNotThere() {
    assertThat(lines(BrokerView.NOTHING.troubledBy("no broker is running")))
        .containsExactly("broker    not there, waiting for it: no broker is running");
    assertThat(lines(view(1, 0).troubledBy("gone")))
        .startsWith("broker    not there, waiting for it: gone; below is what was seen last")
        .anyMatch(line -> line.contains("p-22aa"));
    assertThat(lines(view(0, 0)).get(3)).contains("peers install");
  }

  private static List<String> lines(BrokerView view) {
    return WatchFrame.lines(view, null, NOW, new Terminal.Size(120, 24));
  }

  private static BrokerView view(int peers, int messages) {
    List<Peer> all =
        IntStream.range(0, peers)
            .mapToObj(
                i ->
                    Peer.builder(
                            new PeerId("p-22" + (char) (97 + i % 26) + (char) (97 + i / 26)),
                            Workspace.of("/srv/" + i),
                            NOW)
                        .build())
            .toList();
    List<HistoryEntry> history =
        IntStream.rangeClosed(1, messages)
            .mapToObj(i -> PeerTableTest.entry(i, "eel-k3f9", MessageState.QUEUED))
            .toList();
    return new BrokerView(
        null,
        new BrokerStatus("1", 1, peers, 42),
        URI.create("http://127.0.0.1:7899"),
        null,
        all,
        history);
  }
}
