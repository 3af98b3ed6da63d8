package dev.peers.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The demonstration, from both kinds of installation. */
class DemoIT {
  private static final Pattern STARTED = Pattern.compile("has started in (.*)\\.\n");

  @Test
  void showsAMessageEachWayAndLeavesNothing() {
    try (World world = new World()) {
      world.with("CLAUDE_CODE_SESSION_ID", "the-users-own");

      World.Result result = world.peers("demo");

      assertThat(result.code()).as(result.err()).isZero();
      assertThat(result.out())
          .containsSubsequence(
              "Session api-server-",
              "Session web-app-",
              "web-app calls send_message",
              "api-server receives",
              "📨 Message from peer web-app-",
              "(web-app):\n    Which port",
              "api-server calls send_message",
              "web-app receives",
              "📨 Message from peer api-server-",
              "(api-server):\n    8080",
              "Both messages arrived");
      Matcher started = STARTED.matcher(result.out());
      assertThat(started.find()).isTrue();
      assertThat(Path.of(started.group(1)).getParent()).doesNotExist();
      assertThat(world.file(".claude-peers.db")).doesNotExist();
    }
  }

  @Test
  void worksFromTheSingleJarAndPrintsItsEventsAsJson() throws IOException {
    try (World world = new World()) {
      String java = Path.of(System.getProperty("peers.java.home"), "bin", "java").toString();
      String jar = World.copyJar(world.directory("alone")).toString();

      World.Result result =
          world.run(
              List.of(java, "-cp", jar, "dev.peers.cli.Main", "demo", "--json"), world.home(), "");

      assertThat(result.code()).as(result.err()).isZero();
      List<JsonNode> events = result.out().lines().map(DemoIT::parse).toList();
      assertThat(events)
          .extracting(event -> event.get("event").asText())
          .containsExactly(
              "broker",
              "joined",
              "joined",
              "listed",
              "sent",
              "received",
              "sent",
              "received",
              "done");
      String cwd = events.get(1).get("cwd").asText();
      assertThat(Path.of(cwd).getParent()).doesNotExist();
    }
  }

  private static JsonNode parse(String line) {
    try {
      return World.JSON.readTree(line);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
