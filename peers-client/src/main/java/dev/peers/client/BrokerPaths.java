package dev.peers.client;

import dev.peers.ErrorCode;
import dev.peers.FileReason;
import dev.peers.PeersException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Where the files of this user's broker are, and what they say. They are beside its database, whose
 * {@code .db} their endings replace; those of the gateway to a broker elsewhere are named after its
 * address as well. The broker and its sessions name them in the same way.
 */
final class BrokerPaths {
  private static final int MAX_FILE = 64 * 1024;

  /** What a name keeps of an address. */
  private static final int MAX_ADDRESS = 60;

  private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9_-]{43,128}");

  private BrokerPaths() {}

  /** A file of the local broker. */
  static Path local(Map<String, String> environment, String ending) {
    return beside(database(environment), "", ending);
  }

  /** A file of the gateway to a broker elsewhere. */
  static Path gateway(Map<String, String> environment, String url, String ending) {
    int start = url.indexOf("://");
    StringBuilder name = new StringBuilder("-");
    for (char c : url.substring(start < 0 ? 0 : start + 3).toCharArray()) {
      boolean plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
      if (name.length() <= MAX_ADDRESS) {
        name.append(plain || ".-_+".indexOf(c) >= 0 ? c : c == ':' ? '_' : c == '/' ? '+' : '=');
      }
    }
    if (url.startsWith("https:")) {
      name.append("+tls");
    }
    return beside(database(environment), name.toString(), ending);
  }

  /** The token in a file of this user's; empty if there is no file, or nothing in it. */
  static Optional<String> token(Path file) {
    Optional<String> token = read(file).map(String::strip).filter(text -> !text.isEmpty());
    if (token.isPresent() && !TOKEN.matcher(token.get()).matches()) {
      throw new PeersException(
          ErrorCode.UNAUTHORIZED,
          "the token file "
              + file
              + " holds no token; write into it what is in the .token file of the broker");
    }
    return token;
  }

  /** What this user's own file says; empty if there is none. */
  static Optional<String> read(Path file) {
    try {
      if (!Files.isRegularFile(file)) {
        return Optional.empty();
      }
      if (!Files.getOwner(file).equals(self())) {
        throw new PeersException(
            ErrorCode.UNAVAILABLE, file + " belongs to another user, and is not read");
      }
      byte[] bytes;
      try (var in = Files.newInputStream(file)) {
        bytes = in.readNBytes(MAX_FILE);
      }
      return Optional.of(new String(bytes, StandardCharsets.UTF_8));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new PeersException(
          ErrorCode.UNAVAILABLE,
          file + " cannot be read: " + FileReason.of(e) + ". Check its owner and mode",
          e);
    }
  }

  private static Path database(Map<String, String> environment) {
    String named = environment.getOrDefault("CLAUDE_PEERS_DB", "").strip();
    String home = environment.getOrDefault("HOME", "");
    try {
      Path database =
          named.isEmpty()
              ? Path.of(home.isBlank() ? System.getProperty("user.home") : home, ".claude-peers.db")
              : Path.of(named);
      return real(database.toAbsolutePath().normalize());
    } catch (InvalidPathException e) {
      throw new PeersException(
          ErrorCode.INVALID_ARGUMENT,
          "CLAUDE_PEERS_DB is '" + named + "', and HOME '" + home + "'; expected paths",
          e);
    }
  }

  private static Path real(Path path) {
    try {
      return path.toRealPath();
    } catch (IOException e) {
      // Not there yet; then neither is a broker.
      return path;
    }
  }

  private static Path beside(Path database, String suffix, String ending) {
    String name = String.valueOf(database.getFileName());
    String stem = name.endsWith(".db") ? name.substring(0, name.length() - 3) : name;
    return database.resolveSibling(stem + suffix + "." + ending);
  }

  /** Who this process is, told by what belongs to it. */
  private static UserPrincipal self() throws IOException {
    Path probe = Files.createTempFile("peers", ".probe");
    try {
      return Files.getOwner(probe);
    } finally {
      Files.delete(probe);
    }
  }
}
