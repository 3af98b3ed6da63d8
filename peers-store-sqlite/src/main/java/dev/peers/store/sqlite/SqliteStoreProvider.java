package dev.peers.store.sqlite;

import dev.peers.BuildInfo;
import dev.peers.ErrorCode;
import dev.peers.PeersException;
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
    try {
      return new SqliteStore(SqliteDatabase.open(config.database().toAbsolutePath()));
    } catch (LinkageError e) {
      throw unfit(e);
    }
  }

  /** What it means that the driver or Jdbi do not link: the host program has another version. */
  static PeersException unfit(LinkageError e) {
    return new PeersException(
        ErrorCode.PROVIDER_UNAVAILABLE,
        "the SQLite store cannot run with the libraries that are here ("
            + e
            + "). Peers "
            + BuildInfo.version()
            + " needs sqlite-jdbc 3.41 or newer and Jdbi 3.49 or newer; have your build choose"
            + " such versions",
        e);
  }
}
