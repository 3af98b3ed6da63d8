package dev.peers.store.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.peers.ErrorCode;
import dev.peers.MessageId;
import dev.peers.PeersException;
import dev.peers.Receipt;
import dev.peers.ReceiveRequest;
import dev.peers.Sender;
import dev.peers.spi.BrokerStore;
import dev.peers.spi.NewMessage;
import dev.peers.spi.StoreConfig;
import dev.peers.tck.StoreContract;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SqliteStoreTest {
  @TempDir Path directory;

  @Test
  void survivesInAPathWithSpacesAccentsAndQuestionMarks() {
    Path file = directory.resolve("mein Ördner/was? 100%/peers.db");
    open(file).close();
    assertThat(file).isRegularFile();
  }

  @Test
  void keepsTheFileAndItsSideFilesFromOthers() throws Exception {
    Path file = directory.resolve("peers.db");
    Files.createFile(file);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    try (BrokerStore store = open(file)) {
      assertThat(store.peers()).isEmpty();
      try (Stream<Path> files = Files.list(directory)) {
        for (Path each : files.toList()) {
          assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(each)))
              .as(each.toString())
              .isEqualTo("rw-------");
        }
      }
    }
  }

  @Test
  void syncsEveryCommitToTheDisk() {
    SqliteDatabase database = SqliteDatabase.open(directory.resolve("peers.db"));
    try (StoreConnection connection = database.connect()) {
      Handle handle = connection.handle();
      assertThat(pragma(handle, "journal_mode")).isEqualTo("wal");
      assertThat(pragma(handle, "synchronous")).isEqualTo("2");
      assertThat(pragma(handle, "busy_timeout")).isEqualTo("5000");
    }
  }

  @Test
  void writesADeletedDatabaseAgainBeforeItConfirmsAnything() throws Exception {
    Path file = directory.resolve("peers.db");
    Receipt early;
    Receipt late;
    try (BrokerStore store = open(file)) {
      early = store.append(message("before the deletion"));
      for (String side : new String[] {"", "-wal", "-shm"}) {
        Files.delete(directory.resolve("peers.db" + side));
      }
      late = store.append(message("after the deletion"));
      assertThat(store.receipt(late.id(), StoreContract.NOW)).isPresent();
      assertThat(Files.getPosixFilePermissions(file)).hasSize(2);
      // Another process that opens the file now finds everything.
      try (Handle other = Jdbi.open("jdbc:sqlite:" + file)) {
        assertThat(other.createQuery("SELECT id FROM messages").mapTo(Long.class).list())
            .containsExactly(early.id().value(), late.id().value());
      }
    }
  }

  /** As on a disk that has no room for a copy: what cannot be written again is not given up. */
  @Test
  void keepsADeletedDatabaseUntilItCanBeWrittenAgain() throws Exception {
    Path place = Files.createDirectory(directory.resolve("place"));
    Path file = place.resolve("peers.db");
    Path elsewhere = directory.resolve("elsewhere");
    List<MessageId> acknowledged = new ArrayList<>();
    try (BrokerStore store = open(file)) {
      acknowledged.add(store.append(message("before")).id());
      Files.delete(file);
      Files.move(place, elsewhere);
      Files.createFile(place);
      for (int i = 0; i < 3; i++) {
        assertThatThrownBy(() -> store.append(message("refused")))
            .hasMessageContaining("was deleted and cannot be made again");
      }
      assertThat(Files.exists(file)).isFalse();

      Files.delete(place);
      Files.move(elsewhere, place);
      acknowledged.add(store.append(message("after")).id());
      assertThat(store.peek(StoreContract.OWL, 0, 9, StoreContract.NOW).ids())
          .containsAll(acknowledged);
    }
    try (BrokerStore store = open(file)) {
      assertThat(store.peek(StoreContract.OWL, 0, 9, StoreContract.NOW).ids())
          .containsAll(acknowledged);
    }
    try (Stream<Path> files = Files.list(place)) {
      assertThat(files).containsExactlyInAnyOrder(file, place.resolve("peers.db.owner"));
    }
  }

  @Test
  void aDatabaseThatBecomesReadOnlyIsToldAndLosesNothing() {
    SqliteDatabase database = SqliteDatabase.open(directory.resolve("peers.db"));
    GroupCommitWriter writer = new GroupCommitWriter(database, () -> {});
    Receipt before = writer.write(connection -> MessageTable.append(connection, message("before")));
    // What SQLite answers for a file it may not write, which modes do not bring about for root.
    AtomicReference<Handle> writing = new AtomicReference<>();
    writer.write(
        connection -> {
          writing.set(connection.handle());
          return connection.handle().execute("PRAGMA query_only = ON");
        });

    assertThatThrownBy(
            () -> writer.write(connection -> MessageTable.append(connection, message("refused"))))
        .isInstanceOfSatisfying(
            PeersException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.STORE_FAILED))
        .hasMessageContaining("readonly database")
        .hasMessageContaining("the file's owner and mode");

    writing.get().execute("PRAGMA query_only = OFF");
    Receipt after = writer.write(connection -> MessageTable.append(connection, message("after")));
    writer.close();
    database.close();
    try (BrokerStore store = open(database.file())) {
      assertThat(store.peek(StoreContract.OWL, 0, 9, StoreContract.NOW).ids())
          .containsExactly(before.id(), after.id());
    }
  }

  @Test
  void whatReadsBeforeItWritesIsNotUndoneByAnotherProgram() throws Exception {
    SqliteDatabase database = SqliteDatabase.open(directory.resolve("peers.db"));
    try (GroupCommitWriter writer = new GroupCommitWriter(database, () -> {});
        StoreConnection other = database.connect()) {
      other.handle().execute("PRAGMA busy_timeout = 0");
      String change = "INSERT INTO purged (up_to) VALUES (0)";
      int written =
          writer.write(
              connection -> {
                assertThat(connection.handle().select("SELECT * FROM messages").mapToMap())
                    .isEmpty();
                assertThatThrownBy(() -> other.handle().execute(change))
                    .hasMessageContaining("SQLITE_BUSY");
                return connection.handle().execute(change);
              });
      assertThat(written).isEqualTo(1);
    }
  }

  @Test
  void anotherProgramsLockIsCalledThat() throws Exception {
    SqliteDatabase database = SqliteDatabase.open(directory.resolve("peers.db"));
    try (GroupCommitWriter writer = new GroupCommitWriter(database, () -> {});
        StoreConnection other = database.connect()) {
      writer.write(connection -> connection.handle().execute("PRAGMA busy_timeout = 0"));
      other.handle().execute("BEGIN IMMEDIATE");
      assertThatThrownBy(
              () -> writer.write(connection -> MessageTable.append(connection, message("one"))))
          .hasMessageContaining("Another program keeps it locked")
          .hasMessageNotContaining("disk");
      other.handle().execute("ROLLBACK");
      assertThat(writer.write(connection -> MessageTable.append(connection, message("two"))).id())
          .isEqualTo(new MessageId(1));
    }
  }

  @Test
  void confirmsNothingIntoAForeignFile() throws Exception {
    Path file = directory.resolve("peers.db");
    try (BrokerStore store = open(file)) {
      store.append(message("one"));
      Files.move(file, directory.resolve("moved.db"));
      Files.writeString(file, "something else");

      assertThatThrownBy(() -> store.append(message("two")))
          .isInstanceOfSatisfying(
              PeersException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.STORE_FAILED))
          .hasMessageContaining("was replaced by another file")
          .hasMessageContaining("peers kill-broker");
      assertThat(file).hasContent("something else");
    }
  }

  @Test
  void usesAnIndexForEveryStatementOnAMailbox() {
    SqliteDatabase database = SqliteDatabase.open(directory.resolve("peers.db"));
    try (StoreConnection connection = database.connect()) {
      Handle handle = connection.handle();
      String mailbox =
          "INDEXED BY messages_mailbox WHERE to_id = 'x' AND state < 2 AND id > 0 AND expires_at > 5";
      assertThat(plan(handle, "SELECT * FROM messages " + mailbox + " ORDER BY id LIMIT 9"))
          .contains("USING INDEX messages_mailbox")
          .doesNotContain("TEMP B-TREE");
      assertThat(plan(handle, "SELECT 1 FROM messages " + mailbox + " LIMIT 9"))
          .contains("USING COVERING INDEX messages_mailbox");
      for (String[] side :
          new String[][] {
            {"mailbox", "INDEXED BY messages_mailbox WHERE to_id = 'x' AND state < 2"},
            {"received", "INDEXED BY messages_received WHERE to_id = 'x' AND state >= 2"},
            {"sent", "WHERE from_id = 'x'"}
          }) {
        assertThat(
                plan(
                    handle,
                    "SELECT id FROM messages " + side[1] + " AND id > 0 ORDER BY id DESC LIMIT 9"))
            .contains("USING COVERING INDEX messages_" + side[0])
            .doesNotContain("TEMP B-TREE");
      }
      assertThat(
              plan(
                  handle,
                  "SELECT 1 FROM messages INDEXED BY messages_mailbox"
                      + " WHERE state < 2 AND expires_at <= 5"))
          .contains("USING COVERING INDEX messages_mailbox");
      assertThat(plan(handle, "SELECT id FROM messages WHERE state >= 2 AND sent_at < 5"))
          .contains("messages_history");
      assertThat(
              plan(handle, "SELECT * FROM messages WHERE from_id = 'x' AND idempotency_key = 'k'"))
          .contains("USING INDEX messages_once");
      assertThat(plan(handle, "SELECT * FROM peers WHERE session_key = 'x'")).contains("INDEX");
    }
  }

  /** Every page is written out before its caller is answered, and once more into the file. */
  @Test
  void writesFewPagesForASendAndForALease() throws Exception {
    Path file = directory.resolve("peers.db");
    try (BrokerStore store = open(file)) {
      long before = pagesLogged(file);
      for (int i = 0; i < 100; i++) {
        store.append(message("a text of the usual length, more or less: " + i));
      }
      long sent = pagesLogged(file) - before;
      assertThat(sent / 100.0).as("the row, its mailbox, its sender's").isBetween(3.0, 3.5);

      for (int i = 0; i < 100; i++) {
        store.receive(
            StoreContract.OWL, ReceiveRequest.queued(1, Duration.ofSeconds(9)), StoreContract.NOW);
      }
      assertThat(pagesLogged(file) - before - sent).as("rows, which grow").isBetween(100L, 110L);
    }
  }

  private static long pagesLogged(Path file) throws IOException {
    return Files.size(file.resolveSibling(file.getFileName() + "-wal")) / 4096;
  }

  @Test
  void movesADatabaseWithDamagedPagesAside() throws Exception {
    Path file = directory.resolve("peers.db");
    try (BrokerStore store = open(file)) {
      for (int i = 0; i < 200; i++) {
        store.append(message("text " + i + "x".repeat(300)));
      }
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.write(
          ByteBuffer.wrap("damage ".repeat(6_000).getBytes(StandardCharsets.UTF_8)), 4096);
    }

    try (BrokerStore store = open(file)) {
      assertThat(store.append(message("anew")).id().value()).isEqualTo(1);
    }
    try (Stream<Path> files = Files.list(directory)) {
      assertThat(files.map(f -> f.getFileName().toString()))
          .anyMatch(name -> name.startsWith("peers.db.corrupt-"));
    }
  }

  @Test
  void leavesADatabaseOfANewerVersionAlone() {
    Path file = directory.resolve("peers.db");
    try (SqliteDatabase database = SqliteDatabase.open(file);
        StoreConnection connection = database.connect()) {
      connection.handle().execute("PRAGMA user_version = 99");
    }
    assertThatThrownBy(() -> open(file))
        .isInstanceOf(PeersException.class)
        .hasMessageContaining("schema 99")
        .hasMessageContaining("CLAUDE_PEERS_DB");
  }

  @Test
  void leavesADatabaseOfAnotherProgramAsItIs() throws Exception {
    Path file = directory.resolve("peers.db");
    try (Handle original = Jdbi.open("jdbc:sqlite:" + file)) {
      original.execute("CREATE TABLE peers (id TEXT PRIMARY KEY, pid INTEGER, cwd TEXT)");
      original.execute("CREATE TABLE messages (id INTEGER PRIMARY KEY, text TEXT)");
      original.execute("INSERT INTO messages (text) VALUES ('unread')");
    }
    byte[] before = Files.readAllBytes(file);

    assertThatThrownBy(() -> open(file))
        .isInstanceOf(PeersException.class)
        .hasMessageContaining(file + " is another program's")
        .hasMessageContaining("CLAUDE_PEERS_DB");

    assertThat(file).hasBinaryContent(before);
    try (Stream<Path> files = Files.list(directory)) {
      assertThat(files).containsExactly(file);
    }
  }

  @Test
  void namesTheFileItCannotOpen() throws Exception {
    Path blocked = Files.createFile(directory.resolve("file"));
    assertThatThrownBy(() -> open(blocked.resolve("peers.db")))
        .isInstanceOf(PeersException.class)
        .hasMessageContaining(blocked.toString())
        .hasMessageContaining("CLAUDE_PEERS_DB");
  }

  @Test
  void keepsWhatWasWrittenWhenItIsOpenedAgain() {
    Path file = directory.resolve("peers.db");
    try (BrokerStore store = open(file)) {
      store.append(message("kept"));
    }
    try (BrokerStore store = open(file)) {
      assertThat(store.peek(StoreContract.OWL, 0, 10, StoreContract.NOW).messages())
          .singleElement()
          .satisfies(m -> assertThat(m.text()).isEqualTo("kept"));
    }
  }

  private static NewMessage message(String text) {
    return new NewMessage(
        new Sender(StoreContract.EEL, "eel", "eel", "/w", null),
        StoreContract.OWL,
        text,
        StoreContract.NOW,
        StoreContract.NOW.plusSeconds(60),
        null,
        null);
  }

  private static BrokerStore open(Path file) {
    return new SqliteStoreProvider().open(StoreConfig.at(file));
  }

  private static String pragma(Handle handle, String name) {
    return handle.createQuery("PRAGMA " + name).mapTo(String.class).one();
  }

  private static String plan(Handle handle, String sql) {
    return String.join(
        "\n",
        handle
            .createQuery("EXPLAIN QUERY PLAN " + sql)
            .map((row, context) -> row.getString("detail"))
            .list());
  }
}
