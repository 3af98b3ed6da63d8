package com.example.traced;

import dev.peers.Broker;
import dev.peers.broker.InMemoryStore;
import dev.peers.broker.LocalBroker;
import dev.peers.spi.BrokerServer;
import dev.peers.spi.ClientConfig;
import dev.peers.spi.Providers;
import dev.peers.spi.ServerConfig;
import dev.peers.spi.ServerProvider;
import dev.peers.spi.TransportProvider;
import dev.peers.tck.BrokerContract;
import dev.peers.tck.ManualClock;
import org.junit.jupiter.api.AfterEach;

/** A broker seen through both ends of the transport is the same broker. */
class TracedBrokerContractTest implements BrokerContract {
  private final ManualClock clock = new ManualClock();
  private final Broker engine =
      LocalBroker.over(new InMemoryStore()).clock(clock, clock::nanoTime).build();
  private final TransportProvider traced = Providers.of(TransportProvider.class).named("traced");
  private final BrokerServer server =
      Providers.of(ServerProvider.class)
          .named("traced")
          .serve(engine, ServerConfig.withToken("127.0.0.1", 0, "secret", () -> {}));
  private final Broker broker = traced.connect(new ClientConfig(server.address(), "secret"));

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
    server.close();
    engine.close();
  }
}
