package dev.peers.broker;

import dev.peers.spi.BrokerStore;
import dev.peers.tck.StoreContract;

class InMemoryStoreContractTest implements StoreContract {
  @Override
  public BrokerStore openStore() {
    return new InMemoryStore();
  }
}
