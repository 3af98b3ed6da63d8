package dev.peers.store.sqlite;

import dev.peers.BuildInfo;
import dev.peers.ErrorCode;
import dev.peers.PeersException;
import dev.peers.spi.BrokerStore;
import dev.peers.spi.StoreBackups;
import dev.peers.spi.StoreConfig;
import dev.peers.spi.StoreProvider;
import java.util.Optional;

/**
 * Opens stores in SQLite files; the name is {@code sqlite}. The file is made with mode 0600 where
 * the system knows modes. A damaged database of Peers is moved aside with a time stamp in its name,
 * reported to the log, and replaced; any other file is refused and left as it is. A database is
 * open once at a time, on one machine: another opening, in this process or another, is refused.
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
      SqliteDatabase database = SqliteDatabase.open(config.database().toAbsolutePath());
      try {
        return new SqliteStore(database);
      } catch (RuntimeException | LinkageError e) {
        database.close();
        throw e;
      }
    } catch (LinkageError e) {
      throw unfit(e);
    }
  }

  @Override
  public Optional<StoreBackups> backups() {
    return Optional.of(new SqliteBackups());
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
