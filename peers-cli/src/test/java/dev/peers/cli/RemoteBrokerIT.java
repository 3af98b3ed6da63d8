package dev.peers.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peers.daemon.TokenFile;
import dev.peers.tck.Eventually;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Two machines, of which one uses the broker of the other. */
class RemoteBrokerIT {
  private static final Map<String, String> NETWORK = Map.of("scope", "network");

  private final World ada = new World().with("CLAUDE_PEERS_MACHINE", "ada");
  private final World bob =
      new World()
          .with("CLAUDE_PEERS_MACHINE", "bob")
          .with("CLAUDE_PEERS_CHANNEL", "on")
          .with("CLAUDE_PEERS_URL", "http://127.0.0.1:" + port(ada));

  @AfterEach
  void end() {
    bob.close();
    ada.close();
  }

  @Test
  void sessionsOfBothTalkAndEachKnowsWhereTheOthersAre() {
    RawSession eel = ada.join("eel");
    bob.with("CLAUDE_PEERS_TOKEN", token());
    RawSession owl = bob.join("owl");
    String eelId = eel.id();
    String owlId = owl.id();

    assertThat(owl.call("list_peers", Map.of("scope", "machine")).get("peers")).isEmpty();
    assertThat(eel.call("list_peers", Map.of("scope", "machine")).get("peers")).isEmpty();
    JsonNode far = owl.call("list_peers", Map.of("scope", "network")).at("/peers/0");
    assertThat(far.get("id").asText()).isEqualTo(eelId);
    assertThat(far.get("host").asText()).isEqualTo("ada");
    JsonNode seen = eel.call("list_peers", Map.of("scope", "network")).at("/peers/0");
    assertThat(seen.get("host").asText()).isEqualTo("bob");

    eel.call("send_message", Map.of("targetPeerId", owlId, "message", "Over to you"));
    assertThat(owl.awaitPush("Over to you").at("/meta/from_id").asText()).isEqualTo(eelId);
    owl.call("send_message", Map.of("targetPeerId", eelId, "message", "And back"));
    assertThat(eel.awaitPush("And back").at("/meta/from_id").asText()).isEqualTo(owlId);
    assertThat(bob.file(".claude-peers.db")).doesNotExist();
    assertThat(bob.peers("status").out()).contains(eelId, owlId);
  }

  @Test
  void aBrokerThatIsReplacedIsFoundAgainAndNothingIsLost() {
    RawSession eel = ada.join("eel");
    bob.with("CLAUDE_PEERS_TOKEN", token());
    RawSession owl = bob.join("owl");
    String owlId = owl.id();
    eel.call("send_message", Map.of("targetPeerId", owlId, "message", "Before"));
    owl.awaitPush("Before");

    ada.killBroker();
    eel.call("send_message", Map.of("targetPeerId", owlId, "message", "After"));

    assertThat(owl.awaitPush("After").at("/meta/from_id").asText()).isEqualTo(eel.id());
    assertThat(owl.id()).isEqualTo(owlId);
    assertThat(owl.received()).filteredOn(m -> m.toString().contains("Before")).hasSize(1);
  }

  @Test
  void theLocalProcessMayDieToo() {
    RawSession eel = ada.join("eel");
    bob.with("CLAUDE_PEERS_TOKEN", token());
    RawSession owl = bob.join("owl");
    String owlId = owl.id();

    bob.killBroker();

    eel.call("send_message", Map.of("targetPeerId", owlId, "message", "Still there?"));
    owl.awaitPush("Still there?");
    assertThat(owl.id()).isEqualTo(owlId);
  }

  @Test
  void aSessionWhoseGatewayIsReplacedWhileTheBrokerIsAwayIsServedAgainWhenThatIsBack() {
    RawSession eel = ada.join("eel");
    bob.with("CLAUDE_PEERS_TOKEN", token());
    RawSession owl = bob.join("owl");
    String owlId = owl.id();
    eel.endInput();
    Eventually.eventually("nobody would start another", () -> !eel.process().isAlive());
    assertThat(ada.peers("kill-broker").code()).isZero();
    bob.killBroker();
    assertThat(owl.ask("tools/call", Map.of("name", "list_peers", "arguments", NETWORK)).has("id"))
        .isTrue();

    ada.join("cod");

    Eventually.eventually(
        "owl is served",
        () ->
            owl.ask("tools/call", Map.of("name", "list_peers", "arguments", NETWORK))
                    .at("/result/structuredContent/peers")
                    .size()
                == 1);
    assertThat(owl.id()).isEqualTo(owlId);
  }

  @Test
  void withoutTheTokenAnAgentIsToldWhatIsMissing() {
    ada.join("eel");
    bob.with("CLAUDE_PEERS_TOKEN", "x".repeat(43));
    RawSession owl = bob.start(bob.directory("owl"), Map.of());
    assertThat(owl.initializeOnly("2025-11-25").at("/error/message").asText())
        .contains("token", "CLAUDE_PEERS_TOKEN");
    World.Result status = bob.peers("status");
    assertThat(status.code()).isEqualTo(1);
    assertThat(status.err()).contains("CLAUDE_PEERS_TOKEN");
  }

  @Test
  void theTokenMayBeInAFile() throws IOException {
    ada.join("eel");
    TokenFile.write(bob.files().token(), token());
    assertThat(Files.isReadable(bob.files().token())).isTrue();
    assertThat(bob.join("owl").call("list_peers", Map.of("scope", "network")).get("peers"))
        .hasSize(1);
  }

  @Test
  void aSessionThatBeginsWhileTheBrokerIsAwayWaitsForIt() {
    RawSession first = ada.join("eel");
    bob.with("CLAUDE_PEERS_TOKEN", token());
    first.endInput();
    Eventually.eventually("nobody would start another", () -> !first.process().isAlive());
    assertThat(ada.peers("kill-broker").code()).isZero();

    RawSession owl = bob.start(bob.directory("owl"), Map.of());
    int id =
        owl.request(
            "initialize",
            Map.of(
                "protocolVersion", "2025-11-25",
                "capabilities", Map.of(),
                "clientInfo", Map.of("name", "test", "version", "1")));
    ada.join("cod");
    assertThat(
            owl.await("initialize", m -> m.path("id").asInt(-1) == id)
                .at("/result/serverInfo/name")
                .asText())
        .isEqualTo("claude-peers");
  }

  private String token() {
    return TokenFile.read(ada.files().token()).orElseThrow();
  }

  private static String port(World world) {
    return world.environment().get("CLAUDE_PEERS_PORT");
  }
}
