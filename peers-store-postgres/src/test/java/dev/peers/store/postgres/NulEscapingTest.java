package dev.peers.store.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class NulEscapingTest {
  @Test
  void keepsEveryText() {
    for (String text :
        List.of(
            "",
            "plain",
            "\u0000",
            "\u001a",
            "\u001a0",
            "\u001a1",
            "\u0000\u001a\u001a01",
            "0🙂\u0000")) {
      String stored = NulEscaping.encode(text);
      assertThat(stored).doesNotContain("\u0000").doesNotStartWith(NulEscaping.RESERVED);
      assertThat(NulEscaping.decode(stored)).isEqualTo(text);
    }
  }

  @Test
  void leavesOrdinaryTextAlone() {
    assertThat(NulEscaping.encode("zwei\nZeilen")).isEqualTo("zwei\nZeilen");
  }

  @Test
  void keepsWhatIsReservedForItself() {
    assertThat(NulEscaping.encode(NulEscaping.RESERVED + "x"))
        .doesNotStartWith(NulEscaping.RESERVED);
  }
}
