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
      assertThat(store.pending(StoreContract.OWL, 0, 9, StoreContract.NOW).isEmpty()).isTrue();
    }
    assertThat(names()).anyMatch(name -> name.startsWith("peers.db.corrupt-"));
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
