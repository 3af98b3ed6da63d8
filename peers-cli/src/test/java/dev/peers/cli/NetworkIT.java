package dev.peers.cli;

import static dev.peers.tck.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peers.store.postgres.PostgresServer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two machines, each with a broker of its own, on one PostgreSQL. */
class NetworkIT {
  private PostgresServer server;
  private World ada;
  private World bob;

  @BeforeEach
  void start() {
    server = PostgresServer.own();
    String schema = PostgresServer.newSchema();
    ada = machine("ada", schema);
    bob = machine("bob", schema);
  }

  @AfterEach
  void end() {
    for (World world : new World[] {ada, bob}) {
      if (world != null) {
        world.close();
      }
    }
    if (server != null) {
      server.stop();
    }
  }

  @Test
  void sessionsFindEachOtherAndMailIsPushedBothWays() {
    RawSession eel = ada.join("eel");
    RawSession owl = bob.join("owl");
    String eelId = eel.id();
    String owlId = owl.id();

    assertThat(owl.call("list_peers", Map.of("scope", "machine")).get("peers")).isEmpty();
    JsonNode far = owl.call("list_peers", Map.of("scope", "network")).at("/peers/0");
    assertThat(far.get("id").asText()).isEqualTo(eelId);
    assertThat(far.get("host").asText()).isEqualTo("ada");
    assertThat(far.get("reachedBy").asText()).isEqualTo("channel");
    assertThat(ada.file(".claude-peers.db")).doesNotExist();

    for (int i = 0; i < 5; i++) {
      eel.call("send_message", Map.of("targetPeerId", owlId, "message", "ping " + i));
      owl.awaitPush("ping " + i);
      owl.call("send_message", Map.of("targetPeerId", eelId, "message", "pong " + i));
      assertThat(eel.awaitPush("pong " + i).at("/meta/from_id").asText()).isEqualTo(owlId);
    }
    World.Result peers = ada.peers("peers", "--scope", "network");
    assertThat(peers.out()).contains("ada", "bob", eelId, owlId);
    assertThat(ada.peers("peers").out()).contains(eelId).doesNotContain(owlId);
    assertThat(bob.peers("send", eelId, "from the operator").code()).isZero();
    eel.awaitPush("from the operator");
  }

  @Test
  void whatIsAcknowledgedArrivesThoughABrokerAndTheServerDieInTheMiddle() {
    RawSession eel = ada.join("eel");
    RawSession owl = bob.join("owl");
    String owlId = owl.id();
    Set<String> sent = new TreeSet<>();
    for (int i = 0; i < 60; i++) {
      if (i == 15) {
        ada.killBroker();
      } else if (i == 30) {
        bob.killBroker();
      } else if (i == 45) {
        server.crashAndRestart();
      }
      String text = "number %02d.".formatted(i);
      JsonNode result =
          eel.callForResult("send_message", Map.of("targetPeerId", owlId, "message", text));
      if (!result.path("isError").asBoolean()) {
        sent.add(text);
      }
    }
    assertThat(sent).hasSizeGreaterThan(55);
    eventually(
        "all that was acknowledged is there",
        () -> {
          TreeSet<String> seen = new TreeSet<>(pushed(owl));
          for (JsonNode message : owl.call("check_messages", Map.of()).get("messages")) {
            seen.add(message.get("message").asText());
          }
          arrived.addAll(seen);
          return arrived.containsAll(sent);
        });
    assertThat(owl.id()).isEqualTo(owlId);
    assertThat(eel.call("list_peers", Map.of("scope", "network")).get("peers")).hasSize(1);
  }

  private final Set<String> arrived = new TreeSet<>();

  @Test
  void aMachineThatIsSwitchedOffTakesItsOwnSessionsAway() {
    RawSession eel = ada.join("eel");
    RawSession owl = bob.join("owl");
    String owlId = owl.id();
    eventually("both are seen", () -> others(eel).contains(owlId));

    // Nobody says goodbye, and nobody starts another broker.
    owl.process().destroyForcibly();
    bob.killBroker();

    eventually("owl is away", () -> !others(eel).contains(owlId));
    // Its mailbox is not.
    eel.call("send_message", Map.of("targetPeerId", owlId, "message", "When you are back"));
  }

  private static List<String> others(RawSession session) {
    List<String> ids = new ArrayList<>();
    for (JsonNode peer : session.call("list_peers", Map.of("scope", "network")).get("peers")) {
      ids.add(peer.get("id").asText());
    }
    return ids;
  }

  private static List<String> pushed(RawSession session) {
    List<String> texts = new ArrayList<>();
    for (JsonNode line : session.received()) {
      String content = line.at("/params/content").asText();
      texts.add(content.substring(content.indexOf('\n') + 1));
    }
    return texts;
  }

  private World machine(String name, String schema) {
    return new World()
        .with("CLAUDE_PEERS_MACHINE", name)
        .with("CLAUDE_PEERS_CHANNEL", "on")
        .with("CLAUDE_PEERS_STORE", "postgres")
        .with("CLAUDE_PEERS_STORE_URL", server.url())
        .with("CLAUDE_PEERS_STORE_SCHEMA", schema);
  }
}
