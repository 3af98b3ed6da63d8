package dev.peers.spi;

import java.util.Optional;

/**
 * Opens stores of one kind. Selected with {@code CLAUDE_PEERS_STORE}.
 *
 * @since 0.1
 */
public interface StoreProvider extends Provider {
  /**
   * Opens a store, making it if it is not there yet. Unless it is a {@link SharedStore}, one broker
   * at a time has it open: the daemon's lock sees to that, and a store that can tell refuses a
   * second opening, in this process or another.
   *
   * @param config where and how
   * @return an open store, which the caller closes
   * @throws dev.peers.PeersException {@link dev.peers.ErrorCode#STORE_FAILED} with the location and
   *     the next step if it cannot be opened
   */
  BrokerStore open(StoreConfig config);

  /**
   * How databases of this kind are backed up and brought back, for those that a user has as a file.
   *
   * @return empty where that is left to other programs, as by default
   */
  default Optional<StoreBackups> backups() {
    return Optional.empty();
  }
}
