package dev.peers.store.postgres;

import dev.peers.spi.SharedStore;
import dev.peers.tck.SharedStoreContract;

class PostgresSharedStoreContractTest implements SharedStoreContract {
  private final String schema = PostgresServer.newSchema();

  @Override
  public SharedStore openAgain() {
    return new PostgresStoreProvider().open(PostgresServer.shared().config(schema));
  }
}
