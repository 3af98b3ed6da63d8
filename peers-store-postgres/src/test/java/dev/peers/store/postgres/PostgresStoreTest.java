package dev.peers.store.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.peers.ErrorCode;
import dev.peers.MessageId;
import dev.peers.PeersException;
import dev.peers.Receipt;
import dev.peers.Sender;
import dev.peers.spi.NewMessage;
import dev.peers.spi.SharedStore;
import dev.peers.spi.StoreConfig;
import dev.peers.tck.StoreContract;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PostgresStoreTest {
  private final String schema = PostgresServer.newSchema();

  @Test
  void saysWhatToSetWhereTheAddressIsMissingOrMalformed() {
    for (String url :
        List.of(
            "",
            " ",
            "postgres://somebody:hunter2@host/peers",
            "jdbc:postgresql://somebody:hunter2@host/peers",
            "jdbc:postgresql://host:hunter2/peers")) {
      assertThatThrownBy(() -> open(Map.of("url", url)))
          .isInstanceOfSatisfying(
              PeersException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.STORE_FAILED))
          .hasMessageContaining("CLAUDE_PEERS_STORE_URL")
          .hasMessageNotContaining("hunter2");
    }
  }

  @Test
  void refusesOptionsThatMakeNoSense() {
    String url = "jdbc:postgresql://127.0.0.1:1/peers";
    assertThatThrownBy(() -> open(Map.of("url", url, "schema", "a\"b")))
        .hasMessageContaining("schema 'a\"b'");
    for (String pool : List.of("0", "65", "x")) {
      assertThatThrownBy(() -> open(Map.of("url", url, "pool", pool)))
          .hasMessageContaining("expected 1 to 64");
    }
  }

  @Test
  void namesTheServerItCannotReachAndNoPassword() {
    Map<String, String> options =
        Map.of(
            "url", "jdbc:postgresql://127.0.0.1:1/peers?password=hunter1",
            "user", "somebody",
            "password", "hunter2");
    assertThatThrownBy(() -> open(options))
        .isInstanceOfSatisfying(
            PeersException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.STORE_FAILED);
              StringWriter all = new StringWriter();
              e.printStackTrace(new PrintWriter(all));
              assertThat(all.toString()).doesNotContain("hunter");
            })
        .hasMessageContaining("127.0.0.1:1/peers")
        .hasMessageContaining("CLAUDE_PEERS_STORE_URL");
    assertThat(PostgresSettings.of(options).toString()).doesNotContain("hunter");
  }

  @Test
  void saysAtOnceThatTheDatabaseIsNotThere() {
    String url = PostgresServer.shared().url().replaceFirst("/[a-z]+\\?", "/nowhere?");
    assertThatThrownBy(() -> open(Map.of("url", url)))
        .hasMessageContaining("nowhere")
        .hasMessageContaining("Create the database");
  }

  @Test
  void letsManyStartOnAnEmptyDatabase() throws Exception {
    StoreConfig config = PostgresServer.shared().config(schema);
    List<Callable<MessageId>> starts = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      String text = "text " + i;
      starts.add(
          () -> {
            try (SharedStore store = new PostgresStoreProvider().open(config)) {
              return store.append(message(text, null)).id();
            }
          });
    }
    assertThat(atOnce(starts)).doesNotHaveDuplicates();
  }

  @Test
  void leavesASchemaOfANewerVersionAlone() {
    open().close();
    PostgresServer.shared().execute("UPDATE " + schema + ".schema_version SET version = 99");
    assertThatThrownBy(this::open)
        .isInstanceOf(PeersException.class)
        .hasMessageContaining("version 99")
        .hasMessageContaining("Update this one");
  }

  @Test
  void needsNoRightToMakeASchemaThatIsThere() {
    PostgresServer server = PostgresServer.shared();
    String user = schema + "_user";
    server.execute("CREATE ROLE " + user + " LOGIN PASSWORD 'secret'");
    Map<String, String> options = new HashMap<>(server.config(schema).options());
    options.put("url", options.get("url").replaceFirst("[?&]user=[^&]*", "?"));
    options.put("user", user);
    options.put("password", "secret");
    assertThatThrownBy(() -> open(options)).hasMessageContaining("Give the user CREATE");

    server.execute("CREATE SCHEMA " + schema + " AUTHORIZATION " + user);
    try (SharedStore store = open(options)) {
      store.append(message("text", null));
      assertThat(store.peek(StoreContract.OWL, 0, 9, StoreContract.NOW).messages()).hasSize(1);
    }
  }

  @Test
  void waitsForTheDiskWhateverTheDefaultIs() throws Exception {
    PostgresServer server = PostgresServer.shared();
    String user = schema + "_hasty";
    server.execute("CREATE ROLE " + user + " LOGIN SUPERUSER PASSWORD 'secret'");
    server.execute("ALTER ROLE " + user + " SET synchronous_commit = off");
    Map<String, String> options = new HashMap<>(server.config(schema).options());
    options.put("url", options.get("url").replaceFirst("[?&]user=[^&]*", "?"));
    options.put("user", user);
    options.put("password", "secret");
    try (PostgresDatabase database = PostgresDatabase.open(PostgresSettings.of(options))) {
      String setting =
          database.run(
              handle -> handle.createQuery("SHOW synchronous_commit").mapTo(String.class).one());
      assertThat(setting).isEqualTo("on");
    }
  }

  @Test
  void failsOnlyTheMessageThatCannotBeStored() throws Exception {
    try (SharedStore store = open()) {
      // Longer than an entry of an index can be, and not to be compressed.
      StringBuilder key = new StringBuilder();
      new java.util.Random(7).ints(9_000, 'a', 'z').forEach(c -> key.append((char) c));
      List<Callable<Boolean>> sends = new ArrayList<>();
      for (int i = 0; i < 32; i++) {
        String text = "text " + i;
        String poison = i % 8 == 0 ? key.toString() : null;
        sends.add(
            () -> {
              try {
                store.append(message(text, poison));
                return true;
              } catch (PeersException e) {
                assertThat(e.code()).isEqualTo(ErrorCode.STORE_FAILED);
                assertThat(e).hasMessageNotContaining(text);
                return false;
              }
            });
      }
      List<Boolean> stored = atOnce(sends);
      for (int i = 0; i < stored.size(); i++) {
        assertThat(stored.get(i)).isEqualTo(i % 8 != 0);
      }
      assertThat(store.peek(StoreContract.OWL, 0, 99, StoreContract.NOW).messages()).hasSize(28);
    }
  }

  @Test
  void doesNotFindAMessageByAKeyThatNobodyGaveIt() throws Exception {
    try (SharedStore store = open()) {
      Receipt receipt = store.append(message("text", null));
      String key = text("SELECT idempotency_key FROM " + schema + ".messages");
      assertThat(store.receipt(StoreContract.EEL, key, StoreContract.NOW)).isEmpty();
      assertThat(store.append(message("text", key)).id()).isNotEqualTo(receipt.id());
    }
  }

  @Test
  void looksAtAMailboxThroughItsIndexHoweverLongTheHistory() throws Exception {
    open().close();
    PostgresServer.shared()
        .execute(
            "INSERT INTO "
                + schema
                + ".messages (to_id, from_id, from_name, from_project, from_cwd, text, chars,"
                + " idempotency_key, sent_at, expires_at, state)"
                + " SELECT 'owl-22aa', 'eel-k3f9', 'n', 'p', 'c', 't', 1, n, n, 5,"
                + " CASE WHEN n > 49990 THEN 0 ELSE 1 END"
                + " FROM generate_series(1, 50000) n; ANALYZE "
                + schema
                + ".messages");
    String mailbox =
        " WHERE to_id = 'owl-22aa' AND state = 0 AND id > 0 AND expires_at > 1 ORDER BY id LIMIT 9";
    assertThat(plan("SELECT id, chars, lease_until FROM messages" + mailbox))
        .contains("messages_mailbox")
        .doesNotContain("Sort");
    for (String side : List.of("to_id = 'owl-22aa'", "from_id = 'eel-k3f9'")) {
      assertThat(
              plan(
                  "SELECT id FROM messages WHERE " + side + " AND id > 0 ORDER BY id DESC LIMIT 9"))
          .contains("Index")
          .doesNotContain("Sort");
    }
    assertThat(
            plan(
                "SELECT id FROM messages WHERE state = 0 AND delivered_at IS NULL AND expires_at <= 5"))
        .contains("messages_due");
    assertThat(plan("SELECT * FROM receipts WHERE from_id = 'x' AND idempotency_key = 'k'"))
        .contains("messages_once");
  }

  private String plan(String sql) throws SQLException {
    try (Connection connection = PostgresServer.shared().connect();
        Statement statement = connection.createStatement()) {
      statement.execute("SET search_path = " + schema);
      StringBuilder plan = new StringBuilder();
      try (ResultSet rows = statement.executeQuery("EXPLAIN " + sql)) {
        while (rows.next()) {
          plan.append(rows.getString(1)).append('\n');
        }
      }
      return plan.toString();
    }
  }

  private static String text(String sql) throws SQLException {
    try (Connection connection = PostgresServer.shared().connect();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getString(1);
    }
  }

  private SharedStore open() {
    return new PostgresStoreProvider().open(PostgresServer.shared().config(schema));
  }

  private SharedStore open(Map<String, String> options) {
    return new PostgresStoreProvider().open(new StoreConfig(Path.of("unused"), options));
  }

  private static <T> List<T> atOnce(List<Callable<T>> work) throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(work.size());
    try {
      List<T> results = new ArrayList<>();
      for (Future<T> result : pool.invokeAll(work)) {
        results.add(result.get());
      }
      return results;
    } finally {
      pool.shutdownNow();
    }
  }

  private static NewMessage message(String text, @Nullable String key) {
    return new NewMessage(
        new Sender(StoreContract.EEL, "eel", "eel", "/w", null),
        StoreContract.OWL,
        text,
        StoreContract.NOW,
        StoreContract.NOW.plusSeconds(60),
        null,
        key);
  }
}
