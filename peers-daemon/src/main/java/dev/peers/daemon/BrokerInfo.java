package dev.peers.daemon;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.peers.local.PrivateFiles;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/**
 * What a running broker writes into its lock file, so that others find it whatever its port.
 *
 * @param pid its process
 * @param address where it serves
 * @param version which version it is
 * @param socket where sessions find it
 * @param open whether it wants no token
 */
public record BrokerInfo(long pid, URI address, String version, Path socket, boolean open) {
  private static final String OPEN = "off";
  private static final int MAX_CARD = 4_096;

  private static final ObjectMapper MAPPER = new ObjectMapper();

  void write(FileChannel channel) throws IOException {
    String json =
        MAPPER
            .createObjectNode()
            .put("pid", pid)
            .put("address", address.toString())
            .put("version", version)
            .put("socket", socket.toString())
            .put("auth", open ? OPEN : "token")
            .toString();
    channel.truncate(0);
    channel.write(ByteBuffer.wrap((json + "\n").getBytes(StandardCharsets.UTF_8)), 0);
  }

  /** Reads the card; whether its broker still runs is another question. */
  public static Optional<BrokerInfo> read(Path lockFile) {
    try {
      PrivateFiles.requireRegular(lockFile);
      return read(Files.readAllBytes(lockFile));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /**
   * The same for the one that holds a lock on the file, which it would lose with another channel to
   * it.
   */
  static Optional<BrokerInfo> read(FileChannel channel) {
    try {
      ByteBuffer content = ByteBuffer.allocate(MAX_CARD);
      int n = channel.read(content, 0);
      return read(Arrays.copyOf(content.array(), Math.max(0, n)));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static Optional<BrokerInfo> read(byte[] card) throws IOException {
    try {
      JsonNode json = MAPPER.readTree(card);
      if (json == null || !json.path("address").isTextual()) {
        return Optional.empty();
      }
      return Optional.of(
          new BrokerInfo(
              json.path("pid").asLong(),
              URI.create(json.path("address").textValue()),
              json.path("version").asText("unknown"),
              Path.of(json.path("socket").asText("")),
              OPEN.equals(json.path("auth").asText())));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
