package dev.peers.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.peers.cli.shell.Terminal;
import dev.peers.tck.Eventually;
import java.io.IOException;
import java.io.Reader;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Completion as a user has it: a key pressed in an interactive shell on a terminal. */
class CompletionIT {
  private static final String TAB = "\t";
  private static final String DISCARD_LINE = "\u0015";

  private static final World WORLD = new World();

  @BeforeAll
  static void aPeerIsThere() {
    WORLD.join("eel", Map.of("CLAUDE_PEERS_NAME", "Adelaide"));
  }

  @AfterAll
  static void end() {
    WORLD.close();
  }

  static Stream<List<String>> shells() {
    return Stream.of(List.of("bash", "--norc", "-i"), List.of("zsh", "-f", "-i"));
  }

  @ParameterizedTest
  @MethodSource("shells")
  void completesCommandsOptionsPeersAgentsAndScopes(List<String> shell) throws IOException {
    assumeThat(isInstalled("script")).as("script of util-linux").isTrue();
    assumeThat(isInstalled(shell.get(0))).as(shell.get(0)).isTrue();

    try (Terminal terminal = Terminal.start(shell)) {
      terminal.completes("peers wat", "peers watch");
      terminal.completes("peers kill", "peers kill-broker");
      terminal.completes("peers send Adel", "peers send Adelaide");
      terminal.completes("peers peers --sc", "peers peers --scope");
      terminal.completes("peers peers --scope dir", "--scope directory");
      terminal.completes("peers install gem", "install gemini");
      terminal.completes("peers token rot", "token rotate");
    }
  }

  @Test
  void offersEveryCommandThatTheHelpLists() {
    String script = WORLD.peers("completion").out();

    WORLD
        .peers("--help")
        .out()
        .lines()
        .filter(line -> line.matches("  [a-z-]+ {2,}\\S.*"))
        .map(line -> line.strip().split(" ")[0])
        .filter(command -> !command.equals("peers") || script.contains("\\npeers\\n"))
        .forEach(command -> assertThat(script).contains(command));
    assertThat(script).doesNotContain("generate-completion");
    assertThat(WORLD.peers("completion", "--help").out())
        .contains("source <(peers completion)")
        .doesNotContain("generate-completion")
        .doesNotContain("--at");
  }

  @Test
  void offersNoPeerAndStartsNoBrokerWhereNoneRuns() {
    try (World empty = new World()) {
      World.Result result = empty.peers("completion", "--at", "1", "--", "send", "e");

      assertThat(result.code()).isZero();
      assertThat(result.out()).isEmpty();
      assertThat(empty.files().database()).doesNotExist();
      assertThat(empty.brokerPid()).isEmpty();
    }
  }

  /** An interactive shell on a terminal of its own. */
  private record Terminal(Process process, StringWriter screen) implements AutoCloseable {
    static Terminal start(List<String> shell) throws IOException {
      Path rc = WORLD.file("completion-" + shell.get(0));
      Files.writeString(
          rc,
          "export PATH='"
              + WORLD.executable("peers").getParent()
              + "':\"$PATH\"\nsource <(peers completion)\nPS1='rea''dy> '\n");
      ProcessBuilder builder =
          new ProcessBuilder("script", "-qec", String.join(" ", shell), "/dev/null")
              .directory(WORLD.home().toFile())
              .redirectErrorStream(true);
      builder.environment().clear();
      builder.environment().putAll(WORLD.environment());
      builder.environment().put("TERM", "dumb");
      Process process = builder.start();
      StringWriter screen = new StringWriter();
      Thread reader = new Thread(() -> read(process, screen), "completion-screen");
      reader.setDaemon(true);
      reader.start();
      Terminal terminal = new Terminal(process, screen);
      terminal.type(". '" + rc + "'\n");
      terminal.awaits("ready> ");
      return terminal;
    }

    void completes(String keys, String line) throws IOException {
      screen.getBuffer().setLength(0);
      type(keys + TAB);
      awaits(line);
      type(DISCARD_LINE);
    }

    private void type(String keys) throws IOException {
      process.getOutputStream().write(keys.getBytes(StandardCharsets.UTF_8));
      process.getOutputStream().flush();
    }

    private void awaits(String text) {
      try {
        Eventually.eventually("the terminal shows " + text, () -> screen.toString().contains(text));
      } catch (AssertionError e) {
        throw new AssertionError(e.getMessage() + "; it shows " + screen, e);
      }
    }

    private static void read(Process process, StringWriter screen) {
      try (Reader in = process.inputReader(StandardCharsets.UTF_8)) {
        for (int c = in.read(); c >= 0; c = in.read()) {
          screen.write(c);
        }
      } catch (IOException e) {
        // The shell has ended.
      }
    }

    @Override
    public void close() {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  private static boolean isInstalled(String program) {
    return Stream.of(System.getenv("PATH").split(":"))
        .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
  }
}
