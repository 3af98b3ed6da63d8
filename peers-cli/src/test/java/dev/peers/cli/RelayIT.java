package dev.peers.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peers.tck.Eventually;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How the process that an agent starts behaves when it begins, ends, and is treated badly. */
class RelayIT {
  private final World world = new World();

  @AfterEach
  void end() {
    world.close();
  }

  @Test
  void theServerThatAnAgentStartsAnewIsItsSession() {
    Map<String, String> shared = Map.of("CLAUDE_CODE_SESSION_ID", "reconnected");
    RawSession eel = world.join("eel");
    RawSession former = world.join("owl", shared);
    String id = former.id();

    RawSession owl = world.join("owl", shared);

    assertThat(owl.id()).isEqualTo(id);
    assertReplaced(former);
    // Whichever of the two finds the next broker first.
    world.killBroker();
    assertThat(owl.id()).isEqualTo(id);
    assertReplaced(former);
    eel.call("send_message", Map.of("targetPeerId", id, "message", "for the newest"));
    owl.awaitPush("for the newest");
    assertThat(former.pushes()).isEmpty();
    assertThat(world.peers("status", "--json").json().get("peers")).hasSize(2);
    former.endInput();
    Eventually.eventually("the replaced one ends", () -> !former.process().isAlive());
    assertThat(owl.id()).isEqualTo(id);
  }

  @Test
  void theServerThatAnAgentStartsAnewWhileThereIsNoBrokerIsItsSession() throws IOException {
    Map<String, String> shared = Map.of("CLAUDE_CODE_SESSION_ID", "reconnected");
    RawSession former = world.join("owl", shared);
    String id = former.id();
    suspend(former, true);
    world.killBroker();

    RawSession owl = world.join("owl", shared);

    assertThat(owl.id()).isEqualTo(id);
    suspend(former, false);
    assertReplaced(former);
    assertThat(owl.id()).isEqualTo(id);
  }

  @Test
  void anIdThatIsUsedAgainIsAnotherCall() {
    RawSession eel = world.join("eel");
    RawSession owl = world.join("owl", Map.of("CLAUDE_PEERS_CHANNEL", "off"));
    String call =
        "{\"jsonrpc\":\"2.0\",\"id\":\"again\",\"method\":\"tools/call\",\"params\":{\"name\":\"send_message\","
            + "\"arguments\":{\"targetPeerId\":\""
            + owl.id()
            + "\",\"message\":\"twice\"}}}";
    for (int n = 1; n <= 2; n++) {
      int answers = n;
      eel.say(call);
      Eventually.eventually(
          "it is answered",
          () ->
              eel.received().stream().filter(m -> m.path("id").asText().equals("again")).count()
                  == answers);
    }
    assertThat(owl.call("check_messages", Map.of()).get("messages")).hasSize(2);
  }

  @Test
  void aSessionThatNeverDidAnythingLeavesNothing() {
    RawSession eel = world.join("eel");
    String id = eel.id();
    RawSession owl = world.join("owl");
    List<String> both = known();
    assertThat(both).hasSize(2).contains(id);
    RawSession probe = world.join("probe");
    probe.ask("tools/list", Map.of());
    probe.close();
    Eventually.eventually("the probe is forgotten", () -> known().equals(both));

    // A broker that ends is no end of theirs.
    assertThat(world.peers("kill-broker").code()).isZero();
    assertThat(eel.id()).isEqualTo(id);
    owl.ask("tools/list", Map.of());
    Eventually.eventually("both are there again", () -> known().equals(both));
    eel.close();
    Eventually.eventually("it has left", () -> active() == 1);
    assertThat(known()).isEqualTo(both);
    assertThat(world.peers("forget", owl.id()).err()).contains("is active");
    World.Result forgotten = world.peers("forget", id, "--json");
    assertThat(forgotten.code()).isZero();
    assertThat(forgotten.json().get("id").asText()).isEqualTo(id);
    World.Result unknown = world.peers("forget", id);
    assertThat(unknown.code()).isEqualTo(1);
    assertThat(unknown.err()).contains("no peer is called '" + id + "'");
    assertThat(known()).hasSize(1);
  }

  private List<String> known() {
    return world.peers("status", "--json").json().get("peers").findValuesAsText("id").stream()
        .sorted()
        .toList();
  }

  private long active() {
    return world.peers("status", "--json").json().get("active_peers").asLong();
  }

  private static void assertReplaced(RawSession former) {
    Eventually.eventually(
        "it knows that it is replaced",
        () ->
            former
                .callForResult("whoami", Map.of())
                .at("/content/0/text")
                .asText()
                .contains("this server was replaced"));
    assertThat(former.call("hook_mail", Map.of("event", "UserPromptSubmit"))).isEmpty();
    assertThat(former.ask("ping", Map.of()).has("result")).isTrue();
    assertThat(former.ask("tools/list", Map.of()).at("/error/message").asText())
        .contains("this server was replaced");
  }

  private static void suspend(RawSession session, boolean stop) throws IOException {
    new ProcessBuilder("kill", stop ? "-STOP" : "-CONT", Long.toString(session.process().pid()))
        .start()
        .onExit()
        .join();
  }

  @Test
  void tenAtOnceOnABareMachineEndWithOneBrokerAndTenPeers() {
    List<CompletableFuture<RawSession>> starting =
        IntStream.range(0, 10)
            .mapToObj(i -> CompletableFuture.supplyAsync(() -> world.join("dir" + i)))
            .toList();
    List<RawSession> sessions = starting.stream().map(CompletableFuture::join).toList();

    Set<String> ids = new HashSet<>();
    for (RawSession session : sessions) {
      ids.add(session.id());
      assertThat(session.call("list_peers", Map.of("scope", "machine")).get("peers")).hasSize(9);
    }
    assertThat(ids).hasSize(10);
    assertThat(world.log().lines().filter(line -> line.contains(" serves "))).hasSize(1);
    assertThat(world.log().lines()).allMatch(line -> line.contains(" INFO "));
  }

  @Test
  void theNextCallAfterKillBrokerWorksAgain() {
    RawSession eel = world.join("eel");
    RawSession crab = world.join("crab");
    String eelId = eel.id();
    String crabId = crab.id();
    long first = world.brokerPid().orElseThrow();

    World.Result killed = world.peers("kill-broker");

    assertThat(killed.code()).isZero();
    assertThat(killed.out()).contains("process " + first + ", has stopped");
    assertThat(eel.id()).isEqualTo(eelId);
    eel.call("send_message", Map.of("targetPeerId", crabId, "message", "Still there?"));
    assertThat(crab.awaitPush("Still there?").at("/meta/from_id").asText()).isEqualTo(eelId);
    assertThat(world.brokerPid().orElseThrow()).isNotEqualTo(first);
    // The agent has heard one answer to initialize, not two.
    assertThat(eel.received()).filteredOn(m -> m.at("/result/serverInfo").isObject()).hasSize(1);
  }

  @Test
  void anAcknowledgedMessageOutlivesAKilledBroker() {
    RawSession eel = world.join("eel");
    RawSession crab = world.join("crab", Map.of("CLAUDE_PEERS_CHANNEL", "off"));
    String crabId = crab.id();
    eel.call("send_message", Map.of("targetPeerId", crabId, "message", "Keep this"));

    world.killBroker();

    assertThat(crab.call("check_messages", Map.of()).at("/messages/0/message").asText())
        .isEqualTo("Keep this");
  }

  @Test
  void mailThatCouldNotBeWrittenToTheAgentIsNotDelivered() throws InterruptedException {
    RawSession eel = world.join("eel");
    Map<String, String> variables =
        Map.of("CLAUDE_CODE_SESSION_ID", "deaf", "CLAUDE_PEERS_CHANNEL", "off");
    // Its agent stops reading after two answers.
    RawSession deaf =
        world.start(
            List.of(
                "/bin/sh",
                "-c",
                "\"$0\" | for n in 1 2; do IFS= read -r line; printf '%s\\n' \"$line\"; done",
                world.executable("peers-mcp").toString()),
            world.directory("deaf"),
            variables);
    deaf.initialize();
    String deafId = deaf.id();
    JsonNode sent =
        eel.call("send_message", Map.of("targetPeerId", deafId, "message", "Do you hear me?"));

    deaf.request("tools/call", Map.of("name", "check_messages", "arguments", Map.of()));
    assertThat(deaf.process().waitFor(20, TimeUnit.SECONDS)).isTrue();
    Eventually.eventually(
        "the session has left",
        () -> eel.call("list_peers", Map.of("scope", "machine")).get("peers").isEmpty());

    assertThat(
            eel.call("message_status", Map.of("messageId", sent.get("messageId")))
                .get("state")
                .asText())
        .isNotEqualTo("delivered");
    RawSession again = world.join("deaf", variables);
    assertThat(again.call("check_messages", Map.of()).at("/messages/0/message").asText())
        .isEqualTo("Do you hear me?");
  }

  @Test
  void theSameSessionIsTheSamePeerAfterARestart() {
    RawSession eel = world.join("eel");
    RawSession crab = world.join("crab", Map.of("CLAUDE_CODE_SESSION_ID", "5f2b"));
    String crabId = crab.id();
    crab.close();
    Eventually.eventually(
        "the session has left",
        () -> eel.call("list_peers", Map.of("scope", "machine")).get("peers").isEmpty());
    JsonNode sent =
        eel.call("send_message", Map.of("targetPeerId", crabId, "message", "While you were out"));
    assertThat(sent.get("message").asText())
        .startsWith("Peer " + crabId + " is away since ")
        .endsWith("the message waits for it and expires after a week.");

    RawSession again = world.join("crab", Map.of("CLAUDE_CODE_SESSION_ID", "5f2b"));

    again.awaitPush("While you were out");
    assertThat(again.id()).isEqualTo(crabId);
  }

  @Test
  void leavesWithItsInput() throws InterruptedException {
    RawSession eel = world.join("eel");
    RawSession crab = world.join("crab");

    crab.endInput();

    assertThat(crab.process().waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(crab.process().exitValue()).isZero();
    Eventually.eventually(
        "the session has left",
        () -> eel.call("list_peers", Map.of("scope", "machine")).get("peers").isEmpty());
  }

  @Test
  void answersWhatItWasAskedBeforeItsInputEnds() {
    RawSession eel = world.join("eel");
    int asked = eel.request("tools/call", Map.of("name", "whoami", "arguments", Map.of()));

    eel.endInput();

    assertThat(eel.await("the last answer", m -> m.path("id").asInt() == asked).has("result"))
        .isTrue();
  }

  @Test
  void mailThatTheLastAnswerCarriesIsDelivered() {
    RawSession eel = world.join("eel");
    RawSession crab = world.join("crab", Map.of("CLAUDE_PEERS_CHANNEL", "off"));
    JsonNode sent =
        eel.call("send_message", Map.of("targetPeerId", crab.id(), "message", "last words"));
    int asked = crab.request("tools/call", Map.of("name", "check_messages", "arguments", Map.of()));

    crab.endInput();

    assertThat(crab.await("the last answer", m -> m.path("id").asInt() == asked).toString())
        .contains("last words");
    Eventually.eventually(
        "it is delivered",
        () ->
            eel.call("message_status", Map.of("messageId", sent.get("messageId")))
                .get("state")
                .asText()
                .equals("delivered"));
  }

  @Test
  void leavesOnASignal() throws InterruptedException {
    RawSession eel = world.join("eel");
    RawSession crab = world.join("crab");

    crab.process().destroy();

    assertThat(crab.process().waitFor(20, TimeUnit.SECONDS)).isTrue();
    Eventually.eventually(
        "the session has left",
        () -> eel.call("list_peers", Map.of("scope", "machine")).get("peers").isEmpty());
  }

  @Test
  void leavesThoughTheBrokerDoesNotListen() throws Exception {
    RawSession eel = world.join("eel");
    long broker = world.brokerPid().orElseThrow();
    world.signal(broker, "STOP");
    try {
      for (int i = 0; i < 30; i++) {
        eel.request(
            "tools/call", Map.of("name", "whoami", "arguments", Map.of("x", "x".repeat(30_000))));
      }
      eel.endInput();

      assertThat(eel.process().waitFor(20, TimeUnit.SECONDS)).isTrue();
    } finally {
      world.signal(broker, "CONT");
    }
  }

  @Test
  void answersALastLineWithoutAnEnd() {
    world.join("crab");
    RawSession session = world.start(world.directory("eel"), Map.of());
    session.sayUnfinished("{\"jsonrpc\":\"2.0\",\"id\":\"é\",\"method\":\"ping\"}");

    session.endInput();

    assertThat(session.await("the answer", m -> m.path("id").asText().equals("é")).has("result"))
        .isTrue();
  }

  @Test
  void theBrokerOutlivesTheSessionThatStartedIt() {
    world.join("eel").close();

    assertThat(world.peers("status").code()).isZero();
  }

  @Test
  void answersProbesForOtherProtocolsAtOnce() {
    RawSession session = world.start(world.directory("eel"), Map.of());

    assertThat(session.ask("server/discover", Map.of()).at("/error/code").asInt())
        .isEqualTo(-32601);
    assertThat(session.initializeOnly("2026-07-28").at("/result/protocolVersion").asText())
        .isEqualTo("2025-11-25");
    session.initialized();
    assertThat(session.ask("server/discover", Map.of()).at("/error/code").asInt())
        .isEqualTo(-32601);
    assertThat(session.ask("prompts/list", Map.of()).at("/error/code").asInt()).isEqualTo(-32601);
  }

  @Test
  void introducesItselfAsSpecified() {
    RawSession session = world.start(world.directory("eel"), Map.of());

    JsonNode result = session.initializeOnly("2025-11-25").get("result");

    assertThat(result.at("/serverInfo/name").asText()).isEqualTo("claude-peers");
    assertThat(result.get("capabilities").toString())
        .isEqualTo("{\"experimental\":{\"claude/channel\":{}},\"tools\":{\"listChanged\":false}}");
    String instructions = result.get("instructions").asText();
    assertThat(instructions.getBytes(java.nio.charset.StandardCharsets.UTF_8).length)
        .isLessThanOrEqualTo(2048);
    assertThat(instructions)
        .contains("eel-", "<channel source=\"claude-peers\"", "send_message", "SendMessage");
    assertThat(session.ask("tools/list", Map.of()).at("/result/tools").findValuesAsText("name"))
        .contains("list_peers", "send_message", "set_summary", "check_messages", "whoami");
  }

  @Test
  void getsOverNonsense() {
    RawSession session = world.join("eel");
    session.say("");
    session.say("   ");
    session.say("nonsense");
    session.say("[1, 2]");
    session.say("{}");
    session.say("{\"jsonrpc\":\"2.0\",\"id\":\"é\",\"method\":\"tools/call\",\"params\":7}");
    session.say("{\"jsonrpc\":\"2.0\",\"id\":77,\"method\":\"tools/call\",\"params\":{}}");
    session.say("{\"a\":".repeat(2000));
    session.say(
        "{\"jsonrpc\":\"2.0\",\"id\":78,\"method\":\"x\",\"params\":\""
            + "x".repeat(1_500_000)
            + "\"}");

    JsonNode tooLong = session.await("the refusal", m -> m.path("id").asInt() == 78);

    assertThat(tooLong.at("/error/message").asText()).contains("longer than 1048576 bytes");
    assertThat(session.await("an answer", m -> m.path("id").asInt() == 77).toString())
        .doesNotContain("Exception");
    assertThat(session.id()).startsWith("eel-");
    assertThat(session.received())
        .filteredOn(m -> m.at("/error/code").asInt() == -32700)
        .isNotEmpty();
  }

  @Test
  void namesTheSettingThatIsWrong() {
    world.with("CLAUDE_PEERS_PORT", "seventy");
    RawSession session = world.start(world.directory("eel"), Map.of());

    JsonNode answer = session.initializeOnly("2025-11-25");

    assertThat(answer.at("/error/message").asText())
        .contains(
            "could not start: CLAUDE_PEERS_PORT is 'seventy'; expected a whole number from 1 to"
                + " 65535");
  }

  @Test
  void worksFromAnInstallationWithAnOddPathInTheCLocale() throws IOException {
    Path installation = world.directory("Prögramme und so/peers");
    CopiedInstallation.in(installation);
    try (World odd = new World(installation)) {
      odd.with("LANG", "C");
      RawSession eel = odd.join("Straße der Aale");
      RawSession crab = odd.join("crab");

      assertThat(crab.call("list_peers", Map.of("scope", "machine")).at("/peers/0/cwd").asText())
          .isEqualTo(odd.directory("Straße der Aale").toString());
      World.Result sent = odd.peers("send", crab.id(), "Grüße");
      assertThat(sent.err()).isEmpty();
      crab.awaitPush("Grüße");
      assertThat(eel.id()).startsWith("stra");
      assertThat(odd.file(".claude-peers.db")).exists();
    }
  }

  @Test
  void worksAsASingleJar() throws IOException {
    Path jar = World.copyJar(world.directory("alone"));
    String java = Path.of(System.getProperty("peers.java.home"), "bin", "java").toString();
    RawSession eel =
        world.start(List.of(java, "-jar", jar.toString()), world.directory("eel"), Map.of());
    eel.initialize();
    RawSession crab = world.join("crab");

    eel.call("send_message", Map.of("targetPeerId", crab.id(), "message", "From one jar"));

    crab.awaitPush("From one jar");
  }
}
