package dev.peers.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class HostNameTest {
  @Test
  void isWhatTheUserCallsTheMachine() {
    assertThat(HostName.of(Map.of("CLAUDE_PEERS_MACHINE", " ada\n"))).isEqualTo("ada");
  }

  @Test
  void isElseTheSystemsNameAndNothingMore() {
    assertThat(HostName.of(Map.of())).isNotBlank().doesNotContain("\uFFFD");
  }
}
