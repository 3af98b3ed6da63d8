package dev.peers.spi;

import java.nio.file.Path;
import java.util.Optional;

/**
 * Backs databases of one kind of store up, and brings them back. Thread-safe.
 *
 * @since 0.1
 */
public interface StoreBackups {
  /**
   * Writes all that a database holds at one moment into a file that its owner alone may read, in
   * whole or not at all. The database may be in use meanwhile, by this process or another.
   *
   * @param config which database
   * @param target the file; its directory exists
   * @param replace whether a file that is there is replaced; else it is refused
   * @throws dev.peers.PeersException {@link dev.peers.ErrorCode#INVALID_ARGUMENT} if the target is
   *     not usable, {@link dev.peers.ErrorCode#STORE_FAILED} if there is no database, or if it
   *     cannot be read or the file not be written
   */
  void write(StoreConfig config, Path target, boolean replace);

  /**
   * Checks a backup and copies it beside a database, which is not touched yet and may be in use.
   *
   * @param config which database it will replace
   * @param source the backup, which stays as it is
   * @return what replaces the database; the caller closes it
   * @throws dev.peers.PeersException {@link dev.peers.ErrorCode#INVALID_ARGUMENT} if the file is
   *     not a sound database that this version knows, {@link dev.peers.ErrorCode#STORE_FAILED} if
   *     it cannot be copied
   */
  Prepared prepare(StoreConfig config, Path source);

  /** A backup that is ready to take a database's place. */
  interface Prepared extends AutoCloseable {
    /**
     * Puts the database, if there is one, aside and the backup in its place. The store then has
     * another {@link BrokerStore#identity}.
     *
     * @return where the former database is now; empty if there was none
     * @throws dev.peers.PeersException {@link dev.peers.ErrorCode#STORE_FAILED} if the database is
     *     in use or cannot be moved; it is then as it was
     */
    Optional<Path> install();

    /** Removes what was copied, unless it was installed. */
    @Override
    void close();
  }
}
