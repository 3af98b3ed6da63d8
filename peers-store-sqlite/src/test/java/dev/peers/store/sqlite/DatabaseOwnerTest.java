package dev.peers.store.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.peers.PeersException;
import dev.peers.spi.BrokerStore;
import dev.peers.spi.StoreConfig;
import dev.peers.tck.StoreContract;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A database has one broker at a time; the next one is told which. */
class DatabaseOwnerTest {
  @TempDir Path directory;

  @Test
  void aSecondStoreOfThisProcessIsRefusedUntilTheFirstIsClosed() throws Exception {
    Path file = directory.resolve("peers.db");
    Path link = Files.createSymbolicLink(directory.resolve("link.db"), file);
    try (BrokerStore store = open(file)) {
      for (Path path : new Path[] {file, link, directory.resolve("sub/../peers.db").normalize()}) {
        assertThatThrownBy(() -> open(path))
            .isInstanceOf(PeersException.class)
            .hasMessageContaining(
                file.toRealPath() + " is in use by another broker of this program");
      }
      HaltedBroker.append(store, 1, 1);
    }
    try (BrokerStore store = open(link)) {
      assertThat(store.peek(StoreContract.OWL, 0, 9, StoreContract.NOW).deliveries()).hasSize(1);
    }
  }

  /** Though this one was refused meanwhile, whose closing must not take the lock away. */
  @Test
  void aSecondProcessIsRefusedAndToldWho() throws Exception {
    Path file = directory.resolve("peers.db");
    try (BrokerStore store = open(file)) {
      assertThatThrownBy(() -> open(file)).isInstanceOf(PeersException.class);
      assertThatThrownBy(() -> HaltedBroker.run(file, 1, 1)).hasMessage("it said null");
      HaltedBroker.append(store, 1, 1);
    }
    Process other = HaltedBroker.start(file, 2, 2);
    try {
      assertThatThrownBy(() -> open(file))
          .hasMessageContaining("in use by the broker in process " + other.pid());
      // One that only reads is in nobody's way.
      try (Handle reader = Jdbi.open("jdbc:sqlite:" + file)) {
        assertThat(reader.createQuery("SELECT count(*) FROM messages").mapTo(int.class).one())
            .isEqualTo(2);
      }
    } finally {
      HaltedBroker.kill(other);
    }
    try (BrokerStore store = open(file)) {
      assertThat(store.peek(StoreContract.OWL, 0, 9, StoreContract.NOW).deliveries()).hasSize(2);
    }
  }

  private static BrokerStore open(Path file) {
    return new SqliteStoreProvider().open(StoreConfig.at(file));
  }
}
