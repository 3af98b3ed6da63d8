package dev.peers.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.peers.Broker;
import dev.peers.Draft;
import dev.peers.ErrorCode;
import dev.peers.Limits;
import dev.peers.PeerId;
import dev.peers.PeersException;
import dev.peers.Registration;
import dev.peers.SessionKey;
import dev.peers.Workspace;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class LocalBrokerTest {
  private static final Limits NARROW = new Limits(2, 0, 0, Duration.ofDays(7), Duration.ofDays(30));

  @Test
  void refusesMailForAFullMailboxAndTakesItAgainWhenThereIsRoom() {
    try (Broker broker = LocalBroker.over(new InMemoryStore()).limits(NARROW).build()) {
      PeerId eel = join(broker);
      var first = broker.send(Draft.of(eel, eel, "1"));
      broker.send(Draft.of(eel, eel, "2"));
      assertThatThrownBy(() -> broker.send(Draft.of(eel, eel, "3")))
          .isInstanceOfSatisfying(
              PeersException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.MAILBOX_FULL))
          .hasMessageContaining("the most a mailbox holds is 2");
      broker.acknowledge(eel, List.of(first.id()));
      broker.send(Draft.of(eel, eel, "3"));
    }
  }

  @Test
  void knowsItsPeersAgainAfterARestart() {
    InMemoryStore store = new InMemoryStore();
    LocalBroker first = LocalBroker.over(store).build();
    PeerId eel = join(first);
    first.send(Draft.of(eel, eel, "kept"));
    // The first broker is not closed: it was killed.
    try (Broker second = LocalBroker.over(store).build()) {
      assertThat(second.find(eel)).isPresent();
      assertThat(join(second)).isEqualTo(eel);
      assertThat(second.pending(eel, 0, 0).remaining()).isEqualTo(1);
    }
  }

  @Test
  void saysThatItIsClosed() {
    Broker broker = LocalBroker.over(new InMemoryStore()).build();
    broker.close();
    broker.close();
    assertThatThrownBy(broker::status)
        .isInstanceOfSatisfying(
            PeersException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CLOSED));
  }

  private static PeerId join(Broker broker) {
    return broker
        .register(Registration.builder(new SessionKey("eel"), Workspace.of("/w/eel")).build())
        .id();
  }
}
