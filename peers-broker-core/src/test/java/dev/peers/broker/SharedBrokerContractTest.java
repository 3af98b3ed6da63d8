package dev.peers.broker;

import dev.peers.Broker;
import dev.peers.tck.BrokerContract;
import dev.peers.tck.ManualClock;
import org.junit.jupiter.api.AfterEach;

/** A broker alone on a store that it might share. */
class SharedBrokerContractTest implements BrokerContract {
  private final ManualClock clock = new ManualClock();
  private final Broker broker =
      LocalBroker.over(new SharedMemory(clock).open())
          .host("ada")
          .clock(clock, clock::nanoTime)
          .build();

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
