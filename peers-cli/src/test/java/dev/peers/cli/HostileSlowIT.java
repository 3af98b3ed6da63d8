package dev.peers.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peers.tck.Eventually;
import java.io.IOException;
import java.io.UncheckedIOException;
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
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Those who never come to an end of what they say. */
class HostileSlowIT {
  private final World world = new World();

  @AfterEach
  void end() {
    world.close();
  }

  @Test
  void whoNeverComesToAnEndIsHungUpOn() throws IOException {
    RunningBroker broker = RunningBroker.start(world);
    RawSession session = world.join("idle");
    String sessionId = session.id();
    SocketAddress http = new InetSocketAddress(InetAddress.getLoopbackAddress(), broker.port());
    SocketAddress socket = UnixDomainSocketAddress.of(world.files().socket());
    String json = "Content-Type: application/json";
    String body = broker.head("POST /list-peers", json, "Content-Length: 1000");
    String chunks = broker.head("POST /list-peers", json, "Transfer-Encoding: chunked");
    List<Slow> all = new ArrayList<>();
    try (RawHttp regular = broker.connect()) {
      regular.say(broker.head("GET /health"));
      assertThat(regular.answer().status()).isEqualTo(200);

      Slow nothing = add(all, new Slow("no head", http, "", ""));
      Slow head = add(all, new Slow("a head", http, "GET /health HTTP/1.1\r\n", "x"));
      Slow fields = add(all, new Slow("fields", http, "GET /health HTTP/1.1\r\n", "X-A: b\r\n"));
      Slow slowBody = add(all, new Slow("a body", http, body, " "));
      Slow noBody = add(all, new Slow("no body", http, body, ""));
      Slow slowChunks = add(all, new Slow("chunks", http, chunks, "1\r\n \r\n"));
      add(all, new Slow("no hello", socket, "", ""));
      add(all, new Slow("a hello", socket, "{\"peers_hello\":1", " "));
      List<Slow> open = new ArrayList<>(all);
      Eventually.eventually(
          "all were hung up on; open: " + open,
          () -> {
            open.removeIf(Slow::isOver);
            return open.isEmpty();
          });

      for (Slow slow : List.of(slowBody, noBody, slowChunks)) {
        assertThat(slow.received.toString()).as(slow.what).startsWith("HTTP/1.1 408 ");
        assertThat(slow.received.toString()).as(slow.what).contains("\"ok\":false");
      }
      for (Slow slow : List.of(nothing, head, fields)) {
        assertThat(slow.received.toString()).as(slow.what).doesNotContain("200");
      }
      // Being silent between requests is no crime.
      regular.say(broker.head("GET /health"));
      assertThat(regular.answer().status()).isEqualTo(200);
      assertThat(session.id()).isEqualTo(sessionId);
    } finally {
      for (Slow slow : all) {
        slow.channel.close();
      }
    }
  }

  @Test
  void aLineThatIsTooLongIsRefusedAndTheSessionLivesOn() throws IOException {
    RawSession waiting = world.join("waiting");
    String hello =
        "{\"peers_hello\":1,\"instance\":\"an-instance\",\"session_key\":\"a key\",\"pid\":"
            + ProcessHandle.current().pid()
            + ",\"ppid\":1,\"cwd\":"
            + World.JSON.valueToTree(world.directory("long").toString())
            + ",\"env\":{}}\n";
    String initialize =
        RunningBroker.json(
            Map.of(
                "jsonrpc",
                "2.0",
                "id",
                1,
                "method",
                "initialize",
                "params",
                Map.of(
                    "protocolVersion",
                    "2025-11-25",
                    "capabilities",
                    Map.of(),
                    "clientInfo",
                    Map.of("name", "x", "version", "1"))));
    SocketAddress socket = UnixDomainSocketAddress.of(world.files().socket());
    Slow line = new Slow("a line", socket, hello + initialize + "\n", "");
    try {
      Eventually.eventually("the session has begun", () -> line.has("serverInfo"));
      line.channel.configureBlocking(true);
      for (int i = 0; i < 40; i++) {
        line.write("x".repeat(1 << 16));
      }
      line.write("\n{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"ping\"}\n");
      line.channel.configureBlocking(false);
      Eventually.eventually("the line was refused", () -> line.has("longer than"));
      Eventually.eventually("the next one was not", () -> line.has("\"id\":2,\"result\":{}"));
      assertThat(waiting.call("list_peers", Map.of("scope", "machine")).get("peers")).hasSize(1);
    } finally {
      line.channel.close();
    }
  }

  private static Slow add(List<Slow> all, Slow slow) {
    all.add(slow);
    return slow;
  }

  /** A connection that begins something and then says the same little thing twice a second. */
  private static final class Slow {
    final String what;
    final SocketChannel channel;
    final StringBuilder received = new StringBuilder();
    private final String drip;
    private long dripped = System.nanoTime();

    Slow(String what, SocketAddress address, String start, String drip) throws IOException {
      this.what = what;
      this.drip = drip;
      this.channel = SocketChannel.open(address);
      write(start);
      channel.configureBlocking(false);
    }

    void write(String text) throws IOException {
      ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    }

    /** Reads what is there and says some more; whether the other side has hung up. */
    boolean isOver() {
      try {
        if (read() < 0) {
          return true;
        }
        if (System.nanoTime() - dripped > TimeUnit.MILLISECONDS.toNanos(500)) {
          dripped = System.nanoTime();
          write(drip);
        }
        return false;
      } catch (IOException e) {
        return true;
      }
    }

    boolean has(String text) {
      try {
        read();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return received.indexOf(text) >= 0;
    }

    private int read() throws IOException {
      ByteBuffer room = ByteBuffer.allocate(1 << 16);
      int n = channel.read(room);
      received.append(StandardCharsets.UTF_8.decode(room.flip()));
      return n;
    }

    @Override
    public String toString() {
      return what;
    }
  }
}
