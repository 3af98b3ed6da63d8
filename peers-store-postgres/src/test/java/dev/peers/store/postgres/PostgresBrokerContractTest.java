package dev.peers.store.postgres;

import dev.peers.Broker;
import dev.peers.broker.LocalBroker;
import dev.peers.tck.BrokerContract;
import dev.peers.tck.ManualClock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

class PostgresBrokerContractTest implements BrokerContract {
  private final ManualClock clock = new ManualClock();
  private Broker broker;

  @BeforeEach
  void open() {
    var store =
        new PostgresStoreProvider()
            .open(PostgresServer.shared().config(PostgresServer.newSchema()));
    broker = LocalBroker.over(store).clock(clock, clock::nanoTime).build();
  }

  @AfterEach
  void close() {
    broker.close();
  }

  @Override
  public Broker broker() {
    return broker;
  }

  @Override
  public ManualClock clock() {
    return clock;
  }
}
