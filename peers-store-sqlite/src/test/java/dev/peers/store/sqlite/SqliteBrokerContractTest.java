package dev.peers.store.sqlite;

import dev.peers.Broker;
import dev.peers.broker.LocalBroker;
import dev.peers.spi.StoreConfig;
import dev.peers.tck.BrokerContract;
import dev.peers.tck.ManualClock;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

class SqliteBrokerContractTest implements BrokerContract {
  @TempDir Path directory;
  private final ManualClock clock = new ManualClock();
  private Broker broker;

  @BeforeEach
  void open() {
    var store = new SqliteStoreProvider().open(StoreConfig.at(directory.resolve("peers.db")));
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
