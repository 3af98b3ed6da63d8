package dev.peers.local;

import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

/**
 * What a running broker writes into its lock file, so that others find it whatever its port.
 *
 * @param pid its process
 * @param address where it serves
 * @param version which version it is
 * @param socket where sessions find it
 * @param open whether it wants no token
 * @since 0.1
 */
public record BrokerInfo(long pid, URI address, String version, Path socket, boolean open) {
  private static final String OPEN = "off";
  private static final int MAX_CARD = 4_096;

  /**
   * Writes the card in the place of the one before.
   *
   * @param channel the channel to the lock file, of the holder of the lock
   * @throws IOException if it cannot be written
   */
  public void write(FileChannel channel) throws IOException {
    StringBuilder json = new StringBuilder("{\"pid\":").append(pid);
    Json.member(json, "address", address.toString());
    Json.member(json, "version", version);
    Json.member(json, "socket", socket.toString());
    Json.member(json, "auth", open ? OPEN : "token");
    channel.truncate(0);
    channel.write(
        ByteBuffer.wrap(json.append("}\n").toString().getBytes(StandardCharsets.UTF_8)), 0);
  }

  /**
   * Reads the card; whether its broker still runs is another question.
   *
   * @param lockFile the lock file
   * @return empty if there is none, or if it cannot be read
   */
  public static Optional<BrokerInfo> read(Path lockFile) {
    try {
      return parse(bytes(lockFile));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /**
   * The same where another user could have put the file there.
   *
   * @param lockFile the lock file
   * @return empty if there is none
   * @throws IOException if the file cannot be read, or may be another user's
   */
  public static Optional<BrokerInfo> readOwn(Path lockFile) throws IOException {
    PrivateFiles.requireOwn(lockFile);
    try {
      return parse(bytes(lockFile));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  /**
   * The same for the one that holds a lock on the file, which it would lose with another channel to
   * it.
   *
   * @param channel the channel to the lock file
   * @return empty if there is none, or if it cannot be read
   */
  public static Optional<BrokerInfo> read(FileChannel channel) {
    try {
      ByteBuffer content = ByteBuffer.allocate(MAX_CARD);
      int n = channel.read(content, 0);
      return parse(Arrays.copyOf(content.array(), Math.max(0, n)));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /**
   * Whether its process is one of those that this one can see.
   *
   * @return false for a broker that has ended, or that runs in another container
   */
  public boolean isAlive() {
    return ProcessHandle.of(pid).isPresent();
  }

  /**
   * The broker's socket, over which it takes HTTP as well.
   *
   * @return empty if it is not there, as on systems without any
   * @throws IOException if another user could have put it there
   */
  public Optional<Path> ownSocket() throws IOException {
    if (!Files.exists(socket)) {
      return Optional.empty();
    }
    PrivateFiles.requireOwn(socket);
    return Optional.of(socket);
  }

  private static byte[] bytes(Path lockFile) throws IOException {
    PrivateFiles.requireRegular(lockFile);
    try (var in = Files.newInputStream(lockFile)) {
      return in.readNBytes(MAX_CARD);
    }
  }

  private static Optional<BrokerInfo> parse(byte[] card) {
    try {
      Map<String, String> members = JsonMembers.read(new String(card, StandardCharsets.UTF_8));
      String address = members.get("address");
      if (address == null) {
        return Optional.empty();
      }
      return Optional.of(
          new BrokerInfo(
              Long.parseLong(members.getOrDefault("pid", "0")),
              URI.create(address),
              members.getOrDefault("version", "unknown"),
              Path.of(members.getOrDefault("socket", "")),
              OPEN.equals(members.get("auth"))));
    } catch (IllegalArgumentException e) {
      // No card, or that of something else.
      return Optional.empty();
    }
  }
}
