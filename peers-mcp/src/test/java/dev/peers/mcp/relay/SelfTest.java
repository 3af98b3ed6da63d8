package dev.peers.mcp.relay;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SelfTest {
  @Test
  void isThisProcessAndItsParent() {
    ProcessHandle self = ProcessHandle.current();

    assertThat(Self.look())
        .isEqualTo(new Self(self.pid(), self.parent().map(ProcessHandle::pid).orElse(0L)));
  }

  @Test
  void isNotMisledByAName() {
    assertThat(Self.parse("4711 (a) R 1 (b) S 42 4711 4711 0 -1")).isEqualTo(new Self(4711, 42));
  }
}
