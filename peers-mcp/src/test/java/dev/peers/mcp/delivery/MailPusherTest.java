package dev.peers.mcp.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peers.Broker;
import dev.peers.Delivery;
import dev.peers.HistoryQuery;
import dev.peers.Limits;
import dev.peers.Message;
import dev.peers.OutgoingMessage;
import dev.peers.Position;
import dev.peers.ReceiveRequest;
import dev.peers.Registration;
import dev.peers.SessionKey;
import dev.peers.Workspace;
import dev.peers.broker.InMemoryStore;
import dev.peers.broker.LocalBroker;
import dev.peers.client.PeerSession;
import dev.peers.tck.Eventually;
import dev.peers.tck.FaultyStore;
import dev.peers.tck.ManualClock;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MailPusherTest {
  private final ManualClock clock = new ManualClock();
  private final FaultyStore store = new FaultyStore(new InMemoryStore());
  private final Broker broker =
      LocalBroker.over(store)
          .limits(new Limits(0, 0, 0, Duration.ofDays(7), Duration.ofDays(30)))
          .clock(clock, clock::nanoTime)
          .build();
  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
  private final PeerSession eel = join("eel");
  private final PeerSession owl = join("owl");
  private final List<String> pushed = new CopyOnWriteArrayList<>();

  @AfterEach
  void close() {
    timer.shutdownNow();
    broker.close();
  }

  @Test
  void aPushThatFailedLosesNothingOfItsBatch() {
    send("one", "two", "three");
    MailPusher broken = open(1, 0);
    Eventually.eventually("one is pushed", () -> pushed.size() == 1);
    broken.close();
    pushed.clear();

    MailPusher route = open(9, 0);
    Eventually.eventually("all are pushed", () -> pushed.size() == 3);
    route.close();

    assertThat(pushed).containsExactly("one (again)", "two (again)", "three (again)");
  }

  @Test
  void whatWasPushedIsNotPushedAgainWhenItsLeaseEnds() {
    MailPusher route = open(9, 0);
    send("one");
    Eventually.eventually("it is pushed", () -> pushed.size() == 1);
    clock.advance(Duration.ofMinutes(11));
    send("two");
    Eventually.eventually("the next is pushed", () -> pushed.size() == 2);
    route.close();

    assertThat(pushed).containsExactly("one", "two");
  }

  @Test
  void beyondSoManyAMinuteTheRestIsSummedUpOnce() {
    MailPusher route = open(1_000, 0);
    for (int i = 0; i < 30; i++) {
      send("number " + i);
    }
    Eventually.eventually("there is a reminder", () -> pushed.toString().contains("📬"));
    assertThat(pushed).filteredOn(text -> text.startsWith("number")).hasSize(20);

    // Less than a minute: a look that is under way has no reason for a second reminder.
    clock.advance(Duration.ofSeconds(50));
    send("the last");
    Eventually.eventually("the rest follows", () -> pushed.contains("the last"));
    route.close();

    assertThat(pushed).filteredOn(text -> text.startsWith("number")).hasSize(30);
    assertThat(pushed).filteredOn(text -> text.startsWith("📬")).hasSize(1);
  }

  @Test
  void whatWasTakenByALookThatFailedIsPushedByTheNext() {
    MailPusher route = open(9, 0);
    int before = store.ended();
    send("zero");
    // It was stored and taken, and there was a look that found no more.
    Eventually.eventually("all is over", () -> store.ended() >= before + 3);
    // The message is stored, and the take of it works but for its answer.
    store.next(FaultyStore.Fault.NONE, FaultyStore.Fault.FAIL_AFTER);
    send("one");
    Eventually.eventually("it was taken", () -> attempts("one") == 1);
    send("two");
    Eventually.eventually("both are pushed", () -> pushed.size() == 3);
    route.close();

    assertThat(pushed).containsExactly("zero", "one (again)", "two");
  }

  @Test
  void whatAToolsAnswerCarriesIsNotPushedToo() {
    CountDownLatch pushing = new CountDownLatch(1);
    CountDownLatch taken = new CountDownLatch(1);
    MailPusher route =
        open(
            text -> {
              pushing.countDown();
              await(taken);
              pushed.add(text);
            },
            0);
    send("one");
    await(pushing);
    broker.acknowledge(owl.id(), broker.peek(owl.id(), 0, 1).ids());
    send("two");
    assertThat(owl.take(ReceiveRequest.inOrder(9, Duration.ofSeconds(30))).messages())
        .extracting(Message::text)
        .containsExactly("two");
    taken.countDown();
    send("three");
    Eventually.eventually("the last is pushed", () -> pushed.contains("three"));
    route.close();

    assertThat(pushed).containsExactly("one", "three");
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private int attempts(String text) {
    return broker.history(HistoryQuery.latest(9)).entries().stream()
        .filter(entry -> entry.message().text().equals(text))
        .mapToInt(entry -> entry.receipt().attempts())
        .sum();
  }

  @Test
  void theNextBrokerGoesOnBehindWhatTheAgentWasGiven() {
    send("one", "two");
    MailPusher dying = open(1, 0);
    Eventually.eventually("one is pushed", () -> pushed.size() == 1);
    dying.close();
    long last = broker.peek(owl.id(), 0, 1).messages().get(0).id().value();

    MailPusher route = open(9, last);
    Eventually.eventually("two, which was taken and not pushed", () -> pushed.size() == 2);
    clock.advance(Duration.ofMinutes(11));
    send("three");
    Eventually.eventually("the next is pushed", () -> pushed.size() == 3);
    route.close();

    assertThat(pushed).containsExactly("one", "two (again)", "three");
  }

  /** Opens a route whose pushes fail after so many. */
  private MailPusher open(int works, long last) {
    AtomicInteger sent = new AtomicInteger();
    return open(
        text -> {
          if (sent.getAndIncrement() >= works) {
            throw new IOException("the session has ended");
          }
          pushed.add(text);
        },
        last);
  }

  private interface Agent {
    void give(String text) throws IOException;
  }

  private MailPusher open(Agent agent, long last) {
    MailPusher.Way way =
        new MailPusher.Way() {
          @Override
          public void offer(Delivery delivery, Position position) throws IOException {
            agent.give(delivery.message().text() + (delivery.attempt() > 1 ? " (again)" : ""));
          }

          @Override
          public void remind(int waiting) throws IOException {
            agent.give(ChannelMessage.reminder(waiting));
          }
        };
    return MailPusher.open(
        owl, way, Position.of(last), Duration.ofMinutes(10), 120, clock::nanoTime);
  }

  private void send(String... texts) {
    for (String text : texts) {
      broker.send(OutgoingMessage.of(eel.id(), owl.id(), text));
    }
  }

  private PeerSession join(String name) {
    Registration registration =
        Registration.builder(new SessionKey("key of " + name), Workspace.of("/" + name)).build();
    return PeerSession.join(broker, () -> registration, timer);
  }
}
