package com.example.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.peers.Batch;
import dev.peers.Broker;
import dev.peers.ErrorCode;
import dev.peers.HistoryQuery;
import dev.peers.MessageId;
import dev.peers.OutgoingMessage;
import dev.peers.PeerId;
import dev.peers.PeersException;
import dev.peers.ReceiveRequest;
import dev.peers.Registration;
import dev.peers.Sender;
import dev.peers.SessionKey;
import dev.peers.Workspace;
import dev.peers.broker.LocalBroker;
import dev.peers.spi.BrokerStore;
import dev.peers.spi.NewMessage;
import dev.peers.spi.Providers;
import dev.peers.spi.StoreConfig;
import dev.peers.spi.StoreProvider;
import dev.peers.tck.FaultyStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the contract cannot ask: how this store lives in its file. */
class JournalStoreTest {
  private static final Instant NOW = Instant.parse("2026-03-04T05:06:07.000000089Z");
  private static final PeerId EEL = new PeerId("eel-k3f9");
  private static final PeerId OWL = new PeerId("owl-22aa");

  @TempDir Path directory;

  @Test
  void isFoundByItsName() {
    assertThat(Providers.of(StoreProvider.class).named("journal"))
        .isInstanceOf(JournalStoreProvider.class);
  }

  @Test
  void isTheSameWhenItIsOpenedAgain() {
    MessageId delivered;
    MessageId offered;
    Batch waiting;
    try (BrokerStore store = open()) {
      delivered = send(store, "text\twith\\all\nkinds\r of 🙂 \\0");
      offered = send(store, "");
      send(store, "still new");
      store.receive(OWL, ReceiveRequest.queued(2, Duration.ofMinutes(1)), NOW);
      store.acknowledge(OWL, List.of(delivered), NOW.plusSeconds(1));
      waiting = store.peek(OWL, 0, 10, NOW);
    }
    try (BrokerStore store = open()) {
      assertThat(store.peek(OWL, 0, 10, NOW)).isEqualTo(waiting);
      assertThat(store.receipt(offered, NOW).orElseThrow().attempts()).isEqualTo(1);
      assertThat(store.history(HistoryQuery.latest(10), NOW).entries().get(0))
          .satisfies(
              entry -> {
                assertThat(entry.message().text()).isEqualTo("text\twith\\all\nkinds\r of 🙂 \\0");
                assertThat(entry.receipt().deliveredAt()).isEqualTo(NOW.plusSeconds(1));
              });
    }
  }

  @Test
  void losesNothingButTheLineThatACrashTore() throws IOException {
    MessageId first;
    try (BrokerStore store = open()) {
      first = send(store, "first");
    }
    Files.writeString(file(), "0123abcd\tmail\t2\teel", StandardOpenOption.APPEND);
    MessageId second;
    try (BrokerStore store = open()) {
      second = send(store, "second");
    }
    try (BrokerStore store = open()) {
      assertThat(store.peek(OWL, 0, 10, NOW).ids()).containsExactly(first, second);
    }
  }

  @Test
  void refusesAFileThatWasDamaged() throws IOException {
    try (BrokerStore store = open()) {
      send(store, "first");
      send(store, "second");
    }
    String text = Files.readString(file());
    Files.writeString(file(), text.replace("first", "fist"));

    assertThatThrownBy(this::open)
        .isInstanceOfSatisfying(
            PeersException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.STORE_FAILED))
        .hasMessageContainingAll(file().toString(), "line 2", "move it away");
    assertThat(Files.readString(file())).contains("second");
  }

  @Test
  void boundsItsFileAndNeverUsesAnIdTwice() throws IOException {
    MessageId last = null;
    try (BrokerStore store = open()) {
      for (int i = 0; i < 600; i++) {
        last = send(store, "number " + i);
        store.acknowledge(OWL, List.of(last), NOW);
        store.purge(NOW.plusSeconds(1));
      }
    }
    try (var lines = Files.lines(file())) {
      assertThat(lines.count()).isLessThan(1_010);
    }
    try (BrokerStore store = open()) {
      assertThat(store.history(HistoryQuery.latest(10), NOW).entries()).isEmpty();
      assertThat(send(store, "one more")).isGreaterThan(last);
    }
  }

  @Test
  void aSendWhoseAnswerIsLostIsOneMessage() {
    FaultyStore store = new FaultyStore(open());
    try (Broker broker = LocalBroker.over(store).build()) {
      PeerId eel =
          broker
              .register(Registration.builder(new SessionKey("a"), Workspace.of("/eel")).build())
              .id();
      OutgoingMessage draft = OutgoingMessage.of(eel, eel, "once").idempotent("key");

      store.next(FaultyStore.Fault.FAIL_AFTER);
      assertThatThrownBy(() -> broker.send(draft)).isInstanceOf(PeersException.class);
      broker.send(draft);

      assertThat(broker.peek(eel, 0, 10).messages()).hasSize(1);
    }
  }

  private BrokerStore open() {
    return new JournalStoreProvider().open(StoreConfig.at(directory.resolve("peers.db")));
  }

  private Path file() {
    return directory.resolve("peers.db.journal");
  }

  private static MessageId send(BrokerStore store, String text) {
    Sender from = new Sender(EEL, "eel", "eel", "/code/eel", null);
    Instant end = NOW.plus(Duration.ofDays(7));
    return store.append(new NewMessage(from, OWL, text, NOW, end, null, null)).id();
  }
}
