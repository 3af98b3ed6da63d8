package dev.peers.store.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.peers.PeersException;
import dev.peers.spi.BrokerStore;
import dev.peers.spi.StoreConfig;
import dev.peers.tck.StoreContract;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files of a database that others removed, replaced or changed, while it was in use or not. */
class ExchangedFileTest {
  private static final int MANY = 700;

  @TempDir Path directory;

  @Test
  void aLogIsNotWrittenOverTheBackupThatTookItsFilesPlace() throws Exception {
    Path file = directory.resolve("peers.db");
    HaltedBroker.run(file, 1, 3);
    Path backup = copy(file);
    HaltedBroker.run(file, 4, 9);

    Files.move(backup, file, StandardCopyOption.REPLACE_EXISTING);

    assertThat(numbers(file)).isEqualTo(upTo(3));
    assertThat(names()).anyMatch(name -> name.matches("peers\\.db\\.unused-.*-wal"));
    assertSound(file);
  }

  /** In place: the file is the same to the system, and its content another. */
  @Test
  void aLogIsNotWrittenOverTheBackupThatWasCopiedIntoItsFile() throws Exception {
    Path file = directory.resolve("peers.db");
    HaltedBroker.run(file, 1, 3);
    Path backup = copy(file);
    HaltedBroker.run(file, 4, MANY);
    HaltedBroker.run(file, MANY + 1, MANY + 1);

    Files.write(file, Files.readAllBytes(backup));

    assertThat(numbers(file)).isEqualTo(upTo(3));
    assertSound(file);
  }

  @Test
  void aDatabaseAndItsLogThatWereCopiedBackTogetherAreOpened() throws Exception {
    Path file = directory.resolve("peers.db");
    HaltedBroker.run(file, 1, MANY);
    Path saved = Files.createDirectory(directory.resolve("saved"));
    Files.copy(file, saved.resolve("peers.db"));
    Files.copy(directory.resolve("peers.db-wal"), saved.resolve("peers.db-wal"));
    HaltedBroker.run(file, MANY + 1, 2 * MANY);

    for (String side : new String[] {"", "-wal"}) {
      Files.copy(
          saved.resolve("peers.db" + side),
          directory.resolve("peers.db" + side),
          StandardCopyOption.REPLACE_EXISTING);
    }

    assertThat(numbers(file)).isEqualTo(upTo(MANY));
    assertSound(file);
  }

  @Test
  void aLogWithoutItsDatabaseIsPutAside() throws Exception {
    Path file = directory.resolve("peers.db");
    HaltedBroker.run(file, 1, 3);
    Files.delete(file);
    assertThat(numbers(file)).isEmpty();
    assertThat(names()).anyMatch(name -> name.matches("peers\\.db\\.unused-.*-wal"));
  }

  @Test
  void aFileMovedOverTheOpenOneIsTheNextBrokersAndTheOldContentIsKept() throws Exception {
    Path file = directory.resolve("peers.db");
    HaltedBroker.run(file, 1, 3);
    Path backup = copy(file);
    try (BrokerStore store = open(file)) {
      HaltedBroker.append(store, 4, 5);
      Files.move(backup, file, StandardCopyOption.REPLACE_EXISTING);
      for (int i = 0; i < 2; i++) {
        assertThatThrownBy(() -> HaltedBroker.append(store, 6, 6))
            .isInstanceOf(PeersException.class)
            .hasMessageContaining("was replaced by another file")
            .hasMessageContaining("peers restore");
      }
    }
    assertThat(numbers(file)).isEqualTo(upTo(3));
    Path kept =
        directory.resolve(
            names().stream()
                .filter(name -> name.startsWith("peers.db.replaced-"))
                .findFirst()
                .get());
    assertThat(numbers(kept)).contains(1, 2, 3, 4, 5);
    assertSound(kept);
  }

  @Test
  void aFileCopiedIntoTheOpenOneIsTheNextBrokers() throws Exception {
    Path file = directory.resolve("peers.db");
    HaltedBroker.run(file, 1, 3);
    Path backup = copy(file);
    try (BrokerStore store = open(file)) {
      HaltedBroker.append(store, 4, MANY);
      Files.write(file, Files.readAllBytes(backup));
      assertThatThrownBy(() -> HaltedBroker.append(store, 0, 0))
          .isInstanceOf(PeersException.class)
          .hasMessageMatching("(?s).*was (overwritten|cut) by another program.*kill-broker.*");
    }
    assertThat(numbers(file)).isEqualTo(upTo(3));
    assertSound(file);
  }

  @Test
  void anOpenFileThatIsCutIsNoticed() throws Exception {
    Path file = directory.resolve("peers.db");
    try (BrokerStore store = open(file)) {
      HaltedBroker.append(store, 1, 3);
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        channel.truncate(0);
      }
      assertThatThrownBy(() -> HaltedBroker.append(store, 4, 4))
          .hasMessageContaining("was cut by another program");
    }
    assertThat(numbers(file)).isEmpty();
  }

  @Test
  void aRemovedLogIsWrittenOutBeforeAnythingIsAcknowledged() throws Exception {
    Path file = directory.resolve("peers.db");
    Path killed = Files.createDirectory(directory.resolve("killed"));
    try (BrokerStore store = open(file)) {
      HaltedBroker.append(store, 1, 3);
      Files.delete(directory.resolve("peers.db-wal"));
      HaltedBroker.append(store, 4, 4);
      // What another process would find if this one were killed now.
      for (String side : new String[] {"", "-wal"}) {
        if (Files.exists(directory.resolve("peers.db" + side))) {
          Files.copy(directory.resolve("peers.db" + side), killed.resolve("peers.db" + side));
        }
      }
      HaltedBroker.append(store, 5, 9);
      assertThat(store.peek(StoreContract.OWL, 0, 99, StoreContract.NOW).deliveries()).hasSize(9);
    }
    assertThat(numbers(killed.resolve("peers.db"))).isEqualTo(upTo(4));
    assertThat(numbers(file)).isEqualTo(upTo(9));
    assertSound(file);
  }

  @Test
  void aLogThatIsCutIsNoticedAndWhatIsLeftIsUsed() throws Exception {
    Path file = directory.resolve("peers.db");
    try (BrokerStore store = open(file)) {
      HaltedBroker.append(store, 1, 9);
      Path log = directory.resolve("peers.db-wal");
      try (FileChannel channel = FileChannel.open(log, StandardOpenOption.WRITE)) {
        channel.truncate(channel.size() / 2);
      }
      assertThatThrownBy(() -> HaltedBroker.append(store, 10, 10))
          .isInstanceOf(PeersException.class);
      assertThatThrownBy(() -> HaltedBroker.append(store, 11, 11))
          .isInstanceOf(PeersException.class);
    }
    assertThat(numbers(file)).isEqualTo(upTo(numbers(file).size())).contains(1);
    assertSound(file);
  }

  @Test
  void aRemovedIndexOfTheLogCostsNothing() throws Exception {
    Path file = directory.resolve("peers.db");
    try (BrokerStore store = open(file)) {
      HaltedBroker.append(store, 1, 3);
      Files.delete(directory.resolve("peers.db-shm"));
      HaltedBroker.append(store, 4, MANY);
    }
    assertThat(numbers(file)).isEqualTo(upTo(MANY));
    assertSound(file);
  }

  @Test
  void anotherProgramThatReadsOrWritesProperlyIsInNobodysWay() throws Exception {
    Path file = directory.resolve("peers.db");
    try (BrokerStore store = open(file)) {
      HaltedBroker.append(store, 1, 3);
      try (Handle other = Jdbi.open("jdbc:sqlite:" + file)) {
        assertThat(other.createQuery("SELECT count(*) FROM messages").mapTo(int.class).one())
            .isEqualTo(3);
        HaltedBroker.append(store, 4, 5);
        other.execute("DELETE FROM messages WHERE id = 1");
        other.createQuery("PRAGMA wal_checkpoint(PASSIVE)").mapToMap().list();
      }
      HaltedBroker.append(store, 6, 7);
    }
    assertThat(numbers(file)).containsExactly(2, 3, 4, 5, 6, 7);
  }

  @Test
  void theLogIsMovedIntoTheMainFileNowAndThen() throws Exception {
    Path file = directory.resolve("peers.db");
    try (BrokerStore store = open(file)) {
      HaltedBroker.append(store, 1, 4 * MANY);
      assertThat(Files.size(directory.resolve("peers.db-wal"))).isLessThan(16L << 20);
      assertThat(Files.size(file)).isGreaterThan(100_000);
    }
    assertThat(numbers(file)).isEqualTo(upTo(4 * MANY));
  }

  /** As programs for backups do it, log included. */
  private Path copy(Path file) throws IOException {
    Path copy = directory.resolve("backup.db");
    try (Handle handle = Jdbi.open("jdbc:sqlite:" + file)) {
      handle.execute("VACUUM INTO ?", copy.toString());
    }
    return copy;
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }

  private static List<Integer> upTo(int last) {
    return IntStream.rangeClosed(1, last).boxed().toList();
  }

  /** What a broker that opens the file finds. */
  private static List<Integer> numbers(Path file) {
    try (BrokerStore store = open(file)) {
      long after = 0;
      List<Integer> all = new java.util.ArrayList<>();
      while (true) {
        var page = store.peek(StoreContract.OWL, after, 1_000, StoreContract.NOW);
        if (page.isEmpty()) {
          return all;
        }
        page.messages().forEach(m -> all.add(Integer.valueOf(m.text().split(" ", 2)[0])));
        after = page.ids().get(page.ids().size() - 1).value();
      }
    }
  }

  private static void assertSound(Path file) {
    try (Handle handle = Jdbi.open("jdbc:sqlite:" + file)) {
      assertThat(handle.createQuery("PRAGMA integrity_check").mapTo(String.class).one())
          .isEqualTo("ok");
    }
  }

  private static BrokerStore open(Path file) {
    return new SqliteStoreProvider().open(StoreConfig.at(file));
  }
}
