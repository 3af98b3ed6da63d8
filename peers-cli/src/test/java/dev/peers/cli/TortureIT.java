package dev.peers.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peers.cli.install.Agent;
import dev.peers.tck.Eventually;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Sessions write to each other while brokers and sessions are killed. {@code
 * -Dpeers.torture.kills=250} makes it long, {@code -Dpeers.torture.seed=…} repeats the choices of a
 * run that failed.
 */
class TortureIT {
  private static final int SESSIONS = 4;
  private static final int KILLS = Integer.getInteger("peers.torture.kills", 12);
  private static final long SEED = Long.getLong("peers.torture.seed", System.nanoTime());

  private final World world =
      new World().with("CLAUDE_PEERS_MAX_RATE", "0").with("CLAUDE_PEERS_MAX_UNREAD", "0");
  private final AtomicBoolean over = new AtomicBoolean();

  /** What was acknowledged: the id that was told, by text. */
  private final Map<String, Long> acknowledged = new ConcurrentHashMap<>();

  private final AtomicInteger unknown = new AtomicInteger();

  @AfterEach
  void end() {
    over.set(true);
    world.close();
  }

  @Test
  void nothingAcknowledgedIsLostWhateverIsKilled() throws Exception {
    System.out.println("torture: seed " + SEED + ", " + KILLS + " kills");
    List<Agent> agents = new ArrayList<>();
    for (int i = 0; i < SESSIONS; i++) {
      agents.add(new Agent(i));
    }
    for (Agent agent : agents) {
      agent.others = agents.stream().filter(a -> a != agent).map(a -> a.id).toList();
    }
    List<Thread> threads = agents.stream().map(agent -> new Thread(agent::work)).toList();
    threads.forEach(Thread::start);

    Random random = new Random(SEED);
    int brokers = 0;
    int sessions = 0;
    while (brokers + sessions < KILLS) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100 + random.nextInt(900)));
      if (random.nextInt(3) > 0) {
        sessions++;
        // By its handle: the process itself would close its output, with what is still to be read.
        agents.get(random.nextInt(SESSIONS)).session.process().toHandle().destroyForcibly();
      } else {
        brokers++;
        world.brokerPid().flatMap(ProcessHandle::of).ifPresent(ProcessHandle::destroyForcibly);
      }
    }
    LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(1));
    over.set(true);
    for (Thread thread : threads) {
      thread.join(TimeUnit.MINUTES.toMillis(2));
      assertThat(thread.isAlive()).as("a session is stuck").isFalse();
    }
    agents.forEach(Agent::drain);

    Map<String, List<Long>> received = new HashMap<>();
    int repeats = 0;
    for (Agent agent : agents) {
      assertThat(agent.failures).as("seed " + SEED).isEmpty();
      for (Map.Entry<String, Set<Long>> each : agent.received.entrySet()) {
        received.computeIfAbsent(each.getKey(), text -> new ArrayList<>()).addAll(each.getValue());
      }
      repeats += agent.repeats;
    }
    System.out.println(
        "torture: killed "
            + brokers
            + " brokers and "
            + sessions
            + " sessions; "
            + acknowledged.size()
            + " sends acknowledged, "
            + unknown.get()
            + " cut off, "
            + received.size()
            + " messages received, "
            + repeats
            + " repeats");
    assertThat(acknowledged).isNotEmpty();
    acknowledged.forEach(
        (text, id) ->
            assertThat(received.get(text)).as("seed %s: %s", SEED, text).containsExactly(id));
    received.forEach(
        (text, ids) -> assertThat(ids).as("seed %s: %s was stored twice", SEED, text).hasSize(1));
  }

  /** One session's agent, which starts the session again whenever it is killed. */
  private final class Agent {
    final int number;
    final String id;
    volatile RawSession session;
    List<String> others = List.of();

    /** Ids by text: more than one id for a text is a message stored twice. */
    final Map<String, Set<Long>> received = new LinkedHashMap<>();

    final Map<String, Long> lastOfSender = new HashMap<>();
    final List<String> failures = new ArrayList<>();
    int repeats;

    Agent(int number) {
      this.number = number;
      this.session = open();
      this.id = session.id();
    }

    void work() {
      Random random = new Random(SEED + number);
      for (int n = 0; !over.get(); n++) {
        String target = others.get(random.nextInt(others.size()));
        String text = id + " to " + target + ": " + n;
        try {
          JsonNode result =
              session.call("send_message", Map.of("targetPeerId", target, "message", text));
          acknowledged.put(text, result.get("messageId").asLong());
          receive(result.path("mail"));
          if (random.nextInt(3) == 0) {
            check();
          }
        } catch (RuntimeException | AssertionError e) {
          restart(e);
        }
      }
    }

    /** Reads until there is nothing more. */
    void drain() {
      Eventually.eventually(
          "the mailbox of " + id + " is empty",
          () -> {
            try {
              if (check() > 0) {
                return false;
              }
              JsonNode self = session.call("whoami", Map.of());
              receive(self.path("mail"));
              return self.get("unread").asInt() == 0;
            } catch (RuntimeException | AssertionError e) {
              restart(e);
              return false;
            }
          });
    }

    private int check() {
      JsonNode messages = session.call("check_messages", Map.of()).get("messages");
      receive(messages);
      return messages.size();
    }

    /** What came, by whichever way: the result of any tool may have mail. */
    private void receive(JsonNode messages) {
      for (JsonNode message : messages) {
        String text = message.get("message").asText();
        long messageId = message.get("id").asLong();
        Set<Long> ids = received.computeIfAbsent(text, key -> new HashSet<>());
        if (!ids.add(messageId)) {
          repeats++;
          continue;
        }
        Long before = lastOfSender.put(message.get("from").asText(), messageId);
        if (before != null && before > messageId) {
          failures.add(text + " came after a later one");
        }
      }
    }

    private void restart(Throwable reason) {
      if (lives(session)) {
        failures.add("a living session failed: " + reason);
        session.close();
      }
      unknown.incrementAndGet();
      session = open();
    }

    /** Its output ends a moment before the process does. */
    private boolean lives(RawSession session) {
      try {
        return !session.process().waitFor(20, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }

    private RawSession open() {
      while (true) {
        RawSession opened =
            world.start(
                world.directory("agent" + number),
                Map.of(
                    "CLAUDE_CODE_SESSION_ID",
                    "agent-" + number,
                    "CLAUDE_PEERS_CHANNEL",
                    number % 2 == 0 ? "on" : "off"));
        session = opened;
        try {
          JsonNode answer = opened.initialize();
          assertThat(answer.has("result")).as(answer.toString()).isTrue();
          return opened;
        } catch (RuntimeException | AssertionError e) {
          if (lives(opened)) {
            failures.add("a living session could not begin: " + e);
            opened.close();
          }
        }
      }
    }
  }
}
