package dev.peers.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peers.tck.Eventually;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a session that has said nothing of itself is listed with. */
class SummariesIT {
  private static final long GIVEN_UP = TimeUnit.SECONDS.toNanos(2);

  private final World world = new World().with("GIT_CONFIG_GLOBAL", "/dev/null");

  @AfterEach
  void end() {
    world.close();
  }

  @Test
  void sumsASessionUpUntilItSpeaksForItself() throws Exception {
    world.with("CLAUDE_PEERS_SUMMARIZER", "auto");
    Path harbour = repository("harbour");
    RawSession eel = world.start(harbour, Map.of());
    eel.initialize();
    RawSession crab = world.join("crab");

    Eventually.eventually("eel has a summary", () -> !listedBy(crab, eel).path("summary").isNull());
    JsonNode automatic = listedBy(crab, eel);
    assertThat(automatic.path("summary").asText())
        .isEqualTo(
            "On branch lexer of harbour, a Maven project."
                + " Last commit: Tokenise strings; changing pom.xml.");
    assertThat(automatic.path("summarySource").asText()).isEqualTo("automatic");
    assertThat(automatic.path("summaryUpdatedAt").asText())
        .matches("\\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z");
    assertThat(eel.call("whoami", Map.of()).path("summarySource").asText()).isEqualTo("automatic");

    eel.call("set_summary", Map.of("summary", "Mending nets."));

    JsonNode manual = listedBy(crab, eel);
    assertThat(manual.path("summary").asText()).isEqualTo("Mending nets.");
    assertThat(manual.path("summarySource").asText()).isEqualTo("manual");
  }

  @Test
  void anAgentsOwnSummaryStaysWhenItComesBack() throws Exception {
    world.with("CLAUDE_PEERS_SUMMARIZER", "git");
    Map<String, String> session = Map.of("CLAUDE_CODE_SESSION_ID", "session-of-eel");
    Path harbour = repository("harbour");
    RawSession eel = world.start(harbour, session);
    eel.initialize();
    eel.call("set_summary", Map.of("summary", "Mending nets."));
    eel.close();

    RawSession again = world.start(harbour, session);
    again.initialize();
    RawSession crab = world.start(repository("crab"), Map.of());
    crab.initialize();
    // Summaries are written one after the other, and crab's is the later.
    Eventually.eventually(
        "crab has a summary", () -> !listedBy(again, crab).path("summary").isNull());

    JsonNode listed = listedBy(crab, again);
    assertThat(listed.path("summary").asText()).isEqualTo("Mending nets.");
    assertThat(listed.path("summarySource").asText()).isEqualTo("manual");
  }

  @Test
  void writesNothingWhereItIsOff() throws Exception {
    world.with("CLAUDE_PEERS_SUMMARIZER", "off");
    RawSession eel = world.start(repository("harbour"), Map.of());
    eel.initialize();
    RawSession crab = world.join("crab");
    long start = System.nanoTime();
    // Four times as long as it takes to be asked for a summary.
    Eventually.eventually(
        "a second has passed",
        () -> {
          JsonNode listed = listedBy(crab, eel);
          for (String field : List.of("summary", "summarySource", "summaryUpdatedAt")) {
            assertThat(listed.path(field).isNull()).as(field).isTrue();
          }
          return System.nanoTime() - start > 1_000_000_000L;
        });
  }

  @Test
  void aGitThatHangsHoldsNobodyUp() throws Exception {
    Path repository = repository("harbour");
    Path started = world.file("git-started");
    Path git = world.directory("bin").resolve("git");
    // It would wait for ever.
    Files.writeString(git, "#!/bin/sh\necho $$ >'" + started + "'\nwhile :; do sleep 0.1; done\n");
    git.toFile().setExecutable(true);
    world.with("PATH", git.getParent() + ":" + world.environment().get("PATH"));
    world.with("CLAUDE_PEERS_SUMMARIZER", "git");

    RawSession eel = world.start(repository, Map.of());
    long begun = System.nanoTime();
    eel.initialize();
    JsonNode self = eel.call("whoami", Map.of());

    // Whatever waits for git would have waited until it was given up, which is after two seconds.
    assertThat(!Files.exists(started) || runs(started) || System.nanoTime() - begun > GIVEN_UP)
        .isTrue();
    assertThat(self.path("gitBranch").asText()).isEqualTo("lexer");
    Eventually.eventually("git was asked", () -> Files.exists(started));
    Eventually.eventually("git was given up", () -> !runs(started));
    Eventually.eventually(
        "there is a summary without git's help",
        () ->
            eel.call("whoami", Map.of())
                .path("summary")
                .asText()
                .startsWith("On branch lexer of harbour"));
  }

  private static boolean runs(Path pid) {
    try {
      String text = Files.readString(pid).strip();
      return text.isEmpty() || ProcessHandle.of(Long.parseLong(text)).isPresent();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void namesTheSummarizersThatThereAre() {
    World.Result result = world.with("CLAUDE_PEERS_SUMMARIZER", "oracle").peers("broker");

    assertThat(result.code()).isEqualTo(2);
    assertThat(result.err())
        .startsWith("peers: CLAUDE_PEERS_SUMMARIZER is 'oracle'; expected one of: auto, off, git");
  }

  private static JsonNode listedBy(RawSession lister, RawSession other) {
    for (JsonNode peer : lister.call("list_peers", Map.of("scope", "machine")).get("peers")) {
      if (peer.get("id").asText().equals(other.id())) {
        return peer;
      }
    }
    throw new AssertionError("not listed: " + other.id());
  }

  private Path repository(String name) throws Exception {
    Path directory = world.directory(name);
    Files.writeString(directory.resolve("pom.xml"), "<project/>");
    git(directory, "init", "-q", "-b", "lexer");
    git(directory, "add", "pom.xml");
    git(
        directory,
        "-c",
        "user.name=t",
        "-c",
        "user.email=t@localhost",
        "commit",
        "-q",
        "-m",
        "Tokenise strings");
    Files.writeString(directory.resolve("pom.xml"), "<project></project>");
    return directory;
  }

  private void git(Path directory, String... arguments) {
    List<String> command = new ArrayList<>(List.of("git"));
    command.addAll(List.of(arguments));
    World.Result result = world.run(command, directory, "");
    assertThat(result.code()).as(result.err()).isZero();
  }
}
