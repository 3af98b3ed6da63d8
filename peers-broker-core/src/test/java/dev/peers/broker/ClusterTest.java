package dev.peers.broker;

import static dev.peers.tck.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.peers.Broker;
import dev.peers.ErrorCode;
import dev.peers.MessageState;
import dev.peers.OutgoingMessage;
import dev.peers.Peer;
import dev.peers.PeerId;
import dev.peers.PeerQuery;
import dev.peers.PeersException;
import dev.peers.Presence;
import dev.peers.ProcessRef;
import dev.peers.Receipt;
import dev.peers.ReceiveRequest;
import dev.peers.Registration;
import dev.peers.RegistrationResult;
import dev.peers.Route;
import dev.peers.Scope;
import dev.peers.SessionKey;
import dev.peers.Subscription;
import dev.peers.Summary;
import dev.peers.Workspace;
import dev.peers.tck.ManualClock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Two brokers, on two machines, over one store. */
class ClusterTest {
  private final ManualClock clock = new ManualClock();
  private final SharedMemory memory = new SharedMemory(clock);
  private final SharedMemory.Opening adasStore = memory.open();
  private final SharedMemory.Opening bobsStore = memory.open();
  private final Broker ada = broker(adasStore, "ada");
  private final Broker bob = broker(bobsStore, "bob");

  @AfterEach
  void close() {
    ada.close();
    bob.close();
  }

  @Test
  void eachSeesTheOthersPeersAndWhereTheyAre() {
    PeerId eel = join(ada, "eel");
    PeerId owl = join(bob, "owl");
    ada.setSummary(eel, "Digging", Summary.Source.MANUAL);

    eventually("bob knows", () -> seen(bob, eel).summary() != null);
    Peer far = seen(bob, eel);
    assertThat(far.presence()).isEqualTo(Presence.ACTIVE);
    assertThat(far.workspace()).isEqualTo(Workspace.of("/eel").onHost("ada"));
    assertThat(far.route()).isEqualTo(Route.HOOK);
    assertThat(ids(bob, Scope.network())).containsExactlyInAnyOrder(eel, owl);
    assertThat(ids(bob, Scope.machine())).containsExactly(owl);
    assertThat(ids(bob, Scope.directory("/eel"))).isEmpty();
    assertThat(ids(bob, Scope.directory("/eel").onHost("ada"))).containsExactly(eel);
    assertThat(ids(ada, Scope.machine())).containsExactly(eel);
  }

  @Test
  void mailWakesItsReceiverWhereverThatIs() throws InterruptedException {
    PeerId eel = join(ada, "eel");
    PeerId owl = join(bob, "owl");
    CountDownLatch woken = new CountDownLatch(1);
    Subscription waiting = bob.subscribe(owl, woken::countDown);
    try (waiting) {
      eventually("ada hears that owl listens", () -> seen(ada, owl).listening());
      Receipt sent = ada.send(OutgoingMessage.of(eel, owl, "Hello over there"));

      assertThat(woken.await(20, TimeUnit.SECONDS)).isTrue();
      assertThat(bob.receive(owl, ReceiveRequest.queued(9, Duration.ofMinutes(1))).messages())
          .extracting(message -> message.text())
          .containsExactly("Hello over there");
      bob.acknowledge(owl, List.of(sent.id()));
      assertThat(ada.receipt(sent.id()).orElseThrow().state()).isEqualTo(MessageState.DELIVERED);
    }
  }

  @Test
  void aPeerThatHasJustJoinedElsewhereCanBeWrittenTo() {
    PeerId eel = join(ada, "eel");
    for (int i = 0; i < 50; i++) {
      assertThat(ada.send(OutgoingMessage.of(eel, join(bob, "owl" + i), "Welcome"))).isNotNull();
    }
  }

  @Test
  void aMachineThatVanishesTakesItsOwnPeersAwayAndNobodyElses() {
    PeerId eel = join(ada, "eel");
    PeerId owl = join(bob, "owl");
    eventually("both are seen", () -> isActive(bob, eel) && isActive(ada, owl));

    adasStore.cut();
    clock.advance(Duration.ofSeconds(21));
    bobsStore.renewLease(BrokerLeases.LEASE);
    eventually("eel is away for bob", () -> !isActive(bob, eel));
    assertThat(isActive(bob, owl)).isTrue();
    // Ada's own sessions are there for her, and mail for eel waits.
    assertThat(isActive(ada, eel)).isTrue();
    assertThat(bob.send(OutgoingMessage.of(owl, eel, "Are you back?"))).isNotNull();
    assertThatThrownBy(() -> ada.send(OutgoingMessage.of(eel, eel, "Lost")))
        .isInstanceOfSatisfying(
            PeersException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.STORE_FAILED));

    CountDownLatch woken = new CountDownLatch(1);
    adasStore.mend();
    eventually("eel is back", () -> isActive(bob, eel));
    Subscription waiting = ada.subscribe(eel, woken::countDown);
    try (waiting) {
      eventually("what came meanwhile is found", () -> woken.getCount() == 0);
    }
  }

  @Test
  void whoLeavesOrFallsSilentIsAwayForAll() {
    PeerId eel = join(ada, "eel");
    PeerId cod = join(ada, "cod");
    ada.setSummary(eel, "Mending nets.", Summary.Source.MANUAL);
    eventually("both are seen", () -> isActive(bob, eel) && isActive(bob, cod));

    ada.unregister(eel);
    eventually("eel is away", () -> !isActive(bob, eel));
    assertThat(isActive(bob, cod)).isTrue();

    ada.close();
    eventually("all are away", () -> !isActive(bob, cod));
  }

  @Test
  void aSessionThatComesBackOnAnotherMachineIsTheSamePeer() {
    RegistrationResult before = ada.register(registration("eel").name("eel").build());
    PeerId owl = join(bob, "owl");
    bob.send(OutgoingMessage.of(owl, before.id(), "Wait"));
    ada.unregister(before.id());

    RegistrationResult after = bob.register(registration("eel").name("eel").build());

    assertThat(after).isEqualTo(before);
    assertThat(bob.receive(after.id(), ReceiveRequest.queued(9, Duration.ofMinutes(1))).messages())
        .hasSize(1);
    eventually(
        "ada sees where it is",
        () -> "bob".equals(seen(ada, after.id()).workspace().host()) && isActive(ada, after.id()));
  }

  @Test
  void aSessionThatIsStillThereKeepsItsMailbox() {
    PeerId first = ada.register(registration("eel").process(process(7)).build()).id();
    eventually("bob sees it", () -> isActive(bob, first));

    PeerId second = bob.register(registration("eel").process(process(7)).build()).id();

    assertThat(second).isNotEqualTo(first);
    eventually("both are there", () -> isActive(ada, first) && isActive(ada, second));
  }

  @Test
  void aSessionThatWasResumedElsewhereWhileItsBrokerWasCutOffHasNotTwoHomes() {
    PeerId there = ada.register(registration("eel").process(process(7)).build()).id();
    eventually("bob sees it", () -> isActive(bob, there));
    adasStore.cut();
    clock.advance(Duration.ofSeconds(21));
    bobsStore.renewLease(BrokerLeases.LEASE);
    eventually("it is away", () -> !isActive(bob, there));
    assertThat(bob.register(registration("eel").process(process(8)).build()).id()).isEqualTo(there);
    // Ada's session is still at work, and does not know.
    ada.heartbeat(there);

    adasStore.mend();
    eventually("ada knows", () -> "bob".equals(seen(ada, there).workspace().host()));
    assertThatThrownBy(() -> ada.heartbeat(there))
        .isInstanceOfSatisfying(
            PeersException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNKNOWN_PEER));
    PeerId here = ada.register(registration("eel").process(process(7)).build()).id();
    assertThat(here).isNotEqualTo(there);
    ada.heartbeat(here);
    bob.heartbeat(there);
  }

  @Test
  void aNameIsUniqueOverAllMachines() {
    ada.register(registration("eel").name("fish").build());
    eventually("bob sees it", () -> ids(bob, Scope.network()).size() == 1);
    assertThat(bob.register(registration("owl").name("fish").build()).name()).isEqualTo("fish-2");
  }

  @Test
  void aSharedStoreWantsTheMachinesName() {
    assertThatThrownBy(() -> LocalBroker.over(memory.open()).build())
        .hasMessage("a store that brokers share wants the machine's name");
  }

  private Broker broker(SharedMemory.Opening store, String host) {
    return LocalBroker.over(store).host(host).clock(clock, clock::nanoTime).build();
  }

  private static PeerId join(Broker broker, String name) {
    return broker.register(registration(name).build()).id();
  }

  private static Registration.Builder registration(String name) {
    return Registration.builder(new SessionKey("key of " + name), Workspace.of("/" + name))
        .route(Route.HOOK);
  }

  private static ProcessRef process(long pid) {
    return new ProcessRef(pid, null);
  }

  private static List<PeerId> ids(Broker broker, Scope scope) {
    return broker.list(PeerQuery.active(scope)).stream().map(Peer::id).toList();
  }

  private static Peer seen(Broker broker, PeerId id) {
    return broker.find(id).orElseThrow();
  }

  private static boolean isActive(Broker broker, PeerId id) {
    return seen(broker, id).presence() == Presence.ACTIVE;
  }
}
