package dev.peers.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.peers.Broker;
import dev.peers.ErrorCode;
import dev.peers.HistoryQuery;
import dev.peers.Limits;
import dev.peers.Message;
import dev.peers.MessageId;
import dev.peers.MessageState;
import dev.peers.OutgoingMessage;
import dev.peers.PeerId;
import dev.peers.PeerQuery;
import dev.peers.PeersException;
import dev.peers.Receipt;
import dev.peers.ReceiveRequest;
import dev.peers.Registration;
import dev.peers.Scope;
import dev.peers.SessionKey;
import dev.peers.Workspace;
import dev.peers.tck.FaultyStore;
import dev.peers.tck.FaultyStore.Fault;
import dev.peers.tck.ManualClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the engine promises, over a store that breaks its own promises. */
class FaultyStoreTest {
  private static final Duration LEASE = Duration.ofSeconds(30);

  private final ManualClock clock = new ManualClock();
  private final FaultyStore store = new FaultyStore(new InMemoryStore());
  private final Broker broker =
      LocalBroker.over(store)
          .limits(new Limits(0, 0, 0, Duration.ofDays(7), Duration.ofDays(30)))
          .clock(clock, clock::nanoTime)
          .build();
  private PeerId eel;
  private PeerId owl;

  @BeforeEach
  void join() {
    eel = join("eel");
    owl = join("owl");
  }

  @AfterEach
  void close() {
    broker.close();
  }

  @Test
  void aSendThatWasNotStoredFailsAndMayBeRepeated() {
    store.next(Fault.FAIL_BEFORE);
    OutgoingMessage draft = OutgoingMessage.of(eel, owl, "once").idempotent("key");

    storeFails(() -> broker.send(draft));

    assertThat(broker.peek(owl, 0, 9).deliveries()).isEmpty();
    broker.send(draft);
    assertThat(broker.peek(owl, 0, 9).deliveries()).hasSize(1);
  }

  @Test
  void aSendWhoseAnswerWasLostIsStoredOnceHoweverOftenItIsRepeated() {
    store.next(Fault.FAIL_AFTER, Fault.FAIL_AFTER);
    OutgoingMessage draft = OutgoingMessage.of(eel, owl, "once").idempotent("key");

    storeFails(() -> broker.send(draft));
    storeFails(() -> broker.send(draft));
    Receipt receipt = broker.send(draft);

    assertThat(broker.peek(owl, 0, 9).ids()).containsExactly(receipt.id());
  }

  @Test
  void aStalledStoreKeepsOnlyThoseWaitingWhoNeedIt() throws Exception {
    store.next(Fault.STALL);
    CompletableFuture<Receipt> stalled =
        CompletableFuture.supplyAsync(() -> broker.send(OutgoingMessage.of(eel, owl, "slow")));
    store.awaitStalled();

    assertThat(broker.list(PeerQuery.active(Scope.machine()))).hasSize(2);
    assertThat(broker.find(eel)).isPresent();
    broker.heartbeat(eel);
    assertThat(broker.status().activePeers()).isEqualTo(2);
    Receipt other = broker.send(OutgoingMessage.of(owl, eel, "fast"));
    assertThat(broker.receipt(other.id())).isPresent();
    assertThat(stalled).isNotDone();

    store.release();
    assertThat(broker.receipt(stalled.get(10, TimeUnit.SECONDS).id())).isPresent();
  }

  @Test
  void anAnswerThatWasLostIsAFailureInTheEnd() {
    store.next(Fault.LOSE_ANSWER);
    OutgoingMessage draft = OutgoingMessage.of(eel, owl, "once").idempotent("key");
    CompletableFuture<Receipt> lost = CompletableFuture.supplyAsync(() -> broker.send(draft));
    store.awaitStalled();
    store.release();

    assertThatThrownBy(() -> lost.get(10, TimeUnit.SECONDS))
        .hasCauseInstanceOf(PeersException.class);
    assertThat(broker.send(draft).id()).isEqualTo(broker.peek(owl, 0, 9).ids().get(0));
  }

  @Test
  void aTakeThatFailedLosesNothing() {
    MessageId id = broker.send(OutgoingMessage.of(eel, owl, "precious")).id();
    store.next(Fault.FAIL_BEFORE);
    storeFails(() -> broker.receive(owl, ReceiveRequest.queued(9, LEASE)));
    store.next(Fault.FAIL_AFTER);
    storeFails(() -> broker.receive(owl, ReceiveRequest.queued(9, LEASE)));

    assertThat(broker.receive(owl, ReceiveRequest.queued(9, LEASE)).isEmpty()).isTrue();
    clock.advance(LEASE);
    assertThat(broker.receive(owl, ReceiveRequest.queued(9, LEASE)).deliveries())
        .singleElement()
        .satisfies(
            delivery -> {
              assertThat(delivery.message().id()).isEqualTo(id);
              assertThat(delivery.redelivered()).isTrue();
            });
  }

  @Test
  void anAcknowledgementThatFailedIsTold() {
    MessageId id = broker.send(OutgoingMessage.of(eel, owl, "precious")).id();
    store.next(Fault.FAIL_BEFORE);

    storeFails(() -> broker.acknowledge(owl, List.of(id)));

    assertThat(broker.receipt(id).orElseThrow().state()).isEqualTo(MessageState.QUEUED);
    broker.acknowledge(owl, List.of(id));
    assertThat(broker.receipt(id).orElseThrow().state()).isEqualTo(MessageState.DELIVERED);
  }

  @Test
  void aRegistrationThatFailedMayBeRepeatedAndIsTheSamePeer() {
    store.next(Fault.FAIL_BEFORE);
    storeFails(() -> join("ape"));
    store.next(Fault.FAIL_AFTER);
    storeFails(() -> join("ape"));

    PeerId ape = join("ape");

    assertThat(join("ape")).isEqualTo(ape);
    assertThat(broker.list(PeerQuery.everyone()))
        .filteredOn(peer -> peer.workspace().cwd().equals("/code/ape"))
        .hasSize(1);
  }

  @Test
  void amongRandomFaultsEveryAcknowledgedSendArrivesOnceAndInOrder() {
    long seed = 20261123;
    Random random = new Random(seed);
    Fault[] faults = {Fault.NONE, Fault.NONE, Fault.FAIL_BEFORE, Fault.FAIL_AFTER};
    List<String> acknowledged = new ArrayList<>();
    List<String> delivered = new ArrayList<>();
    for (int i = 0; i < 400; i++) {
      store.next(faults[random.nextInt(faults.length)]);
      String text = "message " + i;
      // As a relay does: repeated with one key until it is acknowledged.
      while (!acknowledged.contains(text)) {
        try {
          broker.send(OutgoingMessage.of(eel, owl, text).idempotent("key " + i));
          acknowledged.add(text);
        } catch (PeersException e) {
          assertThat(e.code()).isEqualTo(ErrorCode.STORE_FAILED);
          store.next(faults[random.nextInt(faults.length)]);
        }
      }
      if (random.nextInt(5) == 0) {
        store.next(faults[random.nextInt(faults.length)], faults[random.nextInt(faults.length)]);
        receive(delivered);
      }
    }
    while (delivered.size() < acknowledged.size()) {
      receive(delivered);
    }

    assertThat(delivered).as("seed " + seed).isEqualTo(acknowledged);
  }

  private void receive(List<String> delivered) {
    clock.advance(LEASE);
    try {
      for (Message message : broker.receive(owl, ReceiveRequest.queued(7, LEASE)).messages()) {
        broker.acknowledge(owl, List.of(message.id()));
        delivered.add(message.text());
      }
    } catch (PeersException e) {
      // An acknowledgement whose answer was lost counts, as the receiver finds when it asks again.
      broker.history(new HistoryQuery(owl, null, 0, 1_000)).entries().stream()
          .filter(entry -> entry.receipt().state() == MessageState.DELIVERED)
          .map(entry -> entry.message().text())
          .filter(text -> !delivered.contains(text))
          .forEach(delivered::add);
    }
  }

  private PeerId join(String name) {
    return broker
        .register(
            Registration.builder(new SessionKey("key of " + name), Workspace.of("/code/" + name))
                .build())
        .id();
  }

  private static void storeFails(ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            PeersException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.STORE_FAILED));
  }
}
