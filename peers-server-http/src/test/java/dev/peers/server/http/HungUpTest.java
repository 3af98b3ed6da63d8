package dev.peers.server.http;

import static dev.peers.tck.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.peers.Broker;
import dev.peers.MessageState;
import dev.peers.OutgoingMessage;
import dev.peers.PeerId;
import dev.peers.Registration;
import dev.peers.SessionKey;
import dev.peers.Workspace;
import dev.peers.broker.InMemoryStore;
import dev.peers.broker.LocalBroker;
import dev.peers.spi.BrokerServer;
import dev.peers.spi.ServerConfig;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Clients that are gone before they are answered. */
class HungUpTest {
  private static final int HALF_HEADS = 1_500;

  private final LocalBroker engine = LocalBroker.over(new InMemoryStore()).build();
  private final CountDownLatch taking = new CountDownLatch(1);
  private final CountDownLatch mayTake = new CountDownLatch(1);
  private final AtomicInteger acknowledged = new AtomicInteger();
  private final BrokerServer server =
      new HttpServerProvider()
          .serve(slow(engine), new ServerConfig("127.0.0.1", 0, null, () -> {}));

  @AfterEach
  void end() {
    server.close();
    engine.close();
  }

  @Test
  void whoHangsUpBeforeTheAnswerIsWrittenHasNotBeenDeliveredIt() throws Exception {
    PeerId eel = join("eel");
    var sent = engine.send(OutgoingMessage.of(eel, eel, "not read"));
    Socket socket = say(poll(eel));
    taking.await();
    socket.close();
    mayTake.countDown();

    eventually(
        "it was taken",
        () -> engine.receipt(sent.id()).orElseThrow().state() == MessageState.OFFERED);
    // That waits for what is under way.
    server.close();
    assertThat(acknowledged).hasValue(0);
    assertThat(engine.receipt(sent.id()).orElseThrow().state()).isEqualTo(MessageState.OFFERED);
  }

  @Test
  void whoWaitsForTheAnswerHas() throws Exception {
    mayTake.countDown();
    PeerId eel = join("eel");
    var sent = engine.send(OutgoingMessage.of(eel, eel, "read"));
    try (Socket socket = say(poll(eel))) {
      assertThat(hear(socket, "not there")).contains("\"text\":\"read\"");
    }
    eventually(
        "it is delivered",
        () -> engine.receipt(sent.id()).orElseThrow().state() == MessageState.DELIVERED);
  }

  @Test
  void aRequestThatComesBeforeTheAnswerToTheLastIsAnsweredInItsTurn() throws Exception {
    PeerId eel = join("eel");
    var sent = engine.send(OutgoingMessage.of(eel, eel, "read"));
    try (Socket socket = say(poll(eel))) {
      taking.await();
      for (int i = 0; i < 40; i++) {
        socket.getOutputStream().write(bytes(health()));
      }
      mayTake.countDown();

      String heard = "";
      while (heard.split("\"service\"", -1).length <= 40) {
        heard += hear(socket, "");
      }
      assertThat(heard).contains("\"text\":\"read\"");
    }
    eventually(
        "it is delivered",
        () -> engine.receipt(sent.id()).orElseThrow().state() == MessageState.DELIVERED);
  }

  @Test
  void headsThatAreBegunAndDroppedStartNoThreads() throws Exception {
    mayTake.countDown();
    assertServed();
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    long before = threads.getTotalStartedThreadCount();
    for (int i = 0; i < HALF_HEADS; i++) {
      say("POST /send-message HTTP/1.1\r\nHost: 127.0.0.1\r\nX-").close();
      if (i % 100 == 0) {
        assertServed();
      }
    }
    assertServed();

    // Those of the pool, at most, and some of the JVM's and of other tests.
    assertThat(threads.getTotalStartedThreadCount() - before).isLessThan(400);
  }

  private void assertServed() throws IOException {
    try (Socket socket = say(health())) {
      assertThat(hear(socket, "")).startsWith("HTTP/1.1 200 ");
    }
  }

  /** One whose mail is taken when the test says so. */
  private Broker slow(Broker broker) {
    return (Broker)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {Broker.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("receive")) {
                taking.countDown();
                mayTake.await();
              } else if (method.getName().equals("acknowledge")) {
                acknowledged.incrementAndGet();
              }
              try {
                return method.invoke(broker, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  private PeerId join(String key) {
    return engine
        .register(Registration.builder(new SessionKey(key), Workspace.of("/" + key)).build())
        .id();
  }

  private String poll(PeerId id) {
    String body = "{\"id\":\"" + id + "\"}";
    return "POST /poll-messages HTTP/1.1\r\nHost: "
        + host()
        + "\r\nContent-Type: application/json\r\nContent-Length: "
        + body.length()
        + "\r\n\r\n"
        + body;
  }

  private String health() {
    return "GET /health HTTP/1.1\r\nHost: " + host() + "\r\n\r\n";
  }

  private String host() {
    return "127.0.0.1:" + server.address().getPort();
  }

  private Socket say(String text) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.address().getPort());
    socket.setSoTimeout(60_000);
    socket.getOutputStream().write(bytes(text));
    return socket;
  }

  /** What comes at once. */
  private static String hear(Socket socket, String otherwise) throws IOException {
    byte[] bytes = new byte[1 << 16];
    int n = socket.getInputStream().read(bytes);
    return n < 0 ? otherwise : new String(bytes, 0, n, StandardCharsets.UTF_8);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
