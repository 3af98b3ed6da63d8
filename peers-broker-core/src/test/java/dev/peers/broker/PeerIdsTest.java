package dev.peers.broker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peers.PeerId;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PeerIdsTest {
  @Test
  void reducesAnyNameToAWord() {
    assertThat(PeerIds.stem("Größe & Co.")).isEqualTo("gro-e-co");
    assertThat(PeerIds.stem("漢字")).isEqualTo("peer");
    assertThat(PeerIds.stem("--x--")).isEqualTo("x");
    assertThat(PeerIds.stem("a".repeat(100))).hasSize(35);
  }

  @Test
  void neverHandsOutATakenId() {
    Set<PeerId> taken = new HashSet<>();
    // A source that repeats itself: the second id must go on past the first.
    for (int i = 0; i < 50; i++) {
      PeerId id = new PeerIds(new Random(1)).next("eel", taken::contains);
      assertThat(taken.add(id)).isTrue();
    }
  }
}
