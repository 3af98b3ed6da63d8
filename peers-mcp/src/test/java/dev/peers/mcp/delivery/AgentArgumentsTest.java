package dev.peers.mcp.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;

class AgentArgumentsTest {
  @Test
  void areWhatFollowsTheProgram() {
    assertThat(AgentArguments.parse("claude\0-p\0two words\0\0"))
        .contains(List.of("-p", "two words", ""));
    assertThat(AgentArguments.parse("claude\0")).contains(List.of());
  }

  @Test
  void ofAProgramThatWroteATitleOverThemAreUnknown() {
    assertThat(AgentArguments.parse("claude\0\0\0\0\0")).isEmpty();
    assertThat(AgentArguments.parse("claude: at work")).isEmpty();
    assertThat(AgentArguments.parse("")).isEmpty();
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void areReadHoweverLongTheyAre() throws IOException {
    List<String> many = Collections.nCopies(5_000, "60");
    List<String> command = new ArrayList<>(List.of("sleep"));
    command.addAll(many);
    Process process = new ProcessBuilder(command).start();
    try {
      assertThat(AgentArguments.of(process.toHandle())).contains(many);
    } finally {
      process.destroyForcibly();
    }
  }
}
