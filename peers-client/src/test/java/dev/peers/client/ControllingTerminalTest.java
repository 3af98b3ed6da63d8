package dev.peers.client;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ControllingTerminalTest {
  @Test
  void unpacksDeviceNumbers() {
    assertThat(ControllingTerminal.name(0)).isEmpty();
    assertThat(ControllingTerminal.name(136 << 8 | 3)).contains("pts/3");
    assertThat(ControllingTerminal.name(137 << 8 | 1)).contains("pts/257");
    assertThat(ControllingTerminal.name(136 << 8 | 0x100000 | 44)).contains("pts/300");
    assertThat(ControllingTerminal.name(4 << 8 | 1)).contains("tty1");
  }

  @Test
  void findsNothingForAProcessThatIsNotThere() {
    assertThat(ControllingTerminal.of(Long.MAX_VALUE)).isEmpty();
  }
}
