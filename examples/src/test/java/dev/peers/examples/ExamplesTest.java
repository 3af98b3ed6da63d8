package dev.peers.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peers.Broker;
import dev.peers.Membership;
import dev.peers.Registration;
import dev.peers.SessionKey;
import dev.peers.Workspace;
import dev.peers.broker.InMemoryStore;
import dev.peers.broker.LocalBroker;
import dev.peers.spi.BrokerServer;
import dev.peers.spi.Providers;
import dev.peers.spi.ServerConfig;
import dev.peers.spi.TransportProvider;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ExamplesTest {
  private final List<String> printed = new ArrayList<>();

  @Test
  void anEmbeddedBrokerDeliversAMessage() throws InterruptedException {
    EmbeddedBroker.run(printed::add);

    assertThat(printed)
        .containsExactly(
            "eel asks: What files are you currently editing?", "The message is DELIVERED.");
  }

  @Test
  void aProgramThatJoinsOverHttpReachesTheOthers() {
    String token = "a-token-of-the-test";
    try (Broker broker = LocalBroker.over(new InMemoryStore()).build();
        BrokerServer server =
            Providers.of(TransportProvider.class)
                .named("http")
                .serve(broker, ServerConfig.withToken("127.0.0.1", 0, token, () -> {}))) {
      Membership eel =
          broker.register(
              Registration.builder(new SessionKey("eel"), Workspace.of("/code/eel")).build());

      JoinOverHttp.run(server.address(), token, printed::add);

      assertThat(printed).containsExactly("told eel");
      assertThat(broker.pending(eel.id(), 0, 1).messages())
          .singleElement()
          .satisfies(
              message -> {
                assertThat(message.text()).isEqualTo("The build is red since 10:42.");
                assertThat(message.from().name()).isEqualTo("build-watcher");
              });
    }
  }
}
