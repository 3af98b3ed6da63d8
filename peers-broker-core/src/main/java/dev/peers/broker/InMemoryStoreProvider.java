package dev.peers.broker;

import dev.peers.spi.BrokerStore;
import dev.peers.spi.StoreConfig;
import dev.peers.spi.StoreProvider;

/**
 * Opens stores that live as long as their process. The name is {@code memory}.
 *
 * @since 0.1
 */
public final class InMemoryStoreProvider implements StoreProvider {
  @Override
  public String name() {
    return "memory";
  }

  @Override
  public BrokerStore open(StoreConfig config) {
    return new InMemoryStore();
  }
}
