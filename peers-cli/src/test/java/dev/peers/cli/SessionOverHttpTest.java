package dev.peers.cli;

import static dev.peers.tck.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.peers.Broker;
import dev.peers.ErrorCode;
import dev.peers.Message;
import dev.peers.OutgoingMessage;
import dev.peers.PeersException;
import dev.peers.Presence;
import dev.peers.Registration;
import dev.peers.SessionKey;
import dev.peers.Summary;
import dev.peers.Workspace;
import dev.peers.broker.InMemoryStore;
import dev.peers.broker.LocalBroker;
import dev.peers.client.Brokers;
import dev.peers.client.PeerSession;
import dev.peers.client.SessionState;
import dev.peers.daemon.TokenFile;
import dev.peers.local.BrokerFiles;
import dev.peers.spi.BrokerServer;
import dev.peers.spi.Providers;
import dev.peers.spi.ServerConfig;
import dev.peers.spi.ServerProvider;
import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A program's session at a broker elsewhere, which goes away and comes back. */
@Timeout(60)
class SessionOverHttpTest {
  private static final String TOKEN = "a-token-of-the-test".repeat(3);

  private final LocalBroker engine = LocalBroker.over(new InMemoryStore()).build();
  private BrokerServer server = serve(0);
  private final Broker client = Brokers.connect(server.address(), TOKEN);
  private final PeerSession session = join(client);

  @AfterEach
  void close() {
    session.close();
    client.close();
    server.close();
    engine.close();
  }

  @Test
  void whoWaitsGoesOnWaitingAndIsToldWhenItsTimeIsOver() throws Exception {
    List<SessionState> told = new CopyOnWriteArrayList<>();
    var states = session.onStateChange(told::add);
    CompletableFuture<Optional<Message>> patient = receive(ChronoUnit.FOREVER.getDuration());
    eventually("it listens", () -> engine.find(session.id()).orElseThrow().listening());

    server.close();

    eventually("it is noticed", () -> session.state() == SessionState.DISCONNECTED);
    assertRefused(ErrorCode.UNAVAILABLE, () -> session.receive(Duration.ZERO));
    assertRefused(ErrorCode.UNAVAILABLE, () -> session.receive(Duration.ofMillis(300)));
    assertThat(patient).isNotDone();

    server = serve(server.address().getPort());
    engine.send(OutgoingMessage.of(session.id(), session.id(), "back again"));

    assertThat(patient.get(30, TimeUnit.SECONDS).orElseThrow().text()).isEqualTo("back again");
    eventually("it is told", () -> told.size() == 2);
    assertThat(told).containsExactly(SessionState.DISCONNECTED, SessionState.JOINED);
    states.close();
  }

  @Test
  void aListenerForMailNoticesThatTheBrokerHasGoneAndIsBack() {
    List<String> heard = new CopyOnWriteArrayList<>();
    var listening = session.onMessage(message -> heard.add(message.text()));
    eventually("it listens", () -> engine.find(session.id()).orElseThrow().listening());
    server.close();
    eventually("it is noticed", () -> session.state() == SessionState.DISCONNECTED);
    server = serve(server.address().getPort());
    eventually("it is back", () -> session.state() == SessionState.JOINED);
    engine.send(OutgoingMessage.of(session.id(), session.id(), "back again"));
    eventually("it hears", () -> heard.contains("back again"));
    listening.close();
  }

  @Test
  void everyWaitEndsWhenTheConnectionIsClosed() {
    CompletableFuture<Optional<Message>> patient = receive(ChronoUnit.FOREVER.getDuration());
    eventually("it listens", () -> engine.find(session.id()).orElseThrow().listening());
    client.close();
    assertThat(session.state()).isEqualTo(SessionState.CLOSED);
    assertThatThrownBy(() -> patient.get(30, TimeUnit.SECONDS))
        .cause()
        .isInstanceOfSatisfying(
            PeersException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CLOSED));
  }

  @Test
  void aSecondProgramWithTheSameKeyLeavesForItself() {
    try (Broker other = Brokers.connect(server.address(), TOKEN);
        PeerSession second = join(other)) {
      assertThat(second.id()).isEqualTo(session.id());
    }
    assertThat(presence()).isEqualTo(Presence.ACTIVE);
    // A session that never did anything would be forgotten.
    engine.setSummary(session.id(), "Mending nets.", Summary.Source.MANUAL);
    session.close();
    assertThat(presence()).isEqualTo(Presence.AWAY);
  }

  @Test
  void theBrokerElsewhereIsFoundWithTheTokenThatItsFileHas(@TempDir Path home) {
    Map<String, String> environment =
        Map.of("HOME", home.toString(), "CLAUDE_PEERS_URL", server.address().toString());
    TokenFile.write(BrokerFiles.of(environment).token(), TOKEN);
    try (Broker found = Brokers.find(environment).orElseThrow();
        PeerSession second = join(found)) {
      assertThat(second.id()).isEqualTo(session.id());
    }
  }

  private Presence presence() {
    return engine.find(session.id()).orElseThrow().presence();
  }

  private CompletableFuture<Optional<Message>> receive(Duration atMost) {
    CompletableFuture<Optional<Message>> result = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                result.complete(session.receive(atMost));
              } catch (InterruptedException | RuntimeException e) {
                result.completeExceptionally(e);
              }
            },
            "test-waiting");
    thread.setDaemon(true);
    thread.start();
    return result;
  }

  private BrokerServer serve(int port) {
    return Providers.of(ServerProvider.class)
        .named("http")
        .serve(engine, ServerConfig.withToken("127.0.0.1", port, TOKEN, () -> {}));
  }

  private static PeerSession join(Broker broker) {
    return PeerSession.join(
        broker,
        Registration.builder(new SessionKey("program"), Workspace.of("/code/tool")).build());
  }

  private static void assertRefused(ErrorCode code, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(PeersException.class, e -> assertThat(e.code()).isEqualTo(code));
  }
}
