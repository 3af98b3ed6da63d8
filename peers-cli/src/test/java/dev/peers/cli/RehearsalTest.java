package dev.peers.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RehearsalTest {
  @TempDir Path home;

  @Test
  void passesEveryMessageAndLeavesNothingBehind() throws IOException {
    Path database = home.resolve("peers.db");
    Path stage = Files.createDirectory(home.resolve("stage"));

    int passed = Rehearsal.run(Config.of(Map.of("CLAUDE_PEERS_DB", database.toString())), stage);

    assertThat(passed).isEqualTo(Rehearsal.MESSAGES);
    assertThat(database).doesNotExist();
    try (Stream<Path> left = Files.list(stage)) {
      assertThat(left).isEmpty();
    }
  }
}
