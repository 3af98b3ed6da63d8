package dev.peers.store.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.peers.HistoryQuery;
import dev.peers.Peer;
import dev.peers.PeersException;
import dev.peers.ReceiveRequest;
import dev.peers.Sender;
import dev.peers.SessionKey;
import dev.peers.Summary;
import dev.peers.Workspace;
import dev.peers.spi.BrokerStore;
import dev.peers.spi.NewMessage;
import dev.peers.spi.StoreConfig;
import dev.peers.spi.StoredPeer;
import dev.peers.tck.FuzzContract;
import dev.peers.tck.StoreContract;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A database file of any content: behind a first byte 'F' the file itself, else places and values
 * to write into a good one, three bytes each.
 */
class DatabaseFileFuzzTest implements FuzzContract {
  private Path directory;
  private byte[] good;

  @BeforeAll
  void choose(@TempDir Path temporary) {
    directory = temporary;
  }

  @Override
  public int mutations() {
    return 15;
  }

  @Override
  public Stream<byte[]> seeds() {
    return Stream.concat(
        FuzzContract.texts("", "F", "Fno database", "FSQLite format 3\0"),
        Stream.of(new byte[] {1, 0, 100, 13}, new byte[] {1, 3, 5, 7, 9, 11, 13, 15, 17, 19}));
  }

  @Override
  @MethodSource("seeds")
  @FuzzTest
  public void holds(byte[] input) throws IOException {
    if (good == null) {
      good = Store.good(directory.resolve("good.db"));
    }
    Path file = Files.createTempDirectory(directory, "db").resolve("peers.db");
    Files.write(file, content(input));
    try {
      Store.use(file);
    } finally {
      remove(file.getParent());
    }
  }

  private byte[] content(byte[] input) {
    if (input.length > 0 && input[0] == 'F') {
      return Arrays.copyOfRange(input, 1, input.length);
    }
    byte[] bytes = good.clone();
    for (int i = 1; i + 2 < input.length; i += 3) {
      bytes[((input[i] & 0xff) << 8 | (input[i + 1] & 0xff)) % bytes.length] = input[i + 2];
    }
    return bytes;
  }

  private static void remove(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(directory);
  }

  /** Apart, so that the fuzzer's agent is there before what it tests is loaded. */
  private static final class Store {
    static byte[] good(Path file) throws IOException {
      try (BrokerStore store = open(file)) {
        Peer eel =
            Peer.builder(StoreContract.EEL, Workspace.of("/eel"), StoreContract.NOW)
                .summary(new Summary("Mending.", Summary.Source.MANUAL, StoreContract.NOW))
                .build();
        store.save(new StoredPeer(eel, new SessionKey("first")));
        store.append(message("one"));
        store.append(message("two"));
      }
      return Files.readAllBytes(file);
    }

    static void use(Path file) {
      try (BrokerStore store = open(file)) {
        for (Consumer<BrokerStore> use : uses()) {
          orRefused(() -> use.accept(store));
        }
      } catch (PeersException e) {
        assertThat(e.getMessage()).contains("database");
      }
    }

    private static List<Consumer<BrokerStore>> uses() {
      return List.of(
          BrokerStore::peers,
          store -> store.findPeer(StoreContract.EEL),
          store -> store.append(message("new")),
          store -> store.history(HistoryQuery.latest(9), StoreContract.NOW),
          store -> store.peek(StoreContract.OWL, 0, 9, StoreContract.NOW),
          store ->
              store.receive(
                  StoreContract.OWL,
                  ReceiveRequest.undelivered(9, Duration.ZERO),
                  StoreContract.NOW),
          store -> store.expire(StoreContract.NOW.plusSeconds(99)),
          store -> store.purge(StoreContract.NOW.plusSeconds(99)));
    }

    private static void orRefused(Runnable use) {
      try {
        use.run();
      } catch (PeersException e) {
        assertThat(e.getMessage()).isNotBlank();
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
          "key of " + text);
    }

    private static BrokerStore open(Path file) {
      return new SqliteStoreProvider().open(StoreConfig.at(file));
    }
  }
}
