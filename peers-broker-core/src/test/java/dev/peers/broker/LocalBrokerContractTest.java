package dev.peers.broker;

import dev.peers.Broker;
import dev.peers.tck.BrokerContract;
import dev.peers.tck.ManualClock;
import org.junit.jupiter.api.AfterEach;

class LocalBrokerContractTest implements BrokerContract {
  private final ManualClock clock = new ManualClock();
  private final Broker broker =
      LocalBroker.over(new InMemoryStore()).clock(clock, clock::nanoTime).build();

  @Override
  public Broker broker() {
    return broker;
  }

  @Override
  public ManualClock clock() {
    return clock;
  }

  @AfterEach
  void close() {
    broker.close();
  }
}
