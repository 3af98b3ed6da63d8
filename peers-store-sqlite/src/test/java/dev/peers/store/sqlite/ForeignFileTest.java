package dev.peers.store.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.peers.ErrorCode;
import dev.peers.PeersException;
import dev.peers.spi.BrokerStore;
import dev.peers.spi.StoreConfig;
import dev.peers.tck.StoreContract;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is found where a database should be is left alone unless Peers wrote it. */
class ForeignFileTest {
  @TempDir Path directory;

  @Test
  void aTextFileIsRefusedByNameAndLeftAlone() throws Exception {
    Path file = directory.resolve("notes.txt");
    Files.writeString(file, "buy milk\n".repeat(2_000));
    refused(file, "is not a database");
    assertThat(file).hasContent("buy milk\n".repeat(2_000));
    assertThat(names()).containsExactly("notes.txt");
  }

  @Test
  void aShortFileIsRefused() throws Exception {
    Path file = directory.resolve("peers.db");
    Files.writeString(file, "x");
    refused(file, "is not a database");
    assertThat(file).hasContent("x");
  }

  @Test
  void aDirectoryAndAPipeAreRefused() throws Exception {
    Path place = Files.createDirectory(directory.resolve("peers.db"));
    refused(place, "is a directory");
    Path pipe = directory.resolve("pipe.db");
    new ProcessBuilder("mkfifo", pipe.toString()).inheritIO().start().waitFor();
    refused(pipe, "neither a file nor a directory");
    refused(Path.of("/dev/null"), "neither a file nor a directory");
    assertThat(names()).containsExactlyInAnyOrder("peers.db", "pipe.db");
  }

  /** Its schema's number alone would have it migrated. */
  @Test
  void aDatabaseOfAnotherProgramIsRefusedWhateverItsSchemasNumber() throws Exception {
    Path file = directory.resolve("peers.db");
    try (Handle other = Jdbi.open("jdbc:sqlite:" + file)) {
      other.execute("CREATE TABLE messages (id INTEGER PRIMARY KEY, text TEXT)");
      other.execute("PRAGMA user_version = 2");
    }
    byte[] before = Files.readAllBytes(file);
    refused(file, "is another program's");
    try (Handle other = Jdbi.open("jdbc:sqlite:" + file)) {
      other.execute("PRAGMA application_id = 17");
    }
    refused(file, "is another program's");
    assertThat(Files.size(file)).isEqualTo(before.length);
    assertThat(names()).containsExactly("peers.db");
  }

  @Test
  void aDamagedDatabaseOfAnotherProgramIsRefused() throws Exception {
    Path file = directory.resolve("peers.db");
    byte[] bytes = new byte[8_192];
    System.arraycopy("SQLite format 3\0".getBytes(StandardCharsets.ISO_8859_1), 0, bytes, 0, 16);
    Files.write(file, bytes);
    refused(file, "nothing shows that it is one of Peers");
    assertThat(file).hasBinaryContent(bytes);
  }

  @Test
  void aDamagedDatabaseOfOursIsPutAsideThoughNothingOfItCanBeRead() throws Exception {
    Path file = directory.resolve("peers.db");
    try (BrokerStore store = open(file)) {
      HaltedBroker.append(store, 1, 20);
    }
    byte[] bytes = Files.readAllBytes(file);
    Arrays.fill(bytes, (byte) 'z');
    Files.write(file, bytes);

    try (BrokerStore store = open(file)) {
      assertThat(store.peek(StoreContract.OWL, 0, 9, StoreContract.NOW).isEmpty()).isTrue();
    }
    assertThat(names()).anyMatch(name -> name.startsWith("peers.db.corrupt-"));
  }

  @ParameterizedTest
  @ValueSource(strings = {".owner", ".suspect", "-wal", "-shm", "-journal"})
  void aFileOfTheUsersBesideTheDatabaseIsRefusedByNameAndLeftAlone(String suffix) throws Exception {
    Path file = directory.resolve("peers.db");
    Path users = Files.writeString(directory.resolve("peers.db" + suffix), "buy milk\n");

    assertThatThrownBy(() -> open(file).close())
        .isInstanceOfSatisfying(
            PeersException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.STORE_FAILED))
        .hasMessageStartingWith(users + " is not a ")
        .hasMessageContaining("left as it is. Move it away");
    assertThat(users).hasContent("buy milk\n");
    assertThat(names()).containsExactly("peers.db" + suffix);
  }

  /** Such as a note, where the mark of a damage met before would have the database put aside. */
  @Test
  void aNoteOfTheUsersMakesNoDatabaseOfATextFile() throws Exception {
    Path file = Files.writeString(directory.resolve("peers.db"), "buy milk\n");
    Files.writeString(directory.resolve("peers.db.suspect"), "whom I suspect\n");

    refused(file, "is not a database");
    assertThat(names()).containsExactlyInAnyOrder("peers.db", "peers.db.suspect");
  }

  @Test
  void copiesOfTheUsersAreLeftAloneWhenADeletedDatabaseIsWrittenAgain() throws Exception {
    Path file = directory.resolve("peers.db");
    Path users = Files.writeString(directory.resolve("peers.db.copy"), "of another day\n");
    try (BrokerStore store = open(file)) {
      HaltedBroker.append(store, 1, 1);
      Files.delete(file);
      HaltedBroker.append(store, 2, 2);
    }

    assertThat(users).hasContent("of another day\n");
    assertThat(names()).containsExactlyInAnyOrder("peers.db", "peers.db.owner", "peers.db.copy");
  }

  private void refused(Path file, String why) {
    assertThatThrownBy(() -> open(file).close())
        .isInstanceOfSatisfying(
            PeersException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.STORE_FAILED))
        .hasMessageContaining(file + " ")
        .hasMessageContaining(why)
        .hasMessageContaining("left as it is")
        .hasMessageContaining("CLAUDE_PEERS_DB");
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }

  private static BrokerStore open(Path file) {
    return new SqliteStoreProvider().open(StoreConfig.at(file));
  }
}
