package dev.peers.store.sqlite;

import dev.peers.spi.BrokerStore;
import dev.peers.spi.StoreConfig;
import dev.peers.tck.StoreContract;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class SqliteStoreContractTest implements StoreContract {
  @TempDir Path directory;

  @Override
  public BrokerStore openStore() {
    return new SqliteStoreProvider().open(StoreConfig.at(directory.resolve("peers.db")));
  }
}
