package dev.peers.mcp;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** A relay's end of a connection. */
final class RelayLine implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final SocketChannel channel;
  private final BufferedReader reader;

  RelayLine(Path socket) throws IOException {
    channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
    reader = new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8));
  }

  void say(String line) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8));
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  void initialize() throws IOException {
    initialize("test", "2025-06-18");
  }

  /** Introduces a client of this name. */
  void initializeAs(String client) throws IOException {
    initialize(client, "2025-06-18");
  }

  /** Introduces the client, which speaks a revision of MCP. */
  void initialize(String client, String protocol) throws IOException {
    say(
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"initialize\",\"params\":"
            + "{\"protocolVersion\":\"%s\",\"capabilities\":{},".formatted(protocol)
            + "\"clientInfo\":{\"name\":\"%s\",\"version\":\"1\"}}}".formatted(client));
  }

  /** Hears what is for the agent. */
  JsonNode hear() throws IOException {
    JsonNode line = hearAny();
    while (line.has("peers_pushed")) {
      line = hearAny();
    }
    return line;
  }

  /** Hears what is for the agent or for the relay. */
  JsonNode hearAny() throws IOException {
    String line = reader.readLine();
    assertThat(line).as("an answer").isNotNull();
    return JSON.readTree(line);
  }

  /** Hears on until a line answers a request. */
  JsonNode answer(int id) throws IOException {
    JsonNode line = hear();
    while (line.path("id").asInt(-1) != id) {
      line = hear();
    }
    return line;
  }

  /** Calls a tool and hears its result, as an agent does. */
  JsonNode call(int id, String tool, String arguments) throws IOException {
    return call(id, tool, arguments, "{}");
  }

  /** The same with what the client says of the call. */
  JsonNode call(int id, String tool, String arguments, String meta) throws IOException {
    say(
        "{\"jsonrpc\":\"2.0\",\"id\":%d,\"method\":\"tools/call\",\"params\":{\"name\":\"%s\",\"arguments\":%s,\"_meta\":%s}}"
            .formatted(id, tool, arguments, meta));
    JsonNode result = answer(id).path("result");
    say("{\"peers_written\":" + id + "}");
    return result;
  }

  boolean ended() throws IOException {
    return reader.readLine() == null;
  }

  /** Ends the connection before its time. */
  void hangUp() throws IOException {
    channel.close();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
