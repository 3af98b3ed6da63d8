package dev.peers.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.peers.cli.RunningBroker.Member;
import dev.peers.tck.Eventually;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Agents that answer each other for ever are slowed down first and stopped then. */
class LoopGuardIT {
  private final World world = new World().with("CLAUDE_PEERS_MAX_RATE", "0");

  @AfterEach
  void end() {
    world.close();
  }

  @Test
  void aLoopIsSlowedDownAndThenStopped() {
    world.with("CLAUDE_PEERS_MAX_TURNS", "2");
    RunningBroker broker = RunningBroker.start(world);
    Conversation pair = new Conversation(broker, false, "eel", "crab");
    Conversation ring = new Conversation(broker, true, "gull", "tern", "skua");
    // Both at once: each waits for what it is told to wait for.
    CompletableFuture<Void> other =
        CompletableFuture.runAsync(ring::goOn, task -> new Thread(task, "test-ring").start());
    pair.goOn();
    other.join();

    for (Conversation conversation : List.of(pair, ring)) {
      assertThat(conversation.codes).startsWith("ok").endsWith("loop_detected");
      assertThat(conversation.codes.indexOf("rate_limited"))
          .as(conversation.codes.toString())
          .isBetween(1, conversation.codes.size() - 2);
      assertThat(conversation.slowed.path("retry_after").asInt()).isBetween(1, 10);
      assertThat(conversation.stopped.path("retry_after").asInt()).isBetween(1, 3_600);
      assertThat(conversation.stopped.path("error").asText())
          .containsPattern("(?i)answer")
          .containsPattern("(?i)again|until|minutes| s\\b");
    }
    // Others are free to talk, with those two as well.
    Member member = broker.register("free");
    assertThat(broker.send(member, pair.members.get(0), "hello").json().path("ok").asBoolean())
        .isTrue();
  }

  @Test
  void withoutTheGuardNobodyIsStopped() {
    world.with("CLAUDE_PEERS_MAX_TURNS", "0");
    RunningBroker broker = RunningBroker.start(world);
    Member eel = broker.register("eel");
    Member crab = broker.register("crab");
    for (int i = 0; i < 150; i++) {
      boolean out = i % 2 == 0;
      JsonNode answer = broker.send(out ? eel : crab, out ? crab : eel, "turn " + i).json();
      assertThat(answer.path("ok").asBoolean()).as(answer.toString()).isTrue();
    }
  }

  @Test
  void fiftyTurnsAreNoLoopAndOneWayIsNone() {
    world.with("CLAUDE_PEERS_MAX_TURNS", "100");
    RunningBroker broker = RunningBroker.start(world);
    Member eel = broker.register("eel");
    Member crab = broker.register("crab");
    for (int i = 0; i < 150; i++) {
      assertThat(broker.send(eel, crab, "progress " + i).json().path("ok").asBoolean()).isTrue();
    }
    List<String> codes = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      boolean out = i % 2 == 1;
      JsonNode answer = broker.send(out ? eel : crab, out ? crab : eel, "turn " + i).json();
      codes.add(answer.path("ok").asBoolean() ? "ok" : answer.path("code").asText());
    }
    assertThat(codes.subList(0, 45)).containsOnly("ok");
    assertThat(codes).contains("rate_limited");
  }

  @Test
  void aSenderHasABurstAndSoHasAPair() {
    world.with("CLAUDE_PEERS_MAX_RATE", "120").with("CLAUDE_PEERS_MAX_TURNS", "0");
    RunningBroker broker = RunningBroker.start(world);
    Member eel = broker.register("eel");
    Member crab = broker.register("crab");
    Member gull = broker.register("gull");
    int sent = 0;
    JsonNode answer;
    long start = System.nanoTime();
    do {
      boolean out = sent % 2 == 0;
      answer = broker.send(out ? eel : crab, out ? crab : eel, "ping " + sent).json();
      sent++;
    } while (answer.path("ok").asBoolean() && sent < 200);

    // Neither has sent 60, but both together have; in the meantime a few more were earned.
    assertThat(sent).isBetween(61, 62 + earnedSince(start));
    assertThat(answer.path("code").asText()).isEqualTo("rate_limited");
    assertThat(answer.path("retry_after").asInt()).isBetween(1, 60);
    assertThat(answer.path("error").asText()).containsPattern("[0-9]+ s");
    assertThat(broker.send(eel, gull, "but to others").json().path("ok").asBoolean()).isTrue();

    sent = 0;
    start = System.nanoTime();
    do {
      answer = broker.send(gull, sent % 2 == 0 ? eel : crab, "gull " + sent++).json();
    } while (answer.path("ok").asBoolean() && sent < 200);
    assertThat(sent).isBetween(61, 62 + earnedSince(start));
    assertThat(answer.path("code").asText()).isEqualTo("rate_limited");
    assertThat(answer.path("retry_after").asInt()).isBetween(1, 60);
  }

  /** At 120 a minute. */
  private static int earnedSince(long start) {
    return (int) Math.ceil(2 * (System.nanoTime() - start) / 1e9);
  }

  /** Members who write to the next one in turn, each as soon as it may. */
  private static final class Conversation {
    final RunningBroker broker;
    final boolean replying;
    final List<Member> members = new ArrayList<>();
    final List<String> codes = new ArrayList<>();
    JsonNode slowed = World.JSON.missingNode();
    JsonNode stopped = World.JSON.missingNode();
    private long last;
    private int turn;

    Conversation(RunningBroker broker, boolean replying, String... names) {
      this.broker = broker;
      this.replying = replying;
      for (String name : names) {
        members.add(broker.register(name));
      }
    }

    /** Goes on until it is stopped, or for ten turns. */
    void goOn() {
      for (int i = 0; i < 10 && stopped.isMissingNode(); i++) {
        Eventually.eventually("the next turn is over", this::next);
      }
    }

    private boolean next() {
      Member from = members.get(turn % members.size());
      Member to = members.get((turn + 1) % members.size());
      ObjectNode body =
          World.JSON
              .createObjectNode()
              .put("from_id", from.id())
              .put("to_id", to.id())
              .put("text", "thank you " + turn);
      if (replying && last > 0) {
        body.put("in_reply_to", last);
      }
      JsonNode answer = broker.post("/send-message", body.toString(), from.header()).json();
      String code = answer.path("ok").asBoolean() ? "ok" : answer.path("code").asText();
      if (!code.equals("rate_limited") || !codes.get(codes.size() - 1).equals(code)) {
        codes.add(code);
      }
      switch (code) {
        case "ok" -> {
          last = answer.path("id").asLong();
          turn++;
          return true;
        }
        case "rate_limited" -> {
          slowed = slowed.isMissingNode() ? answer : slowed;
          LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(200));
          return false;
        }
        default -> {
          stopped = answer;
          return true;
        }
      }
    }
  }
}
