package com.example.journal;

import dev.peers.Broker;
import dev.peers.broker.LocalBroker;
import dev.peers.spi.BrokerStore;
import dev.peers.spi.StoreConfig;
import dev.peers.tck.BrokerContract;
import dev.peers.tck.ManualClock;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** The whole broker, with this store under it. */
class JournalBrokerContractTest implements BrokerContract {
  @TempDir Path directory;
  private final ManualClock clock = new ManualClock();
  private Broker broker;

  @BeforeEach
  void open() {
    BrokerStore store =
        new JournalStoreProvider().open(StoreConfig.at(directory.resolve("peers.db")));
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
