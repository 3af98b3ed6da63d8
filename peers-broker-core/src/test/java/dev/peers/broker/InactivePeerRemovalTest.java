package dev.peers.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.peers.Broker;
import dev.peers.ErrorCode;
import dev.peers.HistoryQuery;
import dev.peers.OutgoingMessage;
import dev.peers.PeerId;
import dev.peers.PeersException;
import dev.peers.ReceiveRequest;
import dev.peers.Registration;
import dev.peers.SessionKey;
import dev.peers.Subscription;
import dev.peers.Summary;
import dev.peers.Workspace;
import dev.peers.spi.BrokerStore;
import dev.peers.tck.ManualClock;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who has been away for a month is forgotten, and nobody else is. */
class InactivePeerRemovalTest {
  private final ManualClock clock = new ManualClock();
  private final InMemoryStore store = new InMemoryStore();
  private final LocalBroker broker = broker(meddled(store));
  private Runnable beforeForgetting = () -> {};
  private Runnable afterForgetting = () -> {};
  private PeerId eel;
  private PeerId owl;

  @BeforeEach
  void join() {
    eel = join(broker, "eel");
    owl = join(broker, "owl");
  }

  @AfterEach
  void close() {
    broker.close();
  }

  @Test
  void forgetsWhoHasBeenAwayForAMonth() {
    pass(29);
    broker.send(OutgoingMessage.of(eel, eel, "from here on"));
    broker.housekeep();
    assertThat(broker.find(owl)).isPresent();

    pass(2);
    broker.housekeep();

    assertThat(broker.find(owl)).isEmpty();
    assertThat(store.findPeer(owl)).isEmpty();
    assertThatThrownBy(() -> broker.send(OutgoingMessage.of(eel, owl, "anybody?")))
        .isInstanceOfSatisfying(
            PeersException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNKNOWN_PEER));
    assertThat(broker.find(eel)).isPresent();
    assertThat(broker.find(PeerId.OPERATOR)).isPresent();

    PeerId next = join(broker, "owl");
    assertThat(knownAfterACrash(next)).isTrue();
    assertThat(knownAfterACrash(owl)).isFalse();
  }

  @Test
  void keepsWhoHasMailUntilThatHasExpired() {
    pass(28);
    broker.send(OutgoingMessage.of(eel, owl, "for a week"));
    pass(3);
    broker.housekeep();
    assertThat(broker.find(owl)).isPresent();
    assertThat(broker.peek(owl, 0, 9).deliveries()).hasSize(1);

    pass(5);
    broker.housekeep();

    assertThat(broker.find(owl)).isEmpty();
    assertThat(broker.history(HistoryQuery.latest(9)).entries())
        .extracting(entry -> entry.message().to())
        .containsExactly(owl);
  }

  @Test
  void keepsWhoOnlyEverGaveASignOfLifeEvenAfterACrash() {
    for (int day = 0; day < 40; day++) {
      pass(1);
      broker.housekeep();
    }
    assertThat(broker.find(eel)).isPresent();
    clock.advance(Duration.ofDays(20));
    assertThat(knownAfterACrash(eel)).isTrue();
  }

  @Test
  void keepsWhoWaitsForMailAndWhoSleptWithTheMachine() {
    try (Subscription waiting = broker.subscribe(owl, () -> {})) {
      assertThat(waiting).isNotNull();
      pass(31);
      broker.housekeep();
      assertThat(broker.find(owl)).isPresent();
    }
    clock.leap(Duration.ofDays(31));
    broker.housekeep();
    assertThat(broker.find(eel)).isPresent();
  }

  @Test
  void mailThatComesMeanwhileKeepsItsReceiver() {
    for (boolean late : new boolean[] {false, true}) {
      pass(31);
      meanwhile(late, () -> broker.send(OutgoingMessage.of(eel, owl, "just in time")));
      assertThat(broker.find(owl)).isPresent();
      assertThat(knownAfterACrash(owl)).isTrue();
      var mail = broker.receive(owl, ReceiveRequest.queued(9, Duration.ofMinutes(1)));
      assertThat(mail.deliveries()).hasSize(1);
      broker.acknowledge(owl, mail.ids());
    }
  }

  @Test
  void whoComesBackMeanwhileIsWhoItWas() {
    for (boolean late : new boolean[] {false, true}) {
      pass(31);
      meanwhile(late, () -> assertThat(join(broker, "owl")).isEqualTo(owl));
      assertThat(broker.find(owl)).isPresent();
      assertThat(knownAfterACrash(owl)).isTrue();

      pass(31);
      meanwhile(late, () -> broker.heartbeat(owl));
      assertThat(broker.find(owl)).isPresent();
      assertThat(store.findPeer(owl)).isPresent();
    }
  }

  @Test
  void whatTheStoreDidWithoutSayingSoIsMadeUpForInTheNextRound() {
    pass(31);
    meanwhile(
        true,
        () -> {
          throw new PeersException(ErrorCode.STORE_FAILED, "the answer was lost");
        });
    assertThat(broker.find(owl)).isPresent();
    broker.housekeep();
    assertThat(broker.find(owl)).isEmpty();
  }

  @Test
  void brokersThatShareAStoreForgetTogether() {
    SharedMemory memory = new SharedMemory(clock);
    SharedMemory.Opening bobsStore = memory.open();
    try (LocalBroker ada = shared(memory.open(), "ada");
        LocalBroker bob = shared(bobsStore, "bob")) {
      PeerId ape = join(ada, "ape");
      PeerId asp = join(bob, "asp");
      PeerId cod = join(bob, "cod");
      bob.setSummary(cod, "Mending nets.", Summary.Source.MANUAL);
      bob.unregister(cod);
      assertThat(ada.find(cod)).isPresent();
      clock.advance(Duration.ofDays(31));
      ada.heartbeat(ape);
      bob.heartbeat(asp);
      bobsStore.renewLease(BrokerLeases.LEASE);

      ada.housekeep();

      assertThat(ada.find(cod)).isEmpty();
      assertThat(ada.find(asp)).isPresent();
      // Bob still knows it, and so do all from now on.
      bob.send(OutgoingMessage.of(asp, cod, "still there?"));
      assertThat(ada.find(cod)).isPresent();
      clock.advance(Duration.ofDays(8));
      ada.housekeep();
      bob.housekeep();
      assertThat(bob.find(cod)).isEmpty();
      assertThat(ada.find(cod)).isEmpty();
    }
  }

  private LocalBroker broker(BrokerStore over) {
    return LocalBroker.over(over).clock(clock, clock::nanoTime).build();
  }

  private LocalBroker shared(SharedMemory.Opening opening, String host) {
    return LocalBroker.over(opening).clock(clock, clock::nanoTime).host(host).build();
  }

  private static PeerId join(Broker broker, String project) {
    return broker
        .register(
            Registration.builder(new SessionKey(project), Workspace.of("/" + project)).build())
        .id();
  }

  /** Days go by, and eel is there at their end. */
  private void pass(int days) {
    clock.advance(Duration.ofDays(days));
    broker.heartbeat(eel);
  }

  /** Something happens just before, or just after, the store forgets. */
  private void meanwhile(boolean late, Runnable event) {
    beforeForgetting = late ? () -> {} : event;
    afterForgetting = late ? event : () -> {};
    broker.housekeep();
    beforeForgetting = () -> {};
    afterForgetting = () -> {};
  }

  /** Whether a broker that only has what was written knows a peer, and goes on doing so. */
  private boolean knownAfterACrash(PeerId id) {
    try (LocalBroker next = broker(meddled(store))) {
      next.housekeep();
      return next.find(id).isPresent();
    }
  }

  /** The store, at whose forgetting something happens, and which brokers cannot close. */
  private BrokerStore meddled(BrokerStore real) {
    return (BrokerStore)
        Proxy.newProxyInstance(
            BrokerStore.class.getClassLoader(),
            new Class<?>[] {BrokerStore.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("close")) {
                return null;
              }
              boolean forgets = method.getName().equals("deleteInactivePeers");
              if (forgets) {
                beforeForgetting.run();
              }
              try {
                Object answer = method.invoke(real, arguments);
                if (forgets) {
                  afterForgetting.run();
                }
                return answer;
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }
}
