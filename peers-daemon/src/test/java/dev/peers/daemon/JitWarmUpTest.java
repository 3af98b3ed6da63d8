package dev.peers.daemon;

import static dev.peers.tck.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JitWarmUpTest {
  @TempDir Path home;

  @Test
  void passesEveryMessageAndLeavesNothingBehind() throws IOException {
    Path stage = home.resolve("run/stage");
    // What one that was killed has left.
    Files.createDirectories(stage);
    Files.writeString(stage.resolve("rehearsal.db"), "no database");

    int passed = JitWarmUp.run(config(), stage);

    assertThat(passed).isEqualTo(JitWarmUp.MESSAGES);
    assertThat(home.resolve("peers.db")).doesNotExist();
    assertThat(stage).doesNotExist();
  }

  @Test
  void leavesNothingBehindWhenItIsBrokenOff() throws Exception {
    Path stage = home.resolve("run/stage");

    try (JitWarmUp rehearsal = JitWarmUp.after(0, config(), stage)) {
      eventually("it goes on", () -> Files.exists(stage.resolve("rehearsal.db-wal")));
      assertThat(rehearsal).isNotNull();
    }

    assertThat(stage).doesNotExist();
  }

  private Config config() {
    return Config.of(Map.of("CLAUDE_PEERS_DB", home.resolve("peers.db").toString()));
  }
}
