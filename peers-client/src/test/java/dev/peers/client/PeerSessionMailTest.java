package dev.peers.client;

import static dev.peers.tck.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.peers.ErrorCode;
import dev.peers.Limits;
import dev.peers.Message;
import dev.peers.MessageState;
import dev.peers.Peer;
import dev.peers.PeerId;
import dev.peers.PeersException;
import dev.peers.Receipt;
import dev.peers.Registration;
import dev.peers.Scope;
import dev.peers.SessionKey;
import dev.peers.Subscription;
import dev.peers.Workspace;
import dev.peers.broker.InMemoryStore;
import dev.peers.broker.LocalBroker;
import dev.peers.tck.FaultyStore;
import dev.peers.tck.ManualClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a program does with mail. */
class PeerSessionMailTest {
  private static final Duration LONG = Duration.ofSeconds(20);

  private final ManualClock clock = new ManualClock();
  private final FaultyStore store = new FaultyStore(new InMemoryStore());
  private final LocalBroker broker =
      LocalBroker.over(store)
          .limits(new Limits(0, 0, 0, Duration.ofDays(7), Duration.ofDays(30)))
          .clock(clock, clock::nanoTime)
          .build();
  private final PeerSession eel = join("eel");
  private final PeerSession owl = join("owl");

  @AfterEach
  void close() {
    eel.close();
    owl.close();
    broker.close();
  }

  @Test
  void seesTheOthers() {
    assertThat(eel.peers(Scope.machine())).extracting(Peer::id).containsExactly(owl.id());
  }

  @Test
  void receivesInOrderAndWhatItReturnsIsDelivered() throws InterruptedException {
    Receipt first = eel.send(owl.id(), "one");
    eel.send(owl.id(), "two");

    assertThat(owl.receive(LONG).orElseThrow().text()).isEqualTo("one");
    assertThat(state(first)).isEqualTo(MessageState.DELIVERED);
    assertThat(owl.receive(Duration.ZERO).orElseThrow().text()).isEqualTo("two");
    assertThat(owl.receive(Duration.ofMillis(20))).isEmpty();
  }

  @Test
  void whatWasTakenIsReturnedThoughItsReceiptIsLost() throws InterruptedException {
    for (FaultyStore.Fault fault :
        new FaultyStore.Fault[] {FaultyStore.Fault.FAIL_BEFORE, FaultyStore.Fault.FAIL_AFTER}) {
      eel.send(owl.id(), "only once");
      // The take works, the acknowledgement does not.
      store.next(FaultyStore.Fault.NONE, fault);
      assertThat(owl.receive(LONG).orElseThrow().text()).isEqualTo("only once");
    }
    clock.advance(SessionMailbox.LEASE);
    assertThat(owl.receive(LONG).orElseThrow().text()).isEqualTo("only once");
    assertThat(owl.receive(Duration.ZERO)).isEmpty();
  }

  @Test
  void aSessionThatBecomesAnotherPeerListensForThatOne() throws InterruptedException {
    List<Runnable> beats = new ArrayList<>();
    ScheduledThreadPoolExecutor timer =
        new ScheduledThreadPoolExecutor(1) {
          @Override
          public ScheduledFuture<?> scheduleWithFixedDelay(
              Runnable task, long first, long delay, TimeUnit unit) {
            beats.add(task);
            return super.scheduleWithFixedDelay(() -> {}, 1, 1, TimeUnit.DAYS);
          }
        };
    AtomicReference<String> key = new AtomicReference<>("before");
    PeerSession cod =
        PeerSession.join(
            broker,
            () ->
                Registration.builder(new SessionKey(key.get()), Workspace.of("/cod"))
                    .tty(key.get())
                    .build(),
            timer);
    List<String> heard = new CopyOnWriteArrayList<>();
    Subscription listening = cod.onMessage(message -> heard.add(message.text()));
    try (cod;
        listening) {
      PeerId former = cod.id();
      key.set("after");
      beats.get(0).run();

      assertThat(cod.id()).isNotEqualTo(former);
      eel.send(cod.id(), "to the new one");
      eventually("it is heard", () -> heard.contains("to the new one"));
      assertThat(broker.find(former).orElseThrow().listening()).isFalse();
    } finally {
      timer.shutdownNow();
    }
  }

  @Test
  void aWaitEndsWithTheMessageItWaitsFor() throws Exception {
    CompletableFuture<Optional<Message>> waiting = async(() -> owl.receive(LONG));
    eventually("owl waits", () -> broker.find(owl.id()).orElseThrow().listening());
    eel.send(owl.id(), "at last");
    assertThat(waiting.get(20, TimeUnit.SECONDS).orElseThrow().text()).isEqualTo("at last");
  }

  @Test
  @Timeout(60)
  void anAnswerGoesToWhoAskedAndOtherMailToTheOthers() throws Exception {
    List<String> heard = new CopyOnWriteArrayList<>();
    Subscription listening = owl.onMessage(message -> heard.add(message.text()));
    Subscription answering =
        eel.onMessage(
            question -> {
              eel.send(owl.id(), "by the way");
              eel.reply(question, "a reply to " + question.text());
              eel.reply(question, "and another");
            });
    try (listening;
        answering) {
      for (int i = 0; i < 50; i++) {
        Message answer = owl.ask(eel.id(), "question " + i, Duration.ofHours(1)).orElseThrow();
        assertThat(answer.text()).isEqualTo("a reply to question " + i);
        assertThat(answer.from().id()).isEqualTo(eel.id());
      }
      eventually("all else is heard", () -> heard.size() == 100);
      assertThat(heard).containsOnly("by the way", "and another");
    }
  }

  @Test
  void anAnswerIsFoundAmongOtherMailThatNobodyTakes() throws Exception {
    for (int i = 0; i < 5; i++) {
      eel.send(owl.id(), "earlier");
    }
    CompletableFuture<Optional<Message>> asking =
        async(() -> owl.ask(eel.id(), "Are you there?", LONG));
    Message question = eel.receive(LONG).orElseThrow();
    eel.send(owl.id(), "later");
    eel.reply(question, "Yes");

    assertThat(asking.get(20, TimeUnit.SECONDS).orElseThrow().text()).isEqualTo("Yes");
    assertThat(broker.peek(owl.id(), 0, 0).remaining()).isEqualTo(6);
  }

  @Test
  void anAnswerThatComesTooLateIsMailLikeAnyOther() throws InterruptedException {
    assertThat(owl.ask(eel.id(), "Quick!", Duration.ofMillis(20))).isEmpty();
    eel.reply(eel.receive(LONG).orElseThrow(), "Sorry");
    assertThat(owl.receive(LONG).orElseThrow().text()).isEqualTo("Sorry");
  }

  @Test
  void nothingIsHandedToAListenerThatWasClosed() throws Exception {
    for (int i = 0; i < 200; i++) {
      CountDownLatch atWork = new CountDownLatch(1);
      Subscription listening = owl.onMessage(message -> atWork.countDown());
      eel.send(owl.id(), "for the listener");
      assertThat(atWork.await(20, TimeUnit.SECONDS)).isTrue();
      // It may still be about to look for more.
      listening.close();
      eel.send(owl.id(), "for the next");
      assertThat(owl.receive(LONG).orElseThrow().text()).isEqualTo("for the next");
    }
  }

  @Test
  void whatAListenerFailsOnComesAgainAndHoldsNothingUp() {
    List<String> heard = new CopyOnWriteArrayList<>();
    Subscription listening =
        owl.onMessage(
            message -> {
              heard.add(message.text());
              if (heard.size() == 1) {
                throw new IllegalStateException("a listener that fails on purpose");
              }
            });
    try (listening) {
      Receipt first = eel.send(owl.id(), "one");
      eel.send(owl.id(), "two");
      eventually("both are heard", () -> heard.size() == 2);
      assertThat(state(first)).isNotEqualTo(MessageState.DELIVERED);

      clock.advance(SessionMailbox.LEASE);
      eel.send(owl.id(), "three");
      eventually("one comes again", () -> heard.size() == 4);
      assertThat(heard).containsExactlyInAnyOrder("one", "two", "one", "three");
      eventually("and is delivered", () -> state(first) == MessageState.DELIVERED);
    }
  }

  @Test
  void closingEndsEveryWaitAndEveryThread() throws Exception {
    CountDownLatch listened = new CountDownLatch(1);
    PeerSession cod = join("cod");
    var unused = cod.onMessage(message -> listened.countDown());
    CompletableFuture<Optional<Message>> asking = async(() -> cod.ask(eel.id(), "?", LONG));
    CompletableFuture<Optional<Message>> receiving = async(() -> cod.receive(LONG));
    assertThat(eel.receive(LONG)).isPresent();

    cod.close();

    for (CompletableFuture<Optional<Message>> waiting : List.of(asking, receiving)) {
      assertThatThrownBy(() -> waiting.get(20, TimeUnit.SECONDS))
          .isInstanceOf(ExecutionException.class)
          .cause()
          .isInstanceOfSatisfying(
              PeersException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CLOSED));
    }
    eel.send(cod.id(), "too late");
    assertThat(broker.find(cod.id()).orElseThrow().listening()).isFalse();
    assertThat(broker.peek(cod.id(), 0, 0).remaining()).isEqualTo(1);
    assertThat(listened.getCount()).isEqualTo(1);
    eel.close();
    owl.close();
    eventually("their threads are gone", () -> threads().isEmpty());
  }

  private static List<String> threads() {
    List<String> names = new ArrayList<>();
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      if (thread.getName().startsWith("peers-heartbeat")) {
        names.add(thread.getName());
      }
    }
    return names;
  }

  private interface Waiting {
    Optional<Message> run() throws InterruptedException;
  }

  private static CompletableFuture<Optional<Message>> async(Waiting waiting) {
    CompletableFuture<Optional<Message>> result = new CompletableFuture<>();
    new Thread(
            () -> {
              try {
                result.complete(waiting.run());
              } catch (InterruptedException | RuntimeException e) {
                result.completeExceptionally(e);
              }
            },
            "test-waiting")
        .start();
    return result;
  }

  private MessageState state(Receipt receipt) {
    return broker.receipt(receipt.id()).orElseThrow().state();
  }

  private PeerSession join(String name) {
    return PeerSession.join(
        broker,
        Registration.builder(new SessionKey("key of " + name), Workspace.of("/" + name)).build());
  }
}
