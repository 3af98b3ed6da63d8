package dev.peers.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peers.local.BrokerInfo;
import dev.peers.tck.Eventually;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a broker's death, age, or trouble with its files means to those who use it. */
class HealingIT {
  private final World world = new World();

  @AfterEach
  void end() {
    world.close();
  }

  @Test
  void callsUnderWayWhenTheBrokerIsKilledAreAnsweredOnceEach() {
    RawSession eel = world.join("eel");
    RawSession crab = world.join("crab", Map.of("CLAUDE_PEERS_CHANNEL", "off"));
    String crabId = crab.id();
    Set<Integer> asked = new HashSet<>();
    for (int i = 0; i < 40; i++) {
      Map<String, ?> arguments = Map.of("targetPeerId", crabId, "message", "number " + i);
      asked.add(eel.request("tools/call", Map.of("name", "send_message", "arguments", arguments)));
      if (i == 20) {
        world.killBroker();
      }
    }

    for (int id : asked) {
      JsonNode answer = eel.await("the answer to " + id, m -> m.path("id").asInt(-1) == id);
      assertThat(answer.at("/result/structuredContent/success").asBoolean())
          .as(answer.toString())
          .isTrue();
    }
    assertThat(eel.received()).filteredOn(m -> asked.contains(m.path("id").asInt())).hasSize(40);
    List<String> texts = new ArrayList<>();
    JsonNode messages;
    do {
      messages = crab.call("check_messages", Map.of()).get("messages");
      messages.forEach(message -> texts.add(message.get("message").asText()));
    } while (!messages.isEmpty());
    assertThat(texts).hasSize(40).doesNotHaveDuplicates();
  }

  @Test
  void aPushedMessageIsNotPushedAgainWhenTheBrokerIsReplaced() {
    RawSession eel = world.join("eel");
    RawSession crab = world.join("crab");
    String crabId = crab.id();
    eel.call("send_message", Map.of("targetPeerId", crabId, "message", "once"));
    crab.awaitPush("once");

    world.killBroker();
    eel.call("send_message", Map.of("targetPeerId", crabId, "message", "and on"));

    crab.awaitPush("and on");
    assertThat(crab.pushes()).hasSize(2);
  }

  @Test
  void anOlderBrokerMakesRoomAndANewerOneStays() {
    Path old = world.directory("old");
    List<String> oldCommand = CopiedInstallation.in(old, "0.0.1").relay();
    RawSession veteran = world.start(oldCommand, world.directory("veteran"), Map.of());
    veteran.initialize();
    String veteranId = veteran.id();
    assertThat(version()).isEqualTo("0.0.1");
    long oldBroker = world.brokerPid().orElseThrow();

    RawSession modern = world.join("modern", Map.of("CLAUDE_PEERS_CHANNEL", "off"));

    assertThat(version()).isNotEqualTo("0.0.1");
    long newBroker = world.brokerPid().orElseThrow();
    assertThat(newBroker).isNotEqualTo(oldBroker);
    assertThat(veteran.id()).isEqualTo(veteranId);
    veteran.call("send_message", Map.of("targetPeerId", modern.id(), "message", "Still here"));
    assertThat(modern.call("check_messages", Map.of()).at("/messages/0/from").asText())
        .isEqualTo(veteranId);
    // The next old one takes the broker as it finds it.
    RawSession another = world.start(oldCommand, world.directory("another"), Map.of());
    another.initialize();
    assertThat(another.id()).startsWith("another-");
    assertThat(world.brokerPid()).contains(newBroker);
  }

  @Test
  void filesThatWereRemovedLockNobodyOut() throws IOException {
    RawSession eel = world.join("eel");
    String eelId = eel.id();
    Files.delete(world.file(".claude-peers.sock"));
    assertThat(world.peers("peers").out()).contains(eelId);
    RawSession crab = world.join("crab");
    assertThat(crab.call("list_peers", Map.of("scope", "machine")).at("/peers/0/id").asText())
        .isEqualTo(eelId);
    assertThat(world.log()).contains("was removed and made again");

    Path token = world.file(".claude-peers.token");
    String before = Files.readString(token);
    Files.delete(token);
    Eventually.eventually("the token is there again", () -> Files.exists(token));
    assertThat(token).hasContent(before);

    long pid = world.brokerPid().orElseThrow();
    Files.delete(world.file(".claude-peers.lock"));
    Eventually.eventually(
        "another broker has taken over",
        () -> world.brokerPid().filter(now -> now != pid).isPresent());
    assertThat(eel.id()).isEqualTo(eelId);
  }

  @Test
  void theSocketIsFoundThoughTheEnvironmentHasChanged() {
    Path deep = world.directory("d".repeat(100)).resolve("peers.db");
    world.with("CLAUDE_PEERS_DB", deep.toString());
    world.with("XDG_RUNTIME_DIR", world.directory("run").toString());
    RawSession eel = world.join("eel");
    world.with("XDG_RUNTIME_DIR", world.directory("other").toString());

    RawSession crab = world.join("crab");

    assertThat(crab.call("list_peers", Map.of("scope", "machine")).at("/peers/0/id").asText())
        .isEqualTo(eel.id());
  }

  @Test
  void sessionsThatShareASessionIdKeepTheirOwnOverABrokersDeath() {
    Map<String, String> shared = Map.of("CLAUDE_CODE_SESSION_ID", "resumed twice");
    RawSession one = world.join("eel", shared);
    RawSession two = world.joinByAnotherAgent("eel", shared);
    String first = one.id();
    String second = two.id();
    assertThat(first).isNotEqualTo(second);

    for (int i = 0; i < 2; i++) {
      world.killBroker();
      assertThat(two.id()).isEqualTo(second);
      assertThat(one.id()).isEqualTo(first);
    }
  }

  @Test
  void aDeletedDatabaseIsWrittenAgainWithAllItHeld() throws IOException {
    RawSession eel = world.join("eel");
    RawSession crab = world.join("crab", Map.of("CLAUDE_PEERS_CHANNEL", "off"));
    String crabId = crab.id();
    eel.call("send_message", Map.of("targetPeerId", crabId, "message", "before"));
    for (String side : new String[] {"", "-wal", "-shm"}) {
      Files.delete(world.file(".claude-peers.db" + side));
    }
    eel.call("send_message", Map.of("targetPeerId", crabId, "message", "after"));

    world.killBroker();

    assertThat(crab.call("check_messages", Map.of()).get("messages").findValuesAsText("message"))
        .containsExactly("before", "after");
    assertThat(crab.id()).isEqualTo(crabId);
    assertThat(world.log()).contains("was deleted while the broker used it");
  }

  @Test
  void aCorruptDatabaseIsPutAsideAndReported() throws IOException {
    world.join("eel").close();
    world.peers("kill-broker");
    Files.writeString(world.file(".claude-peers.db"), "no database at all ".repeat(500));

    RawSession eel = world.join("eel");

    assertThat(eel.id()).startsWith("eel-");
    assertThat(world.log()).contains("is not a usable database", "it was moved to");
    try (Stream<Path> files = Files.list(world.home())) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .anyMatch(name -> name.startsWith(".claude-peers.db.corrupt-"));
    }
  }

  @Test
  void aFileThatIsNotOursIsRefusedAndLeftAlone() throws IOException {
    Path notes = world.file("notes.txt");
    Files.writeString(notes, "buy milk\n".repeat(1_000));
    world.with("CLAUDE_PEERS_DB", notes.toString());

    World.Result result = world.peers("peers");

    assertThat(result.code()).isEqualTo(2);
    assertThat(result.out()).isEmpty();
    assertThat(result.err())
        .contains(notes.toString(), "is not a database", "left as it is", "CLAUDE_PEERS_DB");
    assertThat(notes).hasContent("buy milk\n".repeat(1_000));
  }

  @Test
  void aFullDiskIsToldAndLosesNothingThatWasAcknowledged() throws Exception {
    world.with("CLAUDE_PEERS_MAX_RATE", "0");
    // A limit on the size of files does what a full disk does.
    String limited = "ulimit -f 4000; exec \"$0\" broker --json";
    ProcessBuilder builder =
        new ProcessBuilder("bash", "-c", limited, world.executable("peers").toString());
    builder.environment().clear();
    builder.environment().putAll(world.environment());
    builder.redirectError(ProcessBuilder.Redirect.DISCARD);
    Process broker = builder.start();
    assertThat(broker.inputReader(StandardCharsets.UTF_8).readLine()).contains("\"address\"");
    RawSession eel = world.join("eel");
    RawSession crab = world.join("crab", Map.of("CLAUDE_PEERS_CHANNEL", "off"));
    String crabId = crab.id();
    int acknowledged = 0;
    JsonNode result;
    do {
      result =
          eel.callForResult(
              "send_message",
              Map.of("targetPeerId", crabId, "message", acknowledged + " " + "x".repeat(60_000)));
      acknowledged += result.path("isError").asBoolean() ? 0 : 1;
    } while (!result.path("isError").asBoolean() && acknowledged < 500);

    assertThat(result.path("isError").asBoolean()).isTrue();
    assertThat(result.at("/content/0/text").asText())
        .startsWith("the database ")
        .contains("Check the disk's space");
    assertThat(eel.call("whoami", Map.of()).get("id").asText()).startsWith("eel-");
    // What is there can be read, though neither offers nor proofs can be written.
    JsonNode early = crab.call("check_messages", Map.of()).get("messages");
    assertThat(early.at("/0/message").asText()).startsWith("0 ");
    assertThat(world.peers("log", "-n", "1").out()).contains(" xxxxx");
    assertThat(world.peers("status").code()).isZero();
    world.peers("kill-broker");
    broker.waitFor();

    // With room again, everything that was acknowledged is there.
    Set<String> numbers = new HashSet<>();
    JsonNode messages;
    do {
      messages = crab.call("check_messages", Map.of()).get("messages");
      messages.forEach(m -> numbers.add(m.get("message").asText().split(" ", 2)[0]));
    } while (!messages.isEmpty());
    for (int i = 0; i < acknowledged; i++) {
      assertThat(numbers).contains(Integer.toString(i));
    }
  }

  @Test
  void thousandsOfUnreadMessagesComeInBoundedBatchesOldestFirst() {
    world.with("CLAUDE_PEERS_MAX_RATE", "0").with("CLAUDE_PEERS_MAX_UNREAD", "0");
    RawSession eel = world.join("eel");
    Map<String, String> identity =
        Map.of("CLAUDE_CODE_SESSION_ID", "the-crab", "CLAUDE_PEERS_CHANNEL", "off");
    RawSession crab = world.join("crab", identity);
    String crabId = crab.id();
    crab.close();
    int count = 2_000;
    for (int i = 0; i < count; i++) {
      if (i % 100 == 99) {
        // So long as answers come, it may take its time.
        eel.id();
      }
      eel.request(
          "tools/call",
          Map.of(
              "name",
              "send_message",
              "arguments",
              Map.of("targetPeerId", crabId, "message", Integer.toString(i))));
    }
    eel.id();

    RawSession again = world.join("crab", identity);
    int next = 0;
    while (next < count) {
      JsonNode result = again.call("check_messages", Map.of());
      assertThat(result.get("messages").size()).isBetween(1, 25);
      for (JsonNode message : result.get("messages")) {
        assertThat(message.get("message").asText()).isEqualTo(Integer.toString(next++));
      }
      if (next < count) {
        assertThat(result.get("message").asText())
            .isEqualTo((count - next) + " more are waiting: call check_messages again.");
      }
    }
  }

  private String version() {
    return BrokerInfo.read(world.files().lock()).orElseThrow().version();
  }
}
