package dev.peers.client;

import dev.peers.Broker;
import dev.peers.ErrorCode;
import dev.peers.PeersException;
import dev.peers.spi.ClientConfig;
import dev.peers.spi.Providers;
import dev.peers.spi.TransportProvider;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Finds the broker that the sessions of this user talk to, and connects to it over HTTP, for which
 * peers-transport-http has to be on the class path. Environments are those of the user's sessions,
 * normally {@code System.getenv()}: {@code CLAUDE_PEERS_URL} with {@code CLAUDE_PEERS_TOKEN} names
 * a broker elsewhere, {@code CLAUDE_PEERS_DB} the database of the local one.
 *
 * @since 0.1
 */
public final class Brokers {
  private static final int MAX_FILE = 64 * 1024;
  private static final Pattern ADDRESS = Pattern.compile("\"address\":\"(http://[^\"]{1,300})\"");
  private static final Pattern PROCESS = Pattern.compile("\"pid\":([0-9]{1,18})");

  private Brokers() {}

  /**
   * Connects to a broker at an address.
   *
   * @param address such as {@code http://127.0.0.1:7899}
   * @param token the secret that it wants; null if it wants none
   * @return a broker, which the caller closes; nothing has been sent to it yet
   * @throws PeersException {@link ErrorCode#PROVIDER_UNAVAILABLE} without peers-transport-http
   */
  public static Broker at(URI address, @Nullable String token) {
    return Providers.of(TransportProvider.class)
        .named("http")
        .connect(new ClientConfig(address, token));
  }

  /**
   * Connects to the broker that runs; starts none.
   *
   * @param environment environment variables
   * @return a broker, which the caller closes, or empty if none runs
   * @throws PeersException {@link ErrorCode#UNAVAILABLE} if its files cannot be read or are
   *     somebody else's, {@link ErrorCode#INVALID_ARGUMENT} if a setting makes no sense
   */
  public static Optional<Broker> running(Map<String, String> environment) {
    String url = environment.getOrDefault("CLAUDE_PEERS_URL", "").strip();
    if (!url.isEmpty()) {
      return Optional.of(at(uri(url), blankToNull(environment.get("CLAUDE_PEERS_TOKEN"))));
    }
    String card = read(file(environment, "lock")).orElse("");
    Matcher address = ADDRESS.matcher(card);
    Matcher process = PROCESS.matcher(card);
    if (!address.find()
        || !process.find()
        // Who listens where a broker was once is not to be told the token.
        || ProcessHandle.of(Long.parseLong(process.group(1))).isEmpty()) {
      return Optional.empty();
    }
    String token = read(file(environment, "token")).map(String::strip).orElse(null);
    return Optional.of(at(uri(address.group(1)), blankToNull(token)));
  }

  /**
   * Connects to the broker that runs, and has the command line start one if none does.
   *
   * @param environment environment variables
   * @param peers the command line of Peers: {@code peers}, or the path of it
   * @param atMost how long a start may take
   * @return a broker, which the caller closes
   * @throws PeersException {@link ErrorCode#UNAVAILABLE} if none runs then, with what the command
   *     line said, or as {@link #running} does
   * @throws InterruptedException if the thread is interrupted while it waits
   */
  public static Broker runningOrStarted(
      Map<String, String> environment, String peers, Duration atMost) throws InterruptedException {
    Optional<Broker> running = running(environment);
    if (running.isPresent()) {
      return running.get();
    }
    String said = start(environment, peers, atMost);
    return running(environment)
        .orElseThrow(
            () ->
                new PeersException(
                    ErrorCode.UNAVAILABLE, "'" + peers + "' started no broker" + said));
  }

  /** Any command that needs a broker starts one; returns what it complained of. */
  private static String start(Map<String, String> environment, String peers, Duration atMost)
      throws InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(List.of(peers, "peers", "--json"));
    builder.environment().putAll(environment);
    builder.redirectOutput(ProcessBuilder.Redirect.DISCARD);
    builder.redirectInput(ProcessBuilder.Redirect.PIPE);
    Process process = null;
    try {
      Path errors = Files.createTempFile("peers", ".err");
      try {
        process = builder.redirectError(errors.toFile()).start();
        process.getOutputStream().close();
        if (!process.waitFor(atMost.toMillis(), TimeUnit.MILLISECONDS)) {
          return " within " + atMost.toSeconds() + " s";
        }
        String said = OneLine.of(Files.readString(errors).lines().findFirst().orElse(""), 500);
        return said.isEmpty() ? "" : ": " + said;
      } finally {
        Files.deleteIfExists(errors);
      }
    } catch (IOException e) {
      return ": " + e.getMessage();
    } finally {
      if (process != null) {
        process.destroy();
      }
    }
  }

  /** The broker's files lie beside its database, whose {@code .db} their endings replace. */
  private static Path file(Map<String, String> environment, String ending) {
    String named = environment.getOrDefault("CLAUDE_PEERS_DB", "").strip();
    String home = environment.getOrDefault("HOME", System.getProperty("user.home"));
    Path database =
        (named.isEmpty() ? Path.of(home, ".claude-peers.db") : Path.of(named)).toAbsolutePath();
    try {
      database = database.toRealPath();
    } catch (IOException e) {
      // Not there yet; then neither is a broker.
    }
    String name = String.valueOf(database.getFileName());
    String stem = name.endsWith(".db") ? name.substring(0, name.length() - 3) : name;
    return database.resolveSibling(stem + "." + ending);
  }

  /** What this user's own file says. */
  private static Optional<String> read(Path file) {
    try {
      if (!Files.isRegularFile(file)) {
        return Optional.empty();
      }
      if (!Files.getOwner(file).equals(self())) {
        throw new PeersException(
            ErrorCode.UNAVAILABLE, file + " belongs to somebody else, and is not believed");
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
          ErrorCode.UNAVAILABLE, file + " cannot be read: " + e.getMessage(), e);
    }
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

  private static URI uri(String text) {
    try {
      return URI.create(text);
    } catch (IllegalArgumentException e) {
      throw new PeersException(
          ErrorCode.INVALID_ARGUMENT,
          "'" + text + "' is no address; expected one such as http://127.0.0.1:7899",
          e);
    }
  }

  private static @Nullable String blankToNull(@Nullable String text) {
    return text == null || text.isBlank() ? null : text.strip();
  }
}
