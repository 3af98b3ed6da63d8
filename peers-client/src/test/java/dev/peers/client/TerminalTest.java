package dev.peers.client;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TerminalTest {
  @Test
  void unpacksDeviceNumbers() {
    assertThat(Terminal.name(0)).isEmpty();
    assertThat(Terminal.name(136 << 8 | 3)).contains("pts/3");
    assertThat(Terminal.name(137 << 8 | 1)).contains("pts/257");
    assertThat(Terminal.name(136 << 8 | 0x100000 | 44)).contains("pts/300");
    assertThat(Terminal.name(4 << 8 | 1)).contains("tty1");
  }

  @Test
  void findsNothingForAProcessThatIsNotThere() {
    assertThat(Terminal.of(Long.MAX_VALUE)).isEmpty();
  }
}
