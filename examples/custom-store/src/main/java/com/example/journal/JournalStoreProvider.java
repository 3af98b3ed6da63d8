package com.example.journal;

import dev.peers.spi.BrokerStore;
import dev.peers.spi.StoreConfig;
import dev.peers.spi.StoreProvider;
import java.nio.file.Path;

/**
 * Opens stores of the kind {@code journal}: one file beside the database, {@code .journal} added.
 */
public final class JournalStoreProvider implements StoreProvider {
  @Override
  public String name() {
    return "journal";
  }

  @Override
  public BrokerStore open(StoreConfig config) {
    Path database = config.database().toAbsolutePath();
    // At the database's own path another store would find what it cannot read.
    return new JournalStore(database.resolveSibling(database.getFileName() + ".journal"));
  }
}
