package dev.peers.store.sqlite;

import dev.peers.spi.BrokerStore;
import dev.peers.spi.StoreConfig;
import dev.peers.spi.StoreProvider;

/**
 * Opens stores in SQLite files; the name is {@code sqlite}. The file is made with mode 0600 where
 * the system knows modes. A file that is no database, or a broken one, is moved aside with a time
 * stamp in its name, reported to the log, and replaced.
 *
 * @since 0.1
 */
public final class SqliteStoreProvider implements StoreProvider {
  @Override
  public String name() {
    return "sqlite";
  }

  @Override
  public BrokerStore open(StoreConfig config) {
    return new SqliteStore(SqliteDatabase.open(config.database().toAbsolutePath()));
  }
}
