package dev.peers.mcp;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.peers.Broker;
import dev.peers.Limits;
import dev.peers.broker.InMemoryStore;
import dev.peers.broker.LocalBroker;
import dev.peers.tck.FuzzContract;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.provider.MethodSource;

/** Lines of a session that has introduced itself: each request is answered, in words of ours. */
class GatewayFuzzTest implements FuzzContract {
  private static final String HELLO =
      "{\"peers_hello\":1,\"instance\":\"i\",\"session_key\":\"k\",\"pid\":1,\"cwd\":\"/eel\"}\n";
  private static final String INITIALIZE =
      "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"initialize\",\"params\":"
          + "{\"protocolVersion\":\"2025-06-18\",\"capabilities\":{},"
          + "\"clientInfo\":{\"name\":\"test\",\"version\":\"1\"}}}\n";
  private static final String LAST = "{\"jsonrpc\":\"2.0\",\"id\":\"LAST\",\"method\":\"ping\"}\n";

  private final ObjectMapper mapper = Gateway.mapper();
  private final ExecutorService workers = Executors.newFixedThreadPool(2);
  private final ScheduledExecutorService timer = Executors.newScheduledThreadPool(1);
  private Path socket;
  private Broker broker;
  private Gateway gateway;

  @BeforeAll
  void choose(@TempDir Path directory) {
    socket = directory.resolve("peers.sock");
  }

  private void open() {
    if (gateway == null) {
      Limits limits = new Limits(10, 0, 0, Duration.ofDays(1), Duration.ofDays(1));
      broker = LocalBroker.over(new InMemoryStore()).limits(limits).build();
      gateway =
          Gateway.builder(socket, broker).executors(workers, timer).pushesPerMinute(120).open();
    }
  }

  @AfterAll
  void close() {
    if (gateway != null) {
      gateway.close();
      broker.close();
    }
    workers.shutdownNow();
    timer.shutdownNow();
  }

  @Override
  public int mutations() {
    return 200;
  }

  @Override
  public Stream<byte[]> seeds() {
    return FuzzContract.texts(
        call("list_peers", "{\"scope\":\"machine\"}"),
        call("send_message", "{\"targetPeerId\":\"operator\",\"message\":\"x\",\"inReplyTo\":1}"),
        call("set_summary", "{\"summary\":\"Mending nets.\"}") + call("whoami", "{}"),
        call("check_messages", "{\"limit\":5}") + "{\"peers_written\":7}",
        call("message_status", "{\"messageId\":\"1\"}"),
        "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}",
        "{\"jsonrpc\":\"2.0\",\"id\":\"a\",\"method\":\"tools/list\",\"params\":null}",
        "{\"jsonrpc\":\"2.0\",\"id\":\"\\ud83d\",\"method\":\"no/such\"}",
        "{\"jsonrpc\":\"2.0\",\"id\":0,\"result\":{}}\n" + INITIALIZE);
  }

  @Override
  @MethodSource("seeds")
  @FuzzTest
  @Timeout(120)
  public void holds(byte[] input) throws IOException {
    open();
    try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      OutputStream out = Channels.newOutputStream(channel);
      out.write((HELLO + INITIALIZE).getBytes(StandardCharsets.UTF_8));
      out.write(input);
      out.write(("\n" + LAST).getBytes(StandardCharsets.UTF_8));
      BufferedReader in = new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8));
      List<JsonNode> answered = new ArrayList<>();
      while (true) {
        String line = in.readLine();
        assertThat(line).as("a session that goes on").isNotNull();
        JsonNode json = mapper.readTree(line);
        if (json.path("id").asText().equals("LAST")) {
          break;
        }
        assertThat(json.at("/error/code").asInt()).as(line).isNotEqualTo(-32603);
        assertThat(line)
            .doesNotContain("fasterxml", "io.model", "claude-peers failed", "Exception: ");
        answered.add(json.path("id"));
      }
      assertThat(answered).containsAll(asked(input));
    }
  }

  /** The ids of what cannot be taken for anything but a request. */
  private List<JsonNode> asked(byte[] input) {
    List<JsonNode> ids = new ArrayList<>();
    for (String line : new String(input, StandardCharsets.ISO_8859_1).split("\n")) {
      try {
        JsonNode json = mapper.readTree(line.getBytes(StandardCharsets.ISO_8859_1));
        if (json.path("jsonrpc").asText().equals("2.0")
            && json.path("method").isTextual()
            && (json.path("id").isIntegralNumber() || json.path("id").isTextual())
            && !line.contains("peers_written")) {
          ids.add(json.get("id"));
        }
      } catch (IOException e) {
        // Not a request.
      }
    }
    return ids;
  }

  private static String call(String tool, String arguments) {
    return "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"tools/call\",\"params\":{\"name\":\""
        + tool
        + "\",\"arguments\":"
        + arguments
        + "}}\n";
  }
}
