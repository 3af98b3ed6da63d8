package dev.peers.broker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peers.Batch;
import dev.peers.Draft;
import dev.peers.HistoryQuery;
import dev.peers.PeerId;
import dev.peers.Position;
import dev.peers.Registration;
import dev.peers.SessionKey;
import dev.peers.Take;
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
        broker.send(Draft.of(eel, eel, "text " + i));
      }
      Batch all = broker.pending(eel, Position.START, 9);
      Position first = all.after(all.deliveries().get(0));
      assertThat(first.store()).isNotEmpty();

      for (Position foreign :
          new Position[] {
            new Position("another", 1),
            new Position("another", 99),
            Position.of(99),
            new Position(first.store(), 4)
          }) {
        assertThat(broker.pending(eel, foreign, 9).deliveries()).as("%s", foreign).hasSize(3);
        Take take = Take.undelivered(9, Duration.ZERO).after(foreign);
        assertThat(broker.take(eel, take).deliveries()).as("%s", foreign).hasSize(3);
        assertThat(broker.history(HistoryQuery.latest(9).after(foreign)).entries()).hasSize(3);
      }
      for (Position own :
          new Position[] {first, Position.of(1), Position.parse(first.toString())}) {
        assertThat(broker.pending(eel, own, 9).deliveries()).as("%s", own).hasSize(2);
      }
      assertThat(broker.pending(eel, new Position(first.store(), 3), 9).isEmpty()).isTrue();
    }
  }

  private static PeerId join(LocalBroker broker, String name) {
    return broker
        .register(Registration.builder(new SessionKey(name), Workspace.of("/" + name)).build())
        .id();
  }
}
