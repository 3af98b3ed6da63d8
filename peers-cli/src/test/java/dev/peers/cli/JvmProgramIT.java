package dev.peers.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peers.Broker;
import dev.peers.ErrorCode;
import dev.peers.Message;
import dev.peers.PeerId;
import dev.peers.PeersException;
import dev.peers.Registration;
import dev.peers.Scope;
import dev.peers.SessionKey;
import dev.peers.Workspace;
import dev.peers.client.Brokers;
import dev.peers.client.PeerSession;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A program that finds the broker of the sessions by itself and joins them. */
class JvmProgramIT {
  private static final Duration LONG = Duration.ofSeconds(30);

  private final World world = new World();

  @AfterEach
  void end() {
    world.close();
  }

  @Test
  void findsNoBrokerWhereNoneRunsAndHasOneStarted() throws Exception {
    assertThat(Brokers.find(world.environment())).isEmpty();

    try (Broker broker =
        Brokers.findOrStart(world.environment(), world.executable("peers").toString(), LONG)) {
      assertThat(broker.status().pid()).isEqualTo(world.brokerPid().orElseThrow());
    }
    // The broker outlives whoever had it started, and is the one that all use.
    try (Broker broker = Brokers.find(world.environment()).orElseThrow()) {
      RawSession eel = world.join("eel");
      try (PeerSession program = join(broker)) {
        assertThat(program.peers(Scope.machine()))
            .extracting(peer -> peer.id().value())
            .containsExactly(eel.id());
      }
    }
  }

  @Test
  void asksAnAgentAndGetsItsAnswer() throws Exception {
    RawSession eel = world.join("eel", Map.of("CLAUDE_PEERS_CHANNEL", "on"));
    PeerId agent = new PeerId(eel.id());
    try (Broker broker = Brokers.find(world.environment()).orElseThrow();
        PeerSession program = join(broker)) {
      CompletableFuture<JsonNode> answering =
          CompletableFuture.supplyAsync(
              () -> {
                JsonNode meta = eel.awaitPush("Which branch?").get("meta");
                return eel.call(
                    "send_message",
                    Map.of(
                        "targetPeerId", meta.get("from_id").asText(),
                        "message", "main",
                        "inReplyTo", meta.get("message_id").asLong()));
              });

      Optional<Message> answer = program.ask(agent, "Which branch?", LONG);

      assertThat(answer.orElseThrow().text()).isEqualTo("main");
      assertThat(answering.join().get("success").asBoolean()).isTrue();
    }
  }

  @Test
  void survivesTheBrokersDeath() throws Exception {
    RawSession eel = world.join("eel", Map.of("CLAUDE_PEERS_CHANNEL", "off"));
    try (Broker broker = Brokers.find(world.environment()).orElseThrow();
        PeerSession program = join(broker)) {
      CompletableFuture<Optional<Message>> waiting =
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  return program.receive(LONG);
                } catch (InterruptedException e) {
                  throw new AssertionError(e);
                }
              });
      world.killBroker();
      eel.call(
          "send_message", Map.of("targetPeerId", program.id().value(), "message", "Still there?"));
      assertThat(waiting.join().orElseThrow().text()).isEqualTo("Still there?");
    }
  }

  @Test
  void aStartThatFailsIsExplained() {
    world.with("CLAUDE_PEERS_STORE", "nonesuch");
    assertThatThrownBy(
            () ->
                Brokers.findOrStart(
                    world.environment(), world.executable("peers").toString(), LONG))
        .isInstanceOfSatisfying(
            PeersException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE))
        .hasMessageContaining("nonesuch");
    assertThatThrownBy(() -> Brokers.findOrStart(world.environment(), "/no/such/peers", LONG))
        .hasMessageContaining("/no/such/peers");
  }

  private static PeerSession join(Broker broker) {
    return PeerSession.join(
        broker,
        Registration.builder(new SessionKey("program"), Workspace.of("/code/tool"))
            .name("tool")
            .build());
  }
}
