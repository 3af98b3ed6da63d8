package dev.peers.spi;

/**
 * Opens stores of one kind. Selected with {@code CLAUDE_PEERS_STORE}.
 *
 * @since 0.1
 */
public interface StoreProvider extends Provider {
  /**
   * Opens a store, making it if it is not there yet.
   *
   * @param config where and how
   * @return an open store, which the caller closes
   * @throws dev.peers.PeersException {@link dev.peers.ErrorCode#STORE_FAILED} with the location and
   *     the next step if it cannot be opened
   */
  BrokerStore open(StoreConfig config);
}
