package dev.peers.local;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.UUID;

/**
 * Where a broker's files are: beside its database, {@code .db} replaced. Whoever uses the same
 * database finds the same files.
 *
 * @param database the database
 * @param token the file with the token for HTTP
 * @param keys the file with what the keys of peers are made with
 * @param socket the Unix domain socket for sessions
 * @param log the log file
 * @param lock the file that one broker holds a lock on, and which tells who it is
 * @since 0.1
 */
public record BrokerFiles(Path database, Path token, Path keys, Path socket, Path log, Path lock) {
  /** What fits into a socket address: 104 bytes on macOS, 108 on Linux, less its end. */
  private static final int MAX_SOCKET_BYTES = 103;

  /** What a name may keep of the address of a broker elsewhere. */
  private static final int MAX_ADDRESS = 60;

  /**
   * The files for an environment: those of the local broker, or where {@code CLAUDE_PEERS_URL}
   * names a broker elsewhere, those of the gateway to it, beside them.
   *
   * @param environment environment variables
   * @return absolute paths
   */
  public static BrokerFiles of(Map<String, String> environment) {
    BrokerFiles local = local(environment);
    String url = environment.get("CLAUDE_PEERS_URL");
    return url == null || url.isBlank() ? local : local.gateway(url.strip(), environment);
  }

  /**
   * The files of the local broker.
   *
   * @param environment environment variables; {@code CLAUDE_PEERS_DB} names the database, else it
   *     is in the home directory
   * @return absolute paths
   */
  public static BrokerFiles local(Map<String, String> environment) {
    String named = environment.get("CLAUDE_PEERS_DB");
    Path database =
        named == null || named.isBlank()
            ? home(environment).resolve(".claude-peers.db")
            : Path.of(named);
    return beside(database, environment);
  }

  /** As the shell of {@code peers-wake} names them: {@code tr ':/' '_+'}, the rest made plain. */
  private BrokerFiles gateway(String url, Map<String, String> environment) {
    int start = url.indexOf("://");
    StringBuilder name = new StringBuilder();
    for (char c : url.substring(start < 0 ? 0 : start + 3).toCharArray()) {
      boolean plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
      if (name.length() < MAX_ADDRESS) {
        name.append(plain || ".-_+".indexOf(c) >= 0 ? c : c == ':' ? '_' : c == '/' ? '+' : '=');
      }
    }
    if (url.startsWith("https:")) {
      name.append("+tls");
    }
    String stem = String.valueOf(database.getFileName());
    stem = stem.endsWith(".db") ? stem.substring(0, stem.length() - 3) : stem;
    return beside(database.resolveSibling(stem + "-" + name + ".db"), environment);
  }

  private static BrokerFiles beside(Path path, Map<String, String> environment) {
    Path database = real(path.toAbsolutePath().normalize());
    String name = String.valueOf(database.getFileName());
    String stem = name.endsWith(".db") ? name.substring(0, name.length() - 3) : name;
    Path socket = database.resolveSibling(stem + ".sock");
    if (socket.toString().getBytes(StandardCharsets.UTF_8).length > MAX_SOCKET_BYTES) {
      socket =
          runtimeDirectory(environment)
              .resolve(
                  UUID.nameUUIDFromBytes(database.toString().getBytes(StandardCharsets.UTF_8))
                      + ".sock");
    }
    return new BrokerFiles(
        database,
        database.resolveSibling(stem + ".token"),
        database.resolveSibling(stem + ".keys"),
        socket,
        database.resolveSibling(stem + ".log"),
        database.resolveSibling(stem + ".lock"));
  }

  /** One database has one path, whatever links lead to it. */
  private static Path real(Path path) {
    try {
      if (Files.isSymbolicLink(path)) {
        // One that somebody else may have made is not followed, and refused when it is used.
        PrivateFiles.requireOwn(path);
      }
      if (Files.exists(path)) {
        return path.toRealPath();
      }
      Path parent = path.getParent();
      return parent == null || !Files.exists(parent)
          ? path
          : parent.toRealPath().resolve(String.valueOf(path.getFileName()));
    } catch (IOException e) {
      return path;
    }
  }

  private static Path home(Map<String, String> environment) {
    String home = environment.get("HOME");
    return Path.of(home == null || home.isBlank() ? System.getProperty("user.home") : home);
  }

  /**
   * A directory of the user's own with a short path, for what no later process needs.
   *
   * @param environment environment variables; {@code XDG_RUNTIME_DIR} names the one it is in, else
   *     it is in the system's temporary one
   * @return an absolute path, which may not exist yet
   */
  public static Path runtimeDirectory(Map<String, String> environment) {
    String runtime = environment.get("XDG_RUNTIME_DIR");
    if (runtime != null && !runtime.isBlank() && Files.isDirectory(Path.of(runtime))) {
      return Path.of(runtime).resolve("claude-peers");
    }
    return Path.of(System.getProperty("java.io.tmpdir"))
        .resolve("claude-peers-" + System.getProperty("user.name"));
  }
}
