package dev.peers.client;

import static dev.peers.Arguments.required;
import static dev.peers.Arguments.waitingNanos;

import dev.peers.Broker;
import dev.peers.ErrorCode;
import dev.peers.FileReason;
import dev.peers.PeersException;
import dev.peers.UntrustedText;
import dev.peers.local.BrokerFiles;
import dev.peers.local.BrokerInfo;
import dev.peers.local.IoReason;
import dev.peers.spi.BrokerEndpoint;
import dev.peers.spi.ClientConfig;
import dev.peers.spi.Providers;
import dev.peers.spi.TransportProvider;
import java.io.IOException;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Finds the broker that the sessions of this user talk to, and connects to it over HTTP, for which
 * peers-transport-http has to be on the class path. Environments are those of the user's sessions,
 * normally {@code System.getenv()}: {@code CLAUDE_PEERS_URL} names a broker elsewhere, with its
 * token in {@code CLAUDE_PEERS_TOKEN} or in a file, {@code CLAUDE_PEERS_DB} the database of the
 * local one.
 *
 * @since 0.1
 */
public final class Brokers {
  private static final Set<String> LOOPBACK = Set.of("127.0.0.1", "localhost", "[::1]");

  private Brokers() {}

  /**
   * Connects to a broker at an address.
   *
   * @param address such as {@code http://127.0.0.1:7899}
   * @param token the secret that it wants; null if it wants none. Over plain HTTP it is sent only
   *     to who has proved, at each connection, to know it
   * @return a broker, which the caller closes; nothing has been sent to it yet
   * @throws PeersException {@link ErrorCode#PROVIDER_UNAVAILABLE} without peers-transport-http,
   *     {@link ErrorCode#INVALID_ARGUMENT} for an address that is not {@code http} or {@code https}
   *     with a host, or has anything but a port behind that
   */
  public static Broker connect(URI address, @Nullable String token) {
    required("address", address);
    return connect(new ClientConfig(address, token));
  }

  private static Broker connect(ClientConfig config) {
    return Providers.of(TransportProvider.class).named("http").connect(config);
  }

  /**
   * Connects to the broker that runs; starts none. A local broker is asked over its socket, where
   * there is one. One that is replaced by another, at another port or with another token, is found
   * again.
   *
   * @param environment environment variables
   * @return a broker, which the caller closes, or empty if none runs
   * @throws PeersException {@link ErrorCode#UNAVAILABLE} if its files cannot be read or are
   *     somebody else's, {@link ErrorCode#INVALID_ARGUMENT} if a setting makes no sense
   */
  public static Optional<Broker> find(Map<String, String> environment) {
    Optional<URI> remote = remoteAddress(environment);
    if (remote.isPresent()) {
      return Optional.of(connect(remote.get(), remoteToken(environment).orElse(null)));
    }
    BrokerFiles files = files(environment, BrokerFiles::local);
    if (endpoint(files).isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        connect(
            new ClientConfig(
                () ->
                    endpoint(files)
                        .orElseThrow(
                            () ->
                                new PeersException(
                                    ErrorCode.UNAVAILABLE,
                                    "no broker runs any more for "
                                        + files.database()
                                        + "; a session of an agent, or a command, starts one")))));
  }

  /** Where the broker's own files say that it serves, if it runs. */
  private static Optional<BrokerEndpoint> endpoint(BrokerFiles files) {
    try {
      Optional<BrokerInfo> card = BrokerInfo.readOwn(files.lock());
      if (card.isEmpty()) {
        return Optional.empty();
      }
      BrokerInfo broker = card.get();
      Path socket = broker.ownSocket().orElse(null);
      // Who listens where a broker was once is not even asked. One in a container that shares these
      // files has a process that is not to be seen here, and this one may have closed its own.
      boolean alive = broker.isAlive() && broker.pid() != ProcessHandle.current().pid();
      if (!alive && !isServed(socket)) {
        return Optional.empty();
      }
      String token = broker.open() ? null : StoredToken.read(files.token()).orElse(null);
      return Optional.of(new BrokerEndpoint(broker.address(), token, true, socket));
    } catch (IOException e) {
      throw new PeersException(
          ErrorCode.UNAVAILABLE, "the broker's files cannot be used: " + IoReason.of(e), e);
    }
  }

  private static boolean isServed(@Nullable Path socket) {
    if (socket == null) {
      return false;
    }
    try {
      SocketChannel.open(UnixDomainSocketAddress.of(socket)).close();
      return true;
    } catch (IOException | UnsupportedOperationException e) {
      return false;
    }
  }

  /** The files for an environment, as {@link BrokerFiles} names them. */
  private static BrokerFiles files(
      Map<String, String> environment, Function<Map<String, String>, BrokerFiles> kind) {
    try {
      return kind.apply(environment);
    } catch (InvalidPathException e) {
      throw new PeersException(
          ErrorCode.INVALID_ARGUMENT,
          "CLAUDE_PEERS_DB is '"
              + environment.getOrDefault("CLAUDE_PEERS_DB", "")
              + "', and HOME '"
              + environment.getOrDefault("HOME", "")
              + "'; expected paths",
          e);
    }
  }

  /**
   * The address of the broker elsewhere that is used in place of a local one.
   *
   * @param environment environment variables, of which {@code CLAUDE_PEERS_URL} names it
   * @return the address, or empty for the local broker
   * @throws PeersException {@link ErrorCode#INVALID_ARGUMENT} if it is not {@code http} or {@code
   *     https} with a host and perhaps a port
   */
  public static Optional<URI> remoteAddress(Map<String, String> environment) {
    return variable(environment, "CLAUDE_PEERS_URL").map(Brokers::remote);
  }

  /**
   * The token of the broker elsewhere: {@code CLAUDE_PEERS_TOKEN}, else what is in the file beside
   * the database that is named after the address, else for a broker on this machine, as one at the
   * other end of a tunnel seems to be, the token of the local one.
   *
   * @param environment environment variables
   * @return the token; empty if there is none, or no {@link #remoteAddress}
   * @throws PeersException {@link ErrorCode#UNAUTHORIZED} if a file holds no token, {@link
   *     ErrorCode#UNAVAILABLE} if it cannot be read or has another owner, or as {@link
   *     #remoteAddress} does
   */
  public static Optional<String> remoteToken(Map<String, String> environment) {
    Optional<URI> address = remoteAddress(environment);
    if (address.isEmpty()) {
      return Optional.empty();
    }
    return variable(environment, "CLAUDE_PEERS_TOKEN")
        .or(() -> StoredToken.read(files(environment, BrokerFiles::of).token()))
        .or(
            () ->
                address
                    .filter(url -> LOOPBACK.contains(url.getHost()))
                    .map(url -> files(environment, BrokerFiles::local).token())
                    .flatMap(StoredToken::read));
  }

  /**
   * Connects to the broker that runs, and has the command line start one if none does.
   *
   * @param environment environment variables
   * @param peers the command line of Peers: {@code peers}, or the path of it
   * @param atMost how long a start may take
   * @return a broker, which the caller closes
   * @throws PeersException {@link ErrorCode#UNAVAILABLE} if none runs then, with what the command
   *     line said, or as {@link #find} does
   * @throws InterruptedException if the thread is interrupted while it waits
   */
  public static Broker findOrStart(Map<String, String> environment, String peers, Duration atMost)
      throws InterruptedException {
    required("peers", peers);
    long nanos = waitingNanos("atMost", atMost);
    Optional<Broker> running = find(environment);
    if (running.isPresent()) {
      return running.get();
    }
    String said = start(environment, peers, nanos);
    return find(environment)
        .orElseThrow(
            () ->
                new PeersException(
                    ErrorCode.UNAVAILABLE, "'" + peers + "' started no broker" + said));
  }

  /** Any command that needs a broker starts one; returns what it complained of. */
  private static String start(Map<String, String> environment, String peers, long nanos)
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
        if (!process.waitFor(nanos, TimeUnit.NANOSECONDS)) {
          return " within " + TimeUnit.NANOSECONDS.toSeconds(nanos) + " s";
        }
        String said =
            UntrustedText.line(Files.readString(errors).lines().findFirst().orElse(""), 500);
        return said.isEmpty() ? "" : ": " + said;
      } finally {
        Files.deleteIfExists(errors);
      }
    } catch (IOException e) {
      return ": " + FileReason.of(e);
    } finally {
      if (process != null) {
        process.destroy();
      }
    }
  }

  private static URI remote(String text) {
    URI address;
    try {
      address = URI.create(text);
    } catch (IllegalArgumentException e) {
      throw notAnAddress(text, e);
    }
    String authority = address.getRawAuthority();
    if (authority != null && authority.contains("@")) {
      throw new PeersException(
          ErrorCode.INVALID_ARGUMENT,
          "CLAUDE_PEERS_URL holds a name or password; give the token in CLAUDE_PEERS_TOKEN");
    }
    String path = address.getRawPath();
    if (!("http".equals(address.getScheme()) || "https".equals(address.getScheme()))
        || address.getHost() == null
        || address.getPort() == 0
        || address.getPort() > 65_535
        || !(path == null || path.isEmpty() || path.equals("/"))
        || address.getRawQuery() != null
        || address.getRawFragment() != null) {
      throw notAnAddress(text, null);
    }
    return address;
  }

  private static PeersException notAnAddress(String text, @Nullable Throwable cause) {
    // What is before an @ may be a password.
    String shown = text.contains("@") ? text.substring(text.indexOf('@')) : text;
    return new PeersException(
        ErrorCode.INVALID_ARGUMENT,
        "CLAUDE_PEERS_URL is '"
            + shown
            + "'; expected an address such as http://127.0.0.1:7899, with nothing behind the port",
        cause);
  }

  private static Optional<String> variable(Map<String, String> environment, String name) {
    return Optional.ofNullable(required("environment", environment).get(name))
        .map(String::strip)
        .filter(value -> !value.isEmpty());
  }
}
