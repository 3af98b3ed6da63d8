package dev.peers.mcp.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peers.Broker;
import dev.peers.MessageState;
import dev.peers.OutgoingMessage;
import dev.peers.Receipt;
import dev.peers.ReceiveRequest;
import dev.peers.Registration;
import dev.peers.SessionKey;
import dev.peers.Workspace;
import dev.peers.broker.InMemoryStore;
import dev.peers.broker.LocalBroker;
import dev.peers.client.PeerSession;
import dev.peers.tck.FaultyStore;
import dev.peers.tck.ManualClock;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class UnconfirmedDeliveriesTest {
  private static final Duration LEASE = Duration.ofSeconds(30);

  private final ManualClock clock = new ManualClock();
  private final FaultyStore store = new FaultyStore(new InMemoryStore());
  private final Broker broker = LocalBroker.over(store).clock(clock, clock::nanoTime).build();
  private final PeerSession eel =
      PeerSession.join(
          broker, Registration.builder(new SessionKey("eel"), Workspace.of("/eel")).build());
  private final UnconfirmedDeliveries handovers = new UnconfirmedDeliveries(eel, clock::nanoTime);

  @AfterEach
  void close() {
    eel.close();
    broker.close();
  }

  @Test
  void whatNothingIsHeardOfIsForgottenWithItsLease() {
    Receipt sent = send();
    assertThat(handovers.take(1, ReceiveRequest.queued(9, LEASE)).ids()).containsExactly(sent.id());
    assertThat(handovers.last().id()).isEqualTo(sent.id().value());

    clock.advance(LEASE);
    assertThat(handovers.last().id()).isZero();
    assertThat(handovers.take(2, ReceiveRequest.queued(9, LEASE)).ids()).containsExactly(sent.id());
    handovers.written(2);
    assertThat(broker.receipt(sent.id()).orElseThrow().state()).isEqualTo(MessageState.DELIVERED);
  }

  @Test
  void aProofThatCannotBeWrittenIsNobodysConcernAndTheMessageComesAgain() {
    Receipt sent = send();
    handovers.take(1, ReceiveRequest.queued(9, LEASE));
    store.next(FaultyStore.Fault.FAIL_BEFORE);
    handovers.written(1);

    assertThat(handovers.last().id()).isZero();
    clock.advance(LEASE);
    assertThat(handovers.take(2, ReceiveRequest.queued(9, LEASE)).deliveries().get(0).attempt())
        .isEqualTo(2);
    handovers.cancelled(2);
    handovers.written(2);
    assertThat(broker.receipt(sent.id()).orElseThrow().state()).isEqualTo(MessageState.OFFERED);
  }

  private Receipt send() {
    return broker.send(OutgoingMessage.of(eel.id(), eel.id(), "Hello"));
  }
}
