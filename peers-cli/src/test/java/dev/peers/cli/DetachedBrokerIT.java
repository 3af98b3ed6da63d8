package dev.peers.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peers.tck.Eventually;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The broker's process among others: who it belongs to, and what is told when it is stopped. */
class DetachedBrokerIT {
  private final World world = new World();

  @AfterEach
  void end() {
    world.close();
  }

  @Test
  void theBrokerIsNoDescendantOfWhatStartedItAndHasASessionOfItsOwn() throws IOException {
    RawSession eel = world.join("eel");

    long broker = world.brokerPid().orElseThrow();

    assertThat(eel.process().descendants().map(ProcessHandle::pid)).doesNotContain(broker);
    assertThat(ProcessHandle.current().descendants().map(ProcessHandle::pid))
        .doesNotContain(broker);
    String[] stat = stat(broker);
    // Its process group, and its session.
    assertThat(List.of(stat[2], stat[3])).containsOnly(Long.toString(broker));
  }

  @Test
  void theBrokerOutlivesAnAgentThatIsKilledWithAllThatCameOfIt() throws Exception {
    // An agent in a process group of its own, with its server as a child.
    RawSession eel =
        world.start(
            List.of(
                "setsid",
                "--wait",
                "/bin/sh",
                "-c",
                "\"$0\"; exit $?",
                world.executable("peers-mcp").toString()),
            world.directory("eel"),
            Map.of());
    eel.initialize();
    long broker = world.brokerPid().orElseThrow();
    List<ProcessHandle> tree = eel.process().descendants().toList();
    assertThat(tree).isNotEmpty();
    String group = stat(tree.get(tree.size() - 1).pid())[2];

    tree.forEach(ProcessHandle::destroyForcibly);
    new ProcessBuilder("kill", "-KILL", "--", "-" + group).start().waitFor();
    eel.process().destroyForcibly().waitFor();

    RawSession owl = world.join("owl");
    assertThat(owl.id()).startsWith("owl-");
    assertThat(world.brokerPid()).contains(broker);
  }

  @Test
  void sessionsAndCommandsSayThatTheBrokerIsStopped() throws Exception {
    RawSession eel = world.join("eel");
    String eelId = eel.id();
    long broker = world.brokerPid().orElseThrow();
    String[] sentence = {
      "process " + broker + ", is stopped", "'kill -CONT " + broker + "'", "'kill -KILL " + broker
    };
    signal("STOP", broker);
    try {
      JsonNode answer = eel.ask("tools/call", Map.of("name", "whoami", "arguments", Map.of()));
      assertThat(answer.at("/error/message").asText()).contains(sentence);

      RawSession owl = world.start(world.directory("owl"), Map.of());
      JsonNode refused = owl.initializeOnly("2025-11-25");
      assertThat(refused.at("/error/message").asText()).contains(sentence);

      World.Result command = world.peers("peers");
      assertThat(command.code()).isEqualTo(1);
      assertThat(command.err()).contains(sentence);
    } finally {
      signal("CONT", broker);
    }

    assertThat(eel.id()).isEqualTo(eelId);
    assertThat(world.brokerPid()).contains(broker);
    // What was answered in the broker's place is not answered again.
    assertThat(
            eel.received().stream().filter(m -> m.has("id")).map(m -> m.get("id").asInt()).toList())
        .doesNotHaveDuplicates();
  }

  @Test
  void aStoppedBrokerIsToldThoughALotWaitsToBeWrittenToIt() throws Exception {
    RawSession eel = world.join("eel");
    long broker = world.brokerPid().orElseThrow();
    signal("STOP", broker);
    try {
      int last = 0;
      for (int i = 0; i < 60; i++) {
        last =
            eel.request(
                "tools/call",
                Map.of("name", "whoami", "arguments", Map.of("x", "x".repeat(30_000))));
      }
      int asked = last;
      JsonNode answer = eel.await("an answer", m -> m.path("id").asInt() == asked);
      assertThat(answer.at("/error/message").asText()).contains("is stopped");
    } finally {
      signal("CONT", broker);
    }
  }

  @Test
  void aBrokerThatIsKilledWhileItStartsIsFollowedByAnother() throws Exception {
    world.join("owl").close();
    world.killBroker();
    RawSession eel = world.start(world.directory("eel"), Map.of());
    int asked =
        eel.request(
            "initialize",
            Map.of(
                "protocolVersion",
                "2025-11-25",
                "capabilities",
                Map.of(),
                "clientInfo",
                Map.of("name", "test-agent", "version", "1")));
    Eventually.eventually("a broker is starting", () -> !world.starting().isEmpty());
    world.starting().forEach(ProcessHandle::destroyForcibly);

    assertThat(eel.await("the answer", m -> m.path("id").asInt() == asked).has("result")).isTrue();
  }

  /** The fields from the state on. */
  private static String[] stat(long pid) throws IOException {
    Path stat = Path.of("/proc/" + pid + "/stat");
    assumeTrue(Files.isReadable(stat));
    String text = Files.readString(stat);
    return text.substring(text.lastIndexOf(')') + 2).split(" ", -1);
  }

  private static void signal(String name, long pid) throws Exception {
    new ProcessBuilder("kill", "-" + name, Long.toString(pid)).start().waitFor();
  }
}
