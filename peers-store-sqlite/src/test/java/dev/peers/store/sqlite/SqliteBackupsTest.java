package dev.peers.store.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.peers.PeersException;
import dev.peers.spi.BrokerStore;
import dev.peers.spi.StoreBackups;
import dev.peers.spi.StoreConfig;
import dev.peers.tck.StoreContract;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SqliteBackupsTest {
  private final StoreBackups backups = new SqliteBackups();

  @TempDir Path directory;

  @Test
  void aBackupOfAnOpenDatabaseHasAllAndIsTheOwnersAlone() throws Exception {
    Path backup = directory.resolve("backup.db");
    try (BrokerStore store = open()) {
      HaltedBroker.append(store, 1, 5);
      backups.write(config(), backup, false);
      // It has not taken the lock of this process away.
      assertThatThrownBy(() -> HaltedBroker.run(database(), 6, 6)).hasMessage("it said null");
      HaltedBroker.append(store, 6, 9);
    }
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(backup)))
        .isEqualTo("rw-------");
    assertThat(count(backup)).isEqualTo(5);
    assertThat(names()).containsExactlyInAnyOrder("peers.db", "peers.db.owner", "backup.db");
  }

  @Test
  void aBackupTakesItsFilesPlaceOnlyWhereAsked() throws Exception {
    Path backup = directory.resolve("backup.db");
    HaltedBroker.run(database(), 1, 2);
    Files.writeString(backup, "precious");
    assertThatThrownBy(() -> backups.write(config(), backup, false))
        .isInstanceOf(PeersException.class)
        .hasMessageContaining("is there already")
        .hasMessageContaining("--force");
    assertThat(backup).hasContent("precious");
    assertThatThrownBy(() -> backups.write(config(), database(), true))
        .hasMessageContaining("is the database itself");
    backups.write(config(), backup, true);
    assertThat(count(backup)).isEqualTo(2);
  }

  @Test
  void aRestoredDatabaseIsAnotherOneAndTheFormerIsKept() throws Exception {
    Path backup = directory.resolve("backup.db");
    String identity;
    try (BrokerStore store = open()) {
      identity = store.identity();
      HaltedBroker.append(store, 1, 3);
    }
    backups.write(config(), backup, false);
    HaltedBroker.run(database(), 4, 9);

    Optional<Path> former;
    try (StoreBackups.Prepared prepared = backups.prepare(config(), backup)) {
      former = prepared.install();
    }

    try (BrokerStore store = open()) {
      assertThat(store.identity()).isNotEqualTo(identity);
      assertThat(store.lastId()).isEqualTo(3);
      HaltedBroker.append(store, 4, 4);
    }
    assertThat(count(former.orElseThrow())).as("with its log").isEqualTo(9);
    assertThat(count(backup)).isEqualTo(3);
    assertThat(names()).noneMatch(name -> name.contains("restoring"));
  }

  @Test
  void aDatabaseInUseIsNotReplaced() throws Exception {
    Path backup = directory.resolve("backup.db");
    try (BrokerStore store = open()) {
      HaltedBroker.append(store, 1, 3);
      backups.write(config(), backup, false);
      try (StoreBackups.Prepared prepared = backups.prepare(config(), backup)) {
        assertThatThrownBy(prepared::install).hasMessageContaining("is in use");
      }
      HaltedBroker.append(store, 4, 4);
      assertThat(store.peek(StoreContract.OWL, 0, 9, StoreContract.NOW).deliveries()).hasSize(4);
    }
    assertThat(names()).noneMatch(name -> name.contains("restoring"));
  }

  @Test
  void onlySoundDatabasesOfOursAreBroughtBack() throws Exception {
    open().close();
    Path other = directory.resolve("other.db");
    Files.writeString(other, "no database ".repeat(900), StandardCharsets.UTF_8);
    refused(other, "cannot be read as a database");
    Files.delete(other);
    try (Handle foreign = Jdbi.open("jdbc:sqlite:" + other)) {
      foreign.execute("CREATE TABLE messages (text TEXT)");
    }
    refused(other, "is not a database of Peers");
    refused(directory, "is not a file");
    refused(directory.resolve("nowhere.db"), "is not there");
    refused(database(), "is the database itself");
    Path newer = directory.resolve("newer.db");
    backups.write(config(), newer, false);
    try (Handle handle = Jdbi.open("jdbc:sqlite:" + newer)) {
      handle.execute("PRAGMA user_version = 99");
    }
    refused(newer, "schema 99");
  }

  /** A copy that another program has made, and what its user then does with it. */
  @Test
  void aLogIsNotWrittenIntoABackupThatWasMovedOverItsDatabase() throws Exception {
    Path backup = directory.resolve("backup.db");
    HaltedBroker.run(database(), 1, 3);
    Process broker = HaltedBroker.start(database(), 4, 9);
    backups.write(config(), backup, false);
    try (Handle reader = Jdbi.open("jdbc:sqlite:" + database())) {
      reader.execute("VACUUM INTO ?", directory.resolve("by-hand.db").toString());
    }
    HaltedBroker.kill(broker);
    Files.move(directory.resolve("by-hand.db"), database(), StandardCopyOption.REPLACE_EXISTING);
    try (BrokerStore store = open()) {
      assertThat(store.lastId()).isEqualTo(9);
    }
    HaltedBroker.run(database(), 10, 12);
    Files.move(backup, database(), StandardCopyOption.REPLACE_EXISTING);
    try (BrokerStore store = open()) {
      assertThat(store.lastId()).isEqualTo(9);
    }
  }

  private void refused(Path backup, String why) {
    assertThatThrownBy(() -> backups.prepare(config(), backup).close())
        .isInstanceOf(PeersException.class)
        .hasMessageContaining(why);
  }

  private Path database() {
    return directory.resolve("peers.db");
  }

  private StoreConfig config() {
    return StoreConfig.at(database());
  }

  private BrokerStore open() {
    return new SqliteStoreProvider().open(config());
  }

  private static int count(Path file) {
    try (Handle handle = Jdbi.open("jdbc:sqlite:" + file)) {
      assertThat(handle.createQuery("PRAGMA integrity_check").mapTo(String.class).one())
          .isEqualTo("ok");
      return handle.createQuery("SELECT count(*) FROM messages").mapTo(int.class).one();
    }
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }
}
