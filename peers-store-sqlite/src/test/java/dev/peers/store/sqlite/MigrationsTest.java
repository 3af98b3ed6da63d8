package dev.peers.store.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peers.HistoryEntry;
import dev.peers.HistoryQuery;
import dev.peers.MessageId;
import dev.peers.MessageState;
import dev.peers.PeerId;
import dev.peers.ReceiveRequest;
import dev.peers.Sender;
import dev.peers.spi.BrokerStore;
import dev.peers.spi.NewMessage;
import dev.peers.spi.StoreConfig;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MigrationsTest {
  private static final Instant NOW = Instant.ofEpochMilli(5_000);
  private static final PeerId EEL = new PeerId("eel-k3f9");
  private static final PeerId OWL = new PeerId("owl-m2d8");

  @TempDir Path directory;

  /** Whoever updates finds all mail as it was, and ids that go on. */
  @Test
  void bringsTheMailOfAnOlderVersionAlong() throws Exception {
    Path file = directory.resolve("peers.db");
    try (Handle old = Jdbi.open("jdbc:sqlite:" + file)) {
      old.createScript(script("001-initial.sql")).execute();
      old.createScript(script("002-host.sql")).execute();
      old.execute("PRAGMA user_version = 2");
      String insert =
          """
          INSERT INTO messages (id, to_id, from_id, from_name, from_project, from_cwd, text, sent_at,
                                expires_at, state, attempts, lease_until, delivered_at,
                                idempotency_key)
          VALUES (?, 'owl-m2d8', 'eel-k3f9', 'eel', 'p', '/w', ?, 1000, 9000, ?, ?, ?, ?, ?)
          """;
      old.execute(insert, 2, "queued", 0, 0, 0, null, "the key");
      old.execute(insert, 3, "offered", 1, 1, 7_000, null, null);
      old.execute(insert, 5, "delivered", 2, 1, 0, 4_000, null);
      old.execute(insert, 7, "expired", 3, 0, 0, null, null);
      old.execute(insert, 40, "purged", 2, 1, 0, 4_000, null);
      old.execute("DELETE FROM messages WHERE id = 40");
    }

    try (BrokerStore store = new SqliteStoreProvider().open(StoreConfig.at(file))) {
      assertThat(store.history(new HistoryQuery(OWL, null, 0, 9), NOW).entries())
          .extracting(HistoryEntry::message)
          .extracting(message -> message.id().value() + " " + message.text())
          .containsExactly("2 queued", "3 offered", "5 delivered", "7 expired");
      assertThat(store.history(new HistoryQuery(EEL, null, 0, 9), NOW).entries())
          .extracting(HistoryEntry::receipt)
          .extracting(receipt -> receipt.state())
          .containsExactly(
              MessageState.QUEUED,
              MessageState.OFFERED,
              MessageState.DELIVERED,
              MessageState.EXPIRED);
      assertThat(store.receipt(EEL, "the key", NOW)).isPresent();
      assertThat(store.receive(OWL, ReceiveRequest.queued(9, Duration.ofSeconds(9)), NOW).ids())
          .containsExactly(new MessageId(2));
      assertThat(store.peek(OWL, 0, 9, NOW).ids())
          .containsExactly(new MessageId(2), new MessageId(3));

      NewMessage next =
          new NewMessage(
              new Sender(EEL, "eel", "p", "/w", null),
              OWL,
              "new",
              NOW,
              NOW.plusSeconds(9),
              null,
              null);
      assertThat(store.append(next).id()).isEqualTo(new MessageId(41));
    }
    try (Handle now = Jdbi.open("jdbc:sqlite:" + file)) {
      assertThat(now.createQuery("PRAGMA integrity_check").mapTo(String.class).one())
          .isEqualTo("ok");
      assertThat(
              now.createQuery("SELECT sql FROM sqlite_master WHERE name = 'messages'")
                  .mapTo(String.class)
                  .one())
          .doesNotContain("AUTOINCREMENT");
      assertThat(now.createQuery("SELECT count(*) FROM sqlite_sequence").mapTo(int.class).one())
          .isZero();
    }
  }

  private static String script(String name) throws Exception {
    try (InputStream in = Migrations.class.getResourceAsStream("migrations/" + name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
