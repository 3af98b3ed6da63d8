package dev.peers.client;

import static dev.peers.tck.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.peers.ErrorCode;
import dev.peers.Message;
import dev.peers.PeerId;
import dev.peers.PeersException;
import dev.peers.Presence;
import dev.peers.ReceiveRequest;
import dev.peers.Registration;
import dev.peers.Scope;
import dev.peers.SessionKey;
import dev.peers.Subscription;
import dev.peers.Summary;
import dev.peers.Workspace;
import dev.peers.broker.InMemoryStore;
import dev.peers.broker.LocalBroker;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is left of a session, and of its waits, when it or its broker is closed. */
@Timeout(60)
class PeerSessionStateTest {
  private static final Duration LONG = ChronoUnit.FOREVER.getDuration();

  private final LocalBroker broker = LocalBroker.over(new InMemoryStore()).build();
  private final PeerSession owl = join("owl");

  @AfterEach
  void close() {
    owl.close();
    broker.close();
  }

  @Test
  void aClosedSessionRefusesEveryCallAndItsPeerStaysAway() throws InterruptedException {
    PeerSession eel = join("eel");
    Message message = sentTo(eel);
    assertThat(eel.state()).isEqualTo(SessionState.JOINED);

    eel.close();
    eel.close();

    List<ThrowingCallable> calls =
        List.of(
            () -> eel.send(owl.id(), "late"),
            () -> eel.reply(message, "late"),
            () -> eel.ask(owl.id(), "late", Duration.ZERO),
            () -> eel.receive(Duration.ZERO),
            () -> eel.peers(Scope.machine()),
            () -> eel.take(ReceiveRequest.queued(1, Duration.ZERO)),
            () -> eel.onMessage(late -> {}),
            () -> eel.onMail(() -> {}),
            () -> eel.onStateChange(late -> {}));
    for (ThrowingCallable call : calls) {
      assertClosed(call, "this session has left the broker");
    }
    assertThat(eel.state()).isEqualTo(SessionState.CLOSED);
    assertThat(presence(eel.id())).isEqualTo(Presence.AWAY);
    assertThat(owl.receive(Duration.ZERO)).isEmpty();
  }

  @Test
  void ofTwoSessionsWithOneKeyEachLeavesForItself() {
    PeerSession first = join("eel");
    PeerSession second = join("eel");
    assertThat(second.id()).isEqualTo(first.id());

    second.close();
    assertThat(presence(first.id())).isEqualTo(Presence.ACTIVE);
    assertThat(first.send(owl.id(), "still here").from()).isEqualTo(first.id());

    first.close();
    assertThat(presence(first.id())).isEqualTo(Presence.AWAY);
  }

  @Test
  void whatIsUnderWayWhenItClosesDoesNotBringItBack() throws InterruptedException {
    PeerSession eel = join("eel");
    CountDownLatch atWork = new CountDownLatch(1);
    CountDownLatch closed = new CountDownLatch(1);
    var listening =
        eel.onMessage(
            message -> {
              atWork.countDown();
              awaitQuietly(closed);
            });
    var receipt = owl.send(eel.id(), "one that takes its time");
    assertThat(atWork.await(30, TimeUnit.SECONDS)).isTrue();

    eel.close();
    closed.countDown();

    eventually(
        "it is delivered", () -> broker.receipt(receipt.id()).orElseThrow().deliveredAt() != null);
    assertThat(presence(eel.id())).isEqualTo(Presence.AWAY);
    listening.close();
  }

  @Test
  void everyWaitEndsWhenTheBrokerIsClosed() throws Exception {
    PeerSession eel = join("eel");
    List<CompletableFuture<Optional<Message>>> waits =
        List.of(
            async(() -> eel.receive(LONG)),
            async(() -> eel.ask(owl.id(), "Are you there?", Duration.ofDays(365_000))),
            async(() -> owl.receive(LONG)),
            async(() -> owl.receive(LONG)));
    eventually("both wait", () -> listens(eel.id()) && listens(owl.id()));

    broker.close();

    // One of owl's has the question.
    int ended = 0;
    for (CompletableFuture<Optional<Message>> wait : waits) {
      try {
        assertThat(wait.get(30, TimeUnit.SECONDS)).isPresent();
      } catch (ExecutionException e) {
        assertThat(e)
            .cause()
            .isInstanceOfSatisfying(
                PeersException.class, p -> assertThat(p.code()).isEqualTo(ErrorCode.CLOSED));
        ended++;
      }
    }
    assertThat(ended).isBetween(3, 4);
    assertThat(eel.state()).isEqualTo(SessionState.CLOSED);
    assertClosed(() -> eel.receive(Duration.ZERO), "the broker that this session had joined");
    assertClosed(() -> eel.send(owl.id(), "late"), "the broker that this session had joined");
  }

  @Test
  void theStateShowsAtOnceThatTheBrokerWasClosed() {
    broker.close();
    assertThat(owl.state()).isEqualTo(SessionState.CLOSED);
  }

  @Test
  void eachListenerIsToldEachChangeAndOneThatFailsHoldsNothingUp() {
    PeerSession eel = join("eel");
    List<String> told = new CopyOnWriteArrayList<>();
    var failing =
        eel.onStateChange(
            state -> {
              told.add("failing " + state);
              throw new IllegalStateException("a listener that fails on purpose");
            });
    var former = eel.onStateChange(state -> told.add("former " + state));
    var using =
        eel.onStateChange(
            state -> {
              // On a thread of the session's, with no lock held: all of it may be used.
              eel.close();
              told.add("using " + state + " on " + Thread.currentThread().getName());
            });
    former.close();

    eel.close();

    eventually("both are told", () -> told.size() == 2);
    assertThat(told).containsExactly("failing CLOSED", "using CLOSED on peers-session-state");
    eventually(
        "the thread has ended",
        () ->
            Thread.getAllStackTraces().keySet().stream()
                .noneMatch(thread -> thread.getName().equals("peers-session-state")));
    failing.close();
    using.close();
  }

  @Test
  void aListenerForMailIsNotCalledOnceTheSessionIsClosed() {
    PeerSession eel = join("eel");
    List<String> heard = new CopyOnWriteArrayList<>();
    Subscription listening = eel.onMessage(message -> heard.add(message.text()));
    // A session that never did anything would be forgotten.
    broker.setSummary(eel.id(), "Mending nets.", Summary.Source.MANUAL);
    eel.close();
    owl.send(eel.id(), "too late");
    assertThat(broker.peek(eel.id(), 0, 0).remaining()).isEqualTo(1);
    assertThat(heard).isEmpty();
    listening.close();
  }

  @Test
  void aTimerThatWasShutDownIsRefusedAndNothingStays() {
    ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1);
    timer.shutdownNow();
    assertThatThrownBy(() -> PeerSession.join(broker, () -> registration("eel"), timer))
        .isInstanceOfSatisfying(
            PeersException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT));
    assertThat(owl.peers(Scope.machine())).isEmpty();
  }

  private Message sentTo(PeerSession session) throws InterruptedException {
    owl.send(session.id(), "a question");
    return session.receive(Duration.ZERO).orElseThrow();
  }

  private boolean listens(PeerId id) {
    return broker.find(id).orElseThrow().listening();
  }

  private Presence presence(PeerId id) {
    return broker.find(id).orElseThrow().presence();
  }

  private static void assertClosed(ThrowingCallable call, String why) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            PeersException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CLOSED))
        .hasMessageContaining(why);
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private interface Waiting {
    Optional<Message> run() throws InterruptedException;
  }

  private static CompletableFuture<Optional<Message>> async(Waiting waiting) {
    CompletableFuture<Optional<Message>> result = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                result.complete(waiting.run());
              } catch (InterruptedException | RuntimeException e) {
                result.completeExceptionally(e);
              }
            },
            "test-waiting");
    thread.setDaemon(true);
    thread.start();
    return result;
  }

  private PeerSession join(String name) {
    return PeerSession.join(broker, registration(name));
  }

  private static Registration registration(String name) {
    return Registration.builder(new SessionKey("key of " + name), Workspace.of("/" + name)).build();
  }
}
