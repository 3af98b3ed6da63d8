package dev.peers.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.management.UnixOperatingSystemMXBean;
import dev.peers.cli.RunningBroker.Member;
import dev.peers.tck.Eventually;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntFunction;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.parallel.Isolated;

/** Crowds at both of the broker's doors, while two sessions go on writing to each other. */
@Isolated("it needs the machine's file handles, and measures")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HostileCrowdIT {
  private static final String JSON = "Content-Type: application/json";
  private static final int HALF_OPEN = 10_000;
  private static final int RESERVE = 1_000;
  private static final int BACKLOG = 16;
  private static final int DRIPPING = 500;
  private static final int WITHOUT_HELLO = 5_000;
  private static final String LONG_TEXT = "x".repeat(60_000);

  private final World world =
      new World()
          .with("CLAUDE_PEERS_MAX_RATE", "0")
          .with("CLAUDE_PEERS_MAX_TURNS", "0")
          .with("CLAUDE_PEERS_MAX_UNREAD", "0");
  private RunningBroker broker;
  private Crowd crowd;

  @BeforeAll
  void begin() {
    broker = RunningBroker.start(world);
    crowd = new Crowd(world);
  }

  @AfterAll
  void end() {
    String log = broker.log();
    world.close();
    assertThat(log).doesNotContain("OutOfMemory", "SEVERE");
    // A crowd must not be able to fill the disk with what is logged about it.
    assertThat(log.lines().count()).isLessThan(1_000);
  }

  @Test
  void tenThousandHalfOpenConnections() throws Exception {
    int many = (int) Math.min(HALF_OPEN, handles() - RESERVE);
    assumeTrue(many >= 2_000, "too few file handles for a crowd");
    System.out.println("hostile: " + many + " half-open connections");
    byte[] half = broker.bare("POST /register", JSON).strip().getBytes(StandardCharsets.UTF_8);
    try (RawHttp regular = broker.connect()) {
      regular.say(broker.request("/list-peers", "{\"scope\":\"machine\"}"));
      assertThat(regular.answer().status()).isEqualTo(200);

      crowd.exchangeDuring(
          "half-open connections",
          (underWay, over) -> stand(many, i -> open(address(), half), underWay, over, () -> {}));

      // Who has shown the token before keeps the connection.
      regular.say(broker.request("/list-peers", "{\"scope\":\"machine\"}"));
      assertThat(regular.answer().status()).isEqualTo(200);
    }
    assertThat(world.peers("peers").out()).contains("well-behaved");
  }

  @Test
  void headsAndBodiesThatDrip() throws Exception {
    byte[] head = broker.bare("GET /health").substring(0, 20).getBytes(StandardCharsets.UTF_8);
    byte[] body =
        broker
            .head("POST /list-peers", JSON, "Content-Length: 1000")
            .getBytes(StandardCharsets.UTF_8);
    crowd.exchangeDuring(
        "dripping connections",
        (underWay, over) -> {
          List<SocketChannel> open = new ArrayList<>();
          try {
            for (int i = 0; i < DRIPPING; i++) {
              open.add(open(address(), i % 2 == 0 ? head : body));
            }
            underWay.countDown();
            while (!over.get()) {
              open.forEach(channel -> write(channel, " ".getBytes(StandardCharsets.UTF_8)));
              pause(100);
            }
          } finally {
            closeAll(open);
          }
        });
  }

  @Test
  void bodiesWithoutAnEnd() throws Exception {
    byte[] block = new byte[1 << 16];
    crowd.exchangeDuring(
        "bodies of 50 MB",
        (underWay, over) -> {
          while (!over.get()) {
            underWay.countDown();
            try (RawHttp http = broker.connect()) {
              http.say(broker.head("POST /list-peers", JSON, "Content-Length: 50000000"));
              for (int sent = 0; sent < 50_000_000 && !over.get(); sent += block.length) {
                http.write(block);
              }
            } catch (IOException e) {
              // It was refused; once more.
            }
          }
        });
  }

  @Test
  void receiversThatNeverRead() throws Exception {
    Member sender = broker.register("sender");
    Member deaf = broker.register("deaf-to-events");
    Process session = deafSession();
    try (RawHttp events = broker.connect()) {
      events.say(broker.head("GET /events?id=" + deaf.id(), deaf.header()));
      String deafId = idAt("deaf-session");
      List<Long> ids = new ArrayList<>();

      crowd.exchangeDuring(
          "receivers that never read",
          (underWay, over) -> {
            for (int i = 0; i < 300 || !over.get(); i++) {
              String to = i % 2 == 0 ? deaf.id() : deafId;
              String text = RunningBroker.message(sender.id(), to, LONG_TEXT);
              JsonNode answer = broker.post("/send-message", text, sender.header()).json();
              if (answer.path("ok").asBoolean()) {
                ids.add(answer.path("id").asLong());
              }
              if (i == 100) {
                underWay.countDown();
              }
            }
          });

      assertThat(ids).hasSizeGreaterThan(200);
      for (long id : List.of(ids.get(0), ids.get(1), ids.get(ids.size() - 1))) {
        String body = RunningBroker.json(Map.of("message_id", id));
        assertThat(broker.post("/message-status", body).json().path("state").asText())
            .isIn("queued", "offered");
      }
    } finally {
      session.destroyForcibly().waitFor();
    }
  }

  @Test
  void aCrowdAtTheSocketThatNeverIntroducesItself() throws Exception {
    assumeTrue(handles() - RESERVE > WITHOUT_HELLO, "too few file handles for a crowd");
    SocketAddress socket = UnixDomainSocketAddress.of(world.files().socket());
    byte[] half = "{\"peers_hello\":".getBytes(StandardCharsets.UTF_8);
    crowd.exchangeDuring(
        "sockets without a hello",
        (underWay, over) -> {
          CountDownLatch standing = new CountDownLatch(1);
          stand(
              WITHOUT_HELLO,
              i -> open(socket, i % 2 == 0 ? half : new byte[0]),
              standing,
              over,
              () -> {
                // There is still room for who has something to say.
                assertThat(world.join("late").id()).startsWith("late-");
                underWay.countDown();
              });
        });
  }

  /** Opens connections and keeps them until it is over. */
  private static void stand(
      int count,
      IntFunction<SocketChannel> opener,
      CountDownLatch underWay,
      AtomicBoolean over,
      Runnable then) {
    List<SocketChannel> open = new ArrayList<>();
    try {
      for (int i = 0; i < count; i++) {
        open.add(opener.apply(i));
        if (i % BACKLOG == 0) {
          // A full queue of new connections would make the attacker wait, not the broker work.
          pause(5);
        }
      }
      then.run();
      underWay.countDown();
      while (!over.get()) {
        pause(10);
      }
    } finally {
      closeAll(open);
    }
  }

  /** Connects and says this; the other side may hang up on it at once. */
  private static SocketChannel open(SocketAddress address, byte[] start) {
    try {
      SocketChannel channel = SocketChannel.open(address);
      write(channel, start);
      channel.configureBlocking(false);
      return channel;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void write(SocketChannel channel, byte[] bytes) {
    try {
      channel.write(ByteBuffer.wrap(bytes));
    } catch (IOException e) {
      // It has been cut off, as it should be.
    }
  }

  private static void closeAll(List<SocketChannel> open) {
    for (SocketChannel channel : open) {
      try {
        channel.close();
      } catch (IOException e) {
        // It has gone already.
      }
    }
  }

  private static void pause(int millis) {
    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(millis));
  }

  private SocketAddress address() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), broker.port());
  }

  /** A session whose agent says what it must and never reads. */
  private Process deafSession() throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(world.executable("peers-mcp").toString())
            .directory(world.directory("deaf-session").toFile())
            .redirectError(ProcessBuilder.Redirect.DISCARD);
    builder.environment().clear();
    builder.environment().putAll(world.environment());
    Process process = builder.start();
    String hello =
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"initialize\",\"params\":{\"protocolVersion\":"
            + "\"2025-11-25\",\"capabilities\":{},\"clientInfo\":{\"name\":\"deaf\",\"version\":"
            + "\"1\"}}}\n{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}\n";
    process.getOutputStream().write(hello.getBytes(StandardCharsets.UTF_8));
    process.getOutputStream().flush();
    return process;
  }

  private String idAt(String directory) {
    List<String> found = new ArrayList<>();
    Eventually.eventually(
        directory + " has joined",
        () -> {
          JsonNode peers = broker.post("/list-peers", "{\"scope\":\"machine\"}").json();
          peers.forEach(
              peer -> {
                if (peer.path("cwd").asText().endsWith(directory)) {
                  found.add(peer.path("id").asText());
                }
              });
          return !found.isEmpty();
        });
    return found.get(0);
  }

  private static long handles() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
        ? unix.getMaxFileDescriptorCount() - unix.getOpenFileDescriptorCount()
        : 0;
  }
}
