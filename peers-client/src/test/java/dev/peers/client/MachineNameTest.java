package dev.peers.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class MachineNameTest {
  @Test
  void isWhatTheUserCallsTheMachine() {
    assertThat(MachineName.of(Map.of("CLAUDE_PEERS_MACHINE", " ada\n"))).isEqualTo("ada");
  }

  @Test
  void isElseTheSystemsNameAndNothingMore() {
    assertThat(MachineName.of(Map.of())).isNotBlank().doesNotContain("\uFFFD");
  }
}
