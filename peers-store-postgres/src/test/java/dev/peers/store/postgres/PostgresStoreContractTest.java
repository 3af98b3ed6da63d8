package dev.peers.store.postgres;

import dev.peers.spi.BrokerStore;
import dev.peers.tck.StoreContract;

class PostgresStoreContractTest implements StoreContract {
  @Override
  public BrokerStore openStore() {
    return new PostgresStoreProvider()
        .open(PostgresServer.shared().config(PostgresServer.newSchema()));
  }
}
