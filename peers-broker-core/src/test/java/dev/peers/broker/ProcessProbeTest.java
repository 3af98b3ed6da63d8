package dev.peers.broker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peers.ProcessRef;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class ProcessProbeTest {
  private final ProcessProbe probe = ProcessProbe.ofSystem();
  private final ProcessHandle self = ProcessHandle.current();

  @Test
  void findsARunningProcess() {
    Instant start = self.info().startInstant().orElse(null);
    assertThat(probe.isAlive(new ProcessRef(self.pid(), start))).isTrue();
    assertThat(probe.isAlive(new ProcessRef(self.pid(), null))).isTrue();
  }

  @Test
  void tellsAReusedNumberFromTheProcessThatHadIt() {
    assertThat(probe.isAlive(new ProcessRef(self.pid(), Instant.EPOCH))).isFalse();
  }

  @Test
  void missesAnEndedProcess() throws Exception {
    Process process = new ProcessBuilder("true").start();
    process.waitFor();
    assertThat(probe.isAlive(new ProcessRef(process.pid(), null))).isFalse();
  }
}
