package dev.peers.broker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peers.Batch;
import dev.peers.HistoryQuery;
import dev.peers.OutgoingMessage;
import dev.peers.PeerId;
import dev.peers.Position;
import dev.peers.ReceiveRequest;
import dev.peers.Registration;
import dev.peers.SessionKey;
import dev.peers.Workspace;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What those who remember a message of one database get from another. */
class PositionsTest {
  @Test
  void aPositionOfAnotherDatabaseIsTheBeginning() {
    try (LocalBroker broker = LocalBroker.over(new InMemoryStore()).build()) {
      PeerId eel = join(broker, "eel");
      for (int i = 0; i < 3; i++) {
        broker.send(OutgoingMessage.of(eel, eel, "text " + i));
      }
      Batch all = broker.peek(eel, Position.START, 9);
      Position first = all.after(all.deliveries().get(0));
      assertThat(first.store()).isNotEmpty();

      for (Position foreign :
          new Position[] {
            new Position("another", 1),
            new Position("another", 99),
            Position.of(99),
            new Position(first.store(), 4)
          }) {
        assertThat(broker.peek(eel, foreign, 9).deliveries()).as("%s", foreign).hasSize(3);
        ReceiveRequest take = ReceiveRequest.undelivered(9, Duration.ZERO).after(foreign);
        assertThat(broker.receive(eel, take).deliveries()).as("%s", foreign).hasSize(3);
        assertThat(broker.history(HistoryQuery.latest(9).after(foreign)).entries()).hasSize(3);
      }
      for (Position own :
          new Position[] {first, Position.of(1), Position.parse(first.toString())}) {
        assertThat(broker.peek(eel, own, 9).deliveries()).as("%s", own).hasSize(2);
      }
      assertThat(broker.peek(eel, new Position(first.store(), 3), 9).isEmpty()).isTrue();
    }
  }

  private static PeerId join(LocalBroker broker, String name) {
    return broker
        .register(Registration.builder(new SessionKey(name), Workspace.of("/" + name)).build())
        .id();
  }
}
