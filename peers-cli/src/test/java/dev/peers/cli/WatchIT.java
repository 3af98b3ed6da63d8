package dev.peers.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peers.cli.shell.DisplayWidth;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code peers watch} and {@code peers status}, on a terminal and elsewhere. */
@Timeout(value = 90, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class WatchIT {
  private static final String ENTER = "\u001b[?1049h";
  private static final String LEAVE = "\u001b[?25h\u001b[?1049l";

  private final World world = new World().with("TERM", "xterm");
  private Process process;
  private Reader output;

  @BeforeEach
  void start() {
    world.with("CLAUDE_PEERS_CHANNEL", "off");
  }

  @AfterEach
  void end() throws InterruptedException {
    if (process != null) {
      process.descendants().forEach(ProcessHandle::destroy);
      process.destroy();
      process.waitFor();
    }
    world.close();
  }

  @Test
  void tellsProgramsOfEveryChange() throws Exception {
    RawSession eel = world.join("eel");
    run(List.of(peers(), "watch", "--json", "--interval", "0.1"));

    JsonNode first = await(line -> line.at("/peers/0/id").asText().equals(eel.id()));
    assertThat(first.get("status").asText()).isEqualTo("ok");
    assertThat(first.get("pid").asLong()).isEqualTo(world.brokerPid().orElseThrow());
    RawSession crab = world.join("crab");
    await(line -> line.path("active_peers").asInt() == 2);
    eel.call("send_message", Map.of("targetPeerId", crab.id(), "message", "Aye"));
    await(line -> line.at("/messages/0/text").asText().equals("Aye"));
    crab.call("check_messages", Map.of());
    await(line -> line.at("/messages/0/state").asText().equals("delivered"));
    long pid = world.brokerPid().orElseThrow();
    world.killBroker();
    await(line -> line.has("pid") && line.get("pid").asLong() != pid);
  }

  @Test
  void waitsForABrokerAndStartsNone() throws Exception {
    run(List.of(peers(), "watch", "--json", "--interval", "0.1"));

    assertThat(await(line -> true).get("status").asText()).isEqualTo("down");
    assertThat(world.brokerPid()).isEmpty();
    RawSession eel = world.join("eel");
    await(line -> line.at("/peers/0/id").asText().equals(eel.id()));
  }

  @Test
  void printsItAgainAndAgainIntoAPipe() throws Exception {
    RawSession eel = world.join("eel");
    eel.call("send_message", Map.of("targetPeerId", "operator", "message", "one\u001b[2J"));
    run(List.of(peers(), "watch", "--interval", "0.1"));

    String twice = readUntil("  one\uFFFD[2J", "broker    running", "  one\uFFFD[2J");
    assertThat(twice).contains(eel.id()).doesNotContain("\u001b");
  }

  @Test
  void drawsOnATerminalAndGivesItBackAtTheEnd() throws Exception {
    RawSession eel = world.join("eel");
    eel.call("set_summary", Map.of("summary", "Mending\u001b[31m nets. ".repeat(20)));
    onTerminal(60, "watch --interval 0.1");

    String drawn = readUntil(ENTER, eel.id(), "Mending");
    assertThat(drawn).doesNotContain("\u001b[31m");
    eel.call("send_message", Map.of("targetPeerId", "operator", "message", "Aye"));
    readUntil(eel.id() + " to operator, queued", "  Aye");
    world.killBroker();
    readUntil("restarted");
    type("q");
    readUntil(LEAVE, "ended with 0, as it was");
  }

  @Test
  void givesTheTerminalBackWhenItIsTerminated() throws Exception {
    onTerminal(80, "watch --interval 0.1");
    readUntil(ENTER, "not there, waiting for it: no broker is running");

    ProcessHandle java =
        process
            .descendants()
            .filter(each -> each.info().command().orElse("").endsWith("java"))
            .findFirst()
            .orElseThrow();
    java.destroy();

    readUntil(LEAVE, "ended with 143, as it was");
  }

  @Test
  void statusFitsTheTerminal() throws Exception {
    RawSession eel = world.join("eel");
    eel.call("set_summary", Map.of("summary", "Mending nets. ".repeat(20)));
    onTerminal(40, "status");

    String all = readUntil(eel.id(), "Mending", "…", "ended with 0");
    assertThat(all.lines().filter(line -> line.contains("SUMMARY") || line.contains("Mending")))
        .hasSize(2)
        .allMatch(line -> DisplayWidth.width(line) <= 40);
    assertThat(world.peers("status").out()).contains("Mending nets. ".repeat(20).strip());
  }

  @Test
  void anIntervalThatMakesNoSenseIsRefused() {
    for (String interval : List.of("0", "-1", "NaN", "soon", "1e9")) {
      assertThat(world.peers("watch", "--interval", interval).code()).as(interval).isEqualTo(2);
    }
  }

  private String peers() {
    return world.executable("peers").toString();
  }

  /** Runs a command on a terminal of this width, and tells whether its settings stayed. */
  private void onTerminal(int columns, String command) throws IOException {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/script")), "script, of util-linux, is missing");
    world.with("PEERS", peers());
    run(
        List.of(
            "/usr/bin/script",
            "-qfc",
            "stty rows 24 cols "
                + columns
                + "; before=$(stty -g); \"$PEERS\" "
                + command
                + "; echo \"ended with $?, $([ \"$before\" = \"$(stty -g)\" ] && echo as it was)\"",
            "/dev/null"));
  }

  private void run(List<String> command) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command).directory(world.home().toFile());
    builder.environment().clear();
    builder.environment().putAll(world.environment());
    builder.redirectError(ProcessBuilder.Redirect.DISCARD);
    process = builder.start();
    output = process.inputReader(StandardCharsets.UTF_8);
  }

  private void type(String keys) throws IOException {
    process.getOutputStream().write(keys.getBytes(StandardCharsets.UTF_8));
    process.getOutputStream().flush();
  }

  /** Reads until all of these have come, one after the other, and returns what came. */
  private String readUntil(String... parts) throws IOException {
    StringBuilder all = new StringBuilder();
    int from = 0;
    for (String part : parts) {
      int found;
      while ((found = all.indexOf(part, from)) < 0) {
        int c = output.read();
        assertThat(c).as("'%s' did not come after %s", part, all).isNotNegative();
        all.append((char) c);
      }
      from = found + part.length();
    }
    return all.toString();
  }

  private JsonNode await(Predicate<JsonNode> wanted) throws IOException {
    while (true) {
      StringBuilder line = new StringBuilder();
      for (int c = output.read(); c != '\n'; c = output.read()) {
        assertThat(c).as("what was awaited did not come").isNotNegative();
        line.append((char) c);
      }
      JsonNode json = World.JSON.readTree(line.toString());
      if (wanted.test(json)) {
        return json;
      }
    }
  }
}
