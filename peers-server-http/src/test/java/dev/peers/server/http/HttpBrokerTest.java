package dev.peers.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peers.Broker;
import dev.peers.OutgoingMessage;
import dev.peers.PeerId;
import dev.peers.PeerQuery;
import dev.peers.Registration;
import dev.peers.SessionKey;
import dev.peers.Workspace;
import dev.peers.broker.InMemoryStore;
import dev.peers.broker.LocalBroker;
import dev.peers.spi.BrokerServer;
import dev.peers.spi.ClientConfig;
import dev.peers.spi.ServerConfig;
import dev.peers.tck.Eventually;
import dev.peers.transport.http.HttpTransportProvider;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class HttpBrokerTest {
  private static final String TOKEN = "a-token-of-the-test";

  private final HttpTransportProvider http = new HttpTransportProvider();

  @Test
  void goesOnListeningWhenTheServerHasBeenReplaced() {
    try (LocalBroker engine = LocalBroker.over(new InMemoryStore()).build()) {
      BrokerServer first = serve(engine, 0);
      int port = first.address().getPort();
      try (Broker client = http.connect(new ClientConfig(first.address(), TOKEN))) {
        PeerId eel =
            client
                .register(Registration.builder(new SessionKey("a"), Workspace.of("/eel")).build())
                .id();
        AtomicInteger wakeUps = new AtomicInteger();
        client.subscribe(eel, wakeUps::incrementAndGet);
        engine.send(OutgoingMessage.of(eel, eel, "one"));
        Eventually.eventually("it is woken", () -> wakeUps.get() > 0);

        first.close();
        int before = wakeUps.get();
        BrokerServer second = serve(engine, port);
        engine.send(OutgoingMessage.of(eel, eel, "two"));

        Eventually.eventually("it is woken again", () -> wakeUps.get() > before);
        assertThat(client.peek(eel, 0, 9).messages()).hasSize(2);
        second.close();
      }
    }
  }

  @Test
  void letsGoOfItsPortThoughNobodyHasConnected() {
    try (LocalBroker engine = LocalBroker.over(new InMemoryStore()).build()) {
      BrokerServer first = serve(engine, 0);
      int port = first.address().getPort();
      first.close();

      BrokerServer second = serve(engine, port);
      try (Broker client = http.connect(new ClientConfig(second.address(), TOKEN))) {
        assertThat(client.list(PeerQuery.everyone())).isEmpty();
      }
      second.close();
    }
  }

  @Test
  void letsGoOfItsPortThoughWhoClosesItIsInterrupted() {
    try (LocalBroker engine = LocalBroker.over(new InMemoryStore()).build()) {
      BrokerServer first = serve(engine, 0);
      Thread.currentThread().interrupt();
      first.close();

      assertThat(Thread.interrupted()).isTrue();
      serve(engine, first.address().getPort()).close();
    }
  }

  private BrokerServer serve(Broker broker, int port) {
    return new HttpServerProvider()
        .serve(broker, ServerConfig.withToken("127.0.0.1", port, TOKEN, () -> {}));
  }
}
