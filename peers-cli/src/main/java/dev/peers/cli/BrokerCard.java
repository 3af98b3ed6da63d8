package dev.peers.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.peers.mcp.relay.OwnFiles;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What a running broker writes into its lock file, so that others find it whatever its port.
 *
 * @param pid its process
 * @param address where it serves
 * @param version which version it is
 * @param socket where sessions find it
 */
record BrokerCard(long pid, URI address, String version, Path socket) {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  void write(FileChannel channel) throws IOException {
    String json =
        MAPPER
            .createObjectNode()
            .put("pid", pid)
            .put("address", address.toString())
            .put("version", version)
            .put("socket", socket.toString())
            .toString();
    channel.truncate(0);
    channel.write(ByteBuffer.wrap((json + "\n").getBytes(StandardCharsets.UTF_8)), 0);
  }

  /** Reads the card; whether its broker still runs is another question. */
  static Optional<BrokerCard> read(Path lockFile) {
    try {
      OwnFiles.requireRegular(lockFile);
      JsonNode json = MAPPER.readTree(Files.readAllBytes(lockFile));
      if (json == null || !json.path("address").isTextual()) {
        return Optional.empty();
      }
      return Optional.of(
          new BrokerCard(
              json.path("pid").asLong(),
              URI.create(json.path("address").textValue()),
              json.path("version").asText("unknown"),
              Path.of(json.path("socket").asText(""))));
    } catch (IOException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
