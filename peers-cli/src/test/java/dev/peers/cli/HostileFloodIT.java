package dev.peers.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peers.cli.RunningBroker.Member;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.parallel.Isolated;

/** Peers that send as fast as they can. */
@Isolated("it measures")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HostileFloodIT {
  private static final int AT_ONCE = 100;

  /** More than any machine is so slow as to let through at the rate below. */
  private static final int MOST_STORED = 20_000;

  // Limits that let the well-behaved pair send steadily, and stop a flood.
  private final World world =
      new World()
          .with("CLAUDE_PEERS_MAX_RATE", "3000")
          .with("CLAUDE_PEERS_MAX_TURNS", "0")
          .with("CLAUDE_PEERS_MAX_UNREAD", "0");
  private RunningBroker broker;
  private Crowd crowd;

  @BeforeAll
  void begin() {
    broker = RunningBroker.start(world);
    crowd = new Crowd(world);
  }

  @AfterAll
  void end() {
    world.close();
  }

  @Test
  void aFloodOverHttpIsItsSendersTroubleAlone() throws Exception {
    Member flood = broker.register("flood");
    Member victim = broker.register("victim");
    String request =
        broker.request(
            "/send-message",
            RunningBroker.message(flood.id(), victim.id(), "More! " + "x".repeat(2_000)),
            flood.header());
    AtomicInteger stored = new AtomicInteger();
    AtomicInteger refused = new AtomicInteger();
    crowd.exchangeDuring(
        "a flood over HTTP",
        (underWay, over) -> {
          try (RawHttp http = broker.connect()) {
            while (!over.get()) {
              http.say(request);
              JsonNode answer = http.answer().json();
              if (answer.path("ok").asBoolean()) {
                assertThat(stored.incrementAndGet()).isLessThan(MOST_STORED);
              } else {
                assertThat(answer.path("code").asText()).isEqualTo("rate_limited");
                refused.incrementAndGet();
                underWay.countDown();
              }
            }
          }
        });
    assertThat(refused.get()).isGreaterThan(stored.get() / 10);
    assertThat(broker.log().lines().count()).isLessThan(200);
  }

  @Test
  void aFloodOfASessionIsItsOwnTroubleAlone() throws Exception {
    RawSession flood = world.join("flood", Map.of("CLAUDE_PEERS_CHANNEL", "off"));
    String victim = world.join("victim", Map.of("CLAUDE_PEERS_CHANNEL", "off")).id();
    Map<String, ?> call =
        Map.of(
            "name",
            "send_message",
            "arguments",
            Map.of("targetPeerId", victim, "message", "More!"));
    crowd.exchangeDuring(
        "a flood of a session",
        (underWay, over) -> {
          boolean refused = false;
          for (int sent = 0; !(refused && over.get()); sent += AT_ONCE) {
            assertThat(refused || sent < MOST_STORED).as("refused").isTrue();
            int last = 0;
            for (int i = 0; i < AT_ONCE; i++) {
              last = flood.request("tools/call", call);
            }
            // It waits for an answer now and then, or its own pipe would hold it up.
            int id = last;
            JsonNode answer = flood.await("an answer", m -> m.path("id").asInt(-1) == id);
            if (answer.at("/result/content/0/text").asText().contains("Try again in")) {
              refused = true;
              underWay.countDown();
            }
          }
        });
  }
}
