package dev.peers.server.http;

import dev.peers.Broker;
import dev.peers.broker.InMemoryStore;
import dev.peers.broker.LocalBroker;
import dev.peers.spi.BrokerServer;
import dev.peers.spi.ClientConfig;
import dev.peers.spi.ServerConfig;
import dev.peers.tck.BrokerContract;
import dev.peers.tck.ManualClock;
import dev.peers.transport.http.HttpTransportProvider;
import org.junit.jupiter.api.AfterEach;

class HttpBrokerContractTest implements BrokerContract {
  private final ManualClock clock = new ManualClock();
  private final Broker engine =
      LocalBroker.over(new InMemoryStore()).clock(clock, clock::nanoTime).build();
  private final HttpTransportProvider http = new HttpTransportProvider();
  private final BrokerServer server =
      new HttpServerProvider()
          .serve(engine, ServerConfig.withToken("127.0.0.1", 0, "secret", () -> {}));
  private final Broker broker = http.connect(new ClientConfig(server.address(), "secret"));

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
