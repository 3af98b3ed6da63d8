package dev.peers.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.peers.Broker;
import dev.peers.ErrorCode;
import dev.peers.OutgoingMessage;
import dev.peers.PeerId;
import dev.peers.PeerQuery;
import dev.peers.PeersException;
import dev.peers.Registration;
import dev.peers.SessionKey;
import dev.peers.Workspace;
import dev.peers.broker.InMemoryStore;
import dev.peers.broker.LocalBroker;
import dev.peers.spi.BrokerEndpoint;
import dev.peers.spi.BrokerServer;
import dev.peers.spi.ClientConfig;
import dev.peers.spi.ServerConfig;
import dev.peers.tck.Eventually;
import dev.peers.transport.http.HttpTransportProvider;
import dev.peers.transport.http.wire.BrokerProof;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whom a client tells its token. */
class BrokerProofTest {
  private static final String TOKEN = "a-token-of-the-test";
  private static final String SECRET = "a-secret-of-the-broker-alone";
  private static final String HEALTH =
      "{\"status\":\"ok\",\"peers\":0,\"service\":\"claude-peers\",\"version\":\"99.0.0\","
          + "\"protocol\":1,\"pid\":1,\"id\":\"operator\",\"key\":\"x\",\"ok\":true}";

  private final HttpTransportProvider http = new HttpTransportProvider();
  private final LocalBroker engine = LocalBroker.over(new InMemoryStore()).build();
  private final List<AutoCloseable> open = new ArrayList<>(List.of(engine));

  @AfterEach
  void end() throws Exception {
    for (int i = open.size() - 1; i >= 0; i--) {
      open.get(i).close();
    }
  }

  @Test
  void whoTakesThePortOfABrokerThatEndedLearnsNothingOfAProgramThatListens() {
    BrokerServer first = serve(freePort(), TOKEN);
    Broker client = connect(first.address(), TOKEN);
    PeerId eel = join(client, "eel");
    AtomicInteger wakeUps = new AtomicInteger();
    client.subscribe(eel, wakeUps::incrementAndGet);
    Eventually.eventually("it listens", () -> wakeUps.get() > 0);
    String key = new PeerKeys(() -> TOKEN, SECRET).keyOf(eel);

    int port = first.address().getPort();
    first.close();
    try (ProgramOnThePort squatter = squatter(port, request -> http200("", HEALTH))) {
      for (int i = 0; i < 10; i++) {
        assertThatThrownBy(() -> client.send(OutgoingMessage.of(eel, eel, "a secret")))
            .isInstanceOf(PeersException.class)
            .hasMessageContaining("127.0.0.1:" + port)
            .hasMessageContaining(Long.toString(ProcessHandle.current().pid()))
            .hasMessageContaining("does not prove");
      }
      Eventually.eventually("the listener has tried too", () -> squatter.heard().size() >= 12);
      assertThat(squatter.heard())
          .allMatch(request -> request.startsWith("GET /health "))
          .noneMatch(request -> request.contains(TOKEN) || request.contains(key))
          .noneMatch(request -> request.contains("Bearer") || request.contains("secret"));
    }
    // Connections that have just ended may hold the port for a moment.
    Eventually.eventually("there is a broker again", () -> servesAt(port));
    int before = wakeUps.get();
    engine.send(OutgoingMessage.of(eel, eel, "back again"));
    Eventually.eventually("it hears of its mail", () -> wakeUps.get() > before);
    assertThat(client.peek(eel, 0, 9).messages()).hasSize(1);
  }

  @Test
  void whoPassesTheChallengeOnToTheBrokerIsNotTakenForIt() {
    BrokerServer server = serve(0, TOKEN);
    try (ProgramOnThePort relay = squatter(0, request -> ask(server, request))) {
      BrokerEndpoint direct = new BrokerEndpoint(relay.address(), TOKEN, true);
      try (Broker client = http.connect(new ClientConfig(() -> direct))) {
        assertThatThrownBy(() -> client.list(PeerQuery.everyone()))
            .isInstanceOf(PeersException.class)
            .hasMessageContaining("passes on")
            .hasMessageContaining(":" + server.address().getPort());
      }
      assertThat(relay.heard()).hasSize(1).noneMatch(request -> request.contains(TOKEN));
      // As a tunnel does: that it is another address is known.
      try (Broker client = http.connect(new ClientConfig(relay.address(), TOKEN))) {
        assertThat(client.list(PeerQuery.everyone())).isEmpty();
      }
    }
  }

  @Test
  void aProofIsGoodForItsChallengeAlone() {
    BrokerServer server = serve(0, TOKEN);
    String stale = ask(server, question("a-challenge-of-yesterday"));
    assertThat(stale).contains(BrokerProof.PROOF + ": 127.0.0.1:");
    try (ProgramOnThePort replayer = squatter(0, request -> stale);
        Broker client = connect(replayer.address(), TOKEN)) {
      assertThatThrownBy(() -> client.list(PeerQuery.everyone()))
          .isInstanceOfSatisfying(
              PeersException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNAUTHORIZED))
          .hasMessageContaining("CLAUDE_PEERS_TOKEN");
      assertThat(replayer.heard()).noneMatch(request -> request.contains(TOKEN));
    }
  }

  @Test
  void aBrokerWithoutTokenIsSentNone() {
    BrokerServer server = serve(0, null);
    try (Broker client = connect(server.address(), TOKEN)) {
      assertThatThrownBy(() -> client.list(PeerQuery.everyone()))
          .hasMessageContaining("CLAUDE_PEERS_AUTH=off");
    }
    try (Broker client = connect(server.address(), null)) {
      assertThat(client.list(PeerQuery.everyone())).isEmpty();
    }
  }

  @Test
  void anotherTokenOfTheBrokersIsToldFromAForeignProgramWhereTheProofIsWell() {
    try (Broker client = connect(serve(0, "another").address(), TOKEN)) {
      assertThatThrownBy(() -> client.list(PeerQuery.everyone()))
          .isInstanceOfSatisfying(
              PeersException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNAUTHORIZED));
    }
  }

  @Test
  void aBrokerThatCameBackElsewhereWithAnotherTokenIsFound() {
    AtomicReference<BrokerEndpoint> card = new AtomicReference<>();
    BrokerServer first = serve(freePort(), TOKEN);
    card.set(new BrokerEndpoint(first.address(), TOKEN, true));
    Broker client = http.connect(new ClientConfig(card::get));
    open.add(client);
    PeerId eel = join(client, "eel");
    AtomicInteger wakeUps = new AtomicInteger();
    client.subscribe(eel, wakeUps::incrementAndGet);
    Eventually.eventually("it listens", () -> wakeUps.get() > 0);

    int port = first.address().getPort();
    first.close();
    try (ProgramOnThePort squatter = squatter(port, request -> http200("", HEALTH))) {
      BrokerServer second = serve(0, "another-token");
      card.set(new BrokerEndpoint(second.address(), "another-token", true));
      int before = wakeUps.get();
      engine.send(OutgoingMessage.of(eel, eel, "elsewhere"));
      Eventually.eventually("it hears of its mail", () -> wakeUps.get() > before);
      // Its key has ended with the former token, and is replaced.
      assertThat(client.peek(eel, 0, 9).messages()).hasSize(1);
      assertThat(squatter.heard()).noneMatch(request -> request.contains("Bearer"));
    }
  }

  @Test
  void nobodyIsAskedWhereNoBrokerRuns() {
    AtomicReference<BrokerEndpoint> card = new AtomicReference<>();
    BrokerServer server = serve(freePort(), TOKEN);
    card.set(new BrokerEndpoint(server.address(), TOKEN, true));
    Broker client =
        http.connect(
            new ClientConfig(
                () -> {
                  BrokerEndpoint endpoint = card.get();
                  if (endpoint == null) {
                    throw new PeersException(ErrorCode.UNAVAILABLE, "no broker runs");
                  }
                  return endpoint;
                }));
    open.add(client);
    PeerId eel = join(client, "eel");
    AtomicInteger wakeUps = new AtomicInteger();
    client.subscribe(eel, wakeUps::incrementAndGet);
    Eventually.eventually("it listens", () -> wakeUps.get() > 0);
    card.set(null);
    int port = server.address().getPort();
    server.close();

    try (ProgramOnThePort squatter = squatter(port, request -> http200("", HEALTH))) {
      BrokerServer second = serve(0, TOKEN);
      engine.send(OutgoingMessage.of(eel, eel, "elsewhere"));
      int before = wakeUps.get();
      card.set(new BrokerEndpoint(second.address(), TOKEN, true));
      Eventually.eventually("it hears of its mail", () -> wakeUps.get() > before);
      assertThat(squatter.heard()).isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource({"502 Bad Gateway", "503 Service Unavailable", "504 Gateway Timeout"})
  void aProxyThatFindsNoBrokerIsCalledAProxy(String status) {
    String page = ProgramOnThePort.http(status, "", "<html>" + status + "</html>");
    for (String answer : List.of(page, page.replace("HTTP/1.1", "HTTP/1.0"))) {
      for (String token : new String[] {TOKEN, null}) {
        try (ProgramOnThePort proxy = squatter(0, request -> answer);
            Broker client = connect(proxy.address(), token)) {
          assertThatThrownBy(client::status)
              .isInstanceOfSatisfying(
                  PeersException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE))
              .hasMessageContaining("is a proxy or a tunnel")
              .hasMessageContaining(status.substring(0, 3))
              .hasMessageNotContaining("not a Peers broker");
        }
      }
    }
  }

  @Test
  void aProgramOnThePortThatSaysItIsABrokerIsNotBelieved() {
    try (ProgramOnThePort claimant = squatter(0, request -> http200("", HEALTH))) {
      assertThatThrownBy(() -> serve(claimant.address().getPort(), TOKEN))
          .hasMessageContaining("which says that it is a Peers broker, holds the port")
          .hasMessageNotContaining("of another database");
    }
  }

  @Test
  void aChallengeThatIsNoneIsRefused() {
    BrokerServer server = serve(0, TOKEN);
    for (String challenge : List.of("short", "x".repeat(129), "a challenge with spaces in it")) {
      assertThat(ask(server, question(challenge)))
          .startsWith("HTTP/1.1 400 ")
          .doesNotContain(BrokerProof.PROOF);
    }
  }

  private static String question(String challenge) {
    return "GET /health HTTP/1.1\r\nHost: x\r\nPeers-Challenge: " + challenge + "\r\n\r\n";
  }

  /** Sends a request on to the server, under the server's own address, and returns its answer. */
  private static String ask(BrokerServer server, String request) {
    int port = server.address().getPort();
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(10_000);
      String own = request.replaceFirst("Host: [^\r]*", "Host: 127.0.0.1:" + port);
      socket.getOutputStream().write(own.getBytes(StandardCharsets.UTF_8));
      byte[] answer = new byte[1 << 16];
      int n = socket.getInputStream().read(answer);
      return new String(answer, 0, n, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static String http200(String headers, String body) {
    return ProgramOnThePort.http("200 OK", headers, body);
  }

  /** One that the system gives to nobody by itself, so that it is free again later. */
  private static int freePort() {
    while (true) {
      int port = ThreadLocalRandom.current().nextInt(10_000, 30_000);
      try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        return socket.getLocalPort();
      } catch (IOException e) {
        // Another one, then.
      }
    }
  }

  private ProgramOnThePort squatter(int port, UnaryOperator<String> answers) {
    return new ProgramOnThePort(port, answers);
  }

  private BrokerServer serve(int port, String token) {
    BrokerServer server =
        new HttpServerProvider()
            .serve(
                engine,
                new ServerConfig(
                    "127.0.0.1", port, token == null ? null : () -> token, SECRET, () -> {}));
    open.add(server);
    return server;
  }

  private boolean servesAt(int port) {
    try {
      serve(port, TOKEN);
      return true;
    } catch (PeersException e) {
      return false;
    }
  }

  private Broker connect(URI address, String token) {
    Broker broker = http.connect(new ClientConfig(address, token));
    open.add(broker);
    return broker;
  }

  private static PeerId join(Broker broker, String key) {
    return broker
        .register(Registration.builder(new SessionKey(key), Workspace.of("/" + key)).build())
        .id();
  }
}
