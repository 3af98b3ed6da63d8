package com.example.journal;

import dev.peers.spi.BrokerStore;
import dev.peers.spi.StoreConfig;
import dev.peers.tck.StoreContract;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class JournalStoreContractTest implements StoreContract {
  @TempDir Path directory;

  @Override
  public BrokerStore openStore() {
    return new JournalStoreProvider().open(StoreConfig.at(directory.resolve("peers.db")));
  }
}
