package dev.peers.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.peers.Broker;
import dev.peers.OutgoingMessage;
import dev.peers.Registration;
import dev.peers.RegistrationResult;
import dev.peers.SessionKey;
import dev.peers.Summary;
import dev.peers.Workspace;
import dev.peers.broker.InMemoryStore;
import dev.peers.broker.LocalBroker;
import dev.peers.client.Brokers;
import dev.peers.spi.BrokerServer;
import dev.peers.spi.Providers;
import dev.peers.spi.ServerConfig;
import dev.peers.spi.ServerProvider;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExamplesTest {
  private final List<String> printed = new ArrayList<>();

  @TempDir Path directory;

  @Test
  void anEmbeddedBrokerCarriesQuestionAndAnswer() throws InterruptedException {
    EmbeddedBroker.run(printed::add);

    assertThat(printed)
        .containsExactly("Lexer.java, until noon.", "crab reads: Thank you.", "It is DELIVERED.");
  }

  @Test
  void mailOutlivesADurableBroker() throws InterruptedException {
    DurableBroker.run(directory.resolve("peers.db"), printed::add);

    assertThat(printed).containsExactly("eel wrote: Read this tomorrow.");
  }

  @Test
  void theWholeBrokerIsALibraryCall() throws IOException {
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    Map<String, String> environment =
        Map.of(
            "CLAUDE_PEERS_DB", directory.resolve("peers.db").toString(),
            "CLAUDE_PEERS_PORT", Integer.toString(port),
            "CLAUDE_PEERS_SUMMARIZER", "off");

    WholeBroker.run(environment, printed::add);

    assertThat(printed)
        .containsExactly(
            "process " + ProcessHandle.current().pid() + " serves at http://127.0.0.1:" + port);
    assertThat(Brokers.find(environment)).isEmpty();
    assertThatThrownBy(() -> Class.forName("picocli.CommandLine"))
        .isInstanceOf(ClassNotFoundException.class);
  }

  @Test
  void aProgramThatJoinsOverHttpReachesTheOthers() {
    try (Broker broker = LocalBroker.over(new InMemoryStore()).build();
        BrokerServer server = serve(broker)) {
      RegistrationResult eel = join(broker, "eel");

      JoinOverHttp.run(environment(server), printed::add);

      assertThat(printed).containsExactly("told eel");
      assertThat(broker.peek(eel.id(), 0, 1).messages())
          .singleElement()
          .satisfies(
              message -> {
                assertThat(message.text()).isEqualTo("The build is red since 10:42.");
                assertThat(message.from().name()).isEqualTo("build-watcher");
              });
    }
  }

  @Test
  void withoutABrokerAProgramSaysSo() {
    JoinOverHttp.run(
        Map.of("CLAUDE_PEERS_DB", directory.resolve("peers.db").toString()), printed::add);

    assertThat(printed).singleElement().asString().startsWith("No broker is running");
  }

  @Test
  void theBuildBotAnswersWhatWasAskedWhileItWasAway() throws InterruptedException {
    try (Broker broker = LocalBroker.over(new InMemoryStore()).build();
        BrokerServer server = serve(broker)) {
      RegistrationResult eel = join(broker, "eel");
      RegistrationResult bot = join(broker, "build-bot");
      broker.setSummary(bot.id(), "Builds.", Summary.Source.MANUAL);
      broker.unregister(bot.id());
      broker.send(OutgoingMessage.of(eel.id(), bot.id(), "Is it green?"));

      BuildBot.run(environment(server), Duration.ZERO);

      assertThat(broker.peek(eel.id(), 0, 1).messages())
          .singleElement()
          .satisfies(message -> assertThat(message.text()).isEqualTo("It is green."));
    }
  }

  private static BrokerServer serve(Broker broker) {
    return Providers.of(ServerProvider.class)
        .named("http")
        .serve(broker, ServerConfig.withToken("127.0.0.1", 0, "a-token-of-the-test", () -> {}));
  }

  private static Map<String, String> environment(BrokerServer server) {
    return Map.of(
        "CLAUDE_PEERS_URL",
        server.address().toString(),
        "CLAUDE_PEERS_TOKEN",
        "a-token-of-the-test");
  }

  private static RegistrationResult join(Broker broker, String name) {
    return broker.register(
        Registration.builder(new SessionKey(name), Workspace.of("/code/" + name)).build());
  }
}
