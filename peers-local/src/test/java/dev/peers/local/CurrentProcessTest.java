package dev.peers.local;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CurrentProcessTest {
  @Test
  void isThisProcessAndItsParent() {
    ProcessHandle self = ProcessHandle.current();

    assertThat(CurrentProcess.look())
        .isEqualTo(
            new CurrentProcess(self.pid(), self.parent().map(ProcessHandle::pid).orElse(0L)));
  }

  @Test
  void isNotMisledByAName() {
    assertThat(CurrentProcess.parse("4711 (a) R 1 (b) S 42 4711 4711 0 -1"))
        .isEqualTo(new CurrentProcess(4711, 42));
  }
}
