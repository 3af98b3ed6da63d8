package dev.peers.store.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peers.spi.StoreConfig;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;

/**
 * A PostgreSQL server for tests, one for each JVM, which ends with it. In this order: the one that
 * the environment variable or system property {@code PEERS_TEST_POSTGRES_URL} names; one made from
 * the programs that are installed, in a temporary directory and on loopback; one in Docker, where
 * {@code org.testcontainers:testcontainers-postgresql} is on the class path. Where there is none, a
 * test that asks for it is skipped.
 */
public final class PostgresServer {
  private static final String VARIABLE = "PEERS_TEST_POSTGRES_URL";
  private static final String USER = "peers";
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final AtomicInteger SCHEMAS = new AtomicInteger();

  private final String url;
  private final @Nullable Cluster cluster;

  private PostgresServer(String url, @Nullable Cluster cluster) {
    this.url = url;
    this.cluster = cluster;
  }

  /**
   * The server that all tests of this JVM share; skips the test if there is none.
   *
   * @return a running server
   */
  public static PostgresServer shared() {
    Optional<PostgresServer> server = Shared.SERVER;
    Assumptions.assumeTrue(
        server.isPresent(),
        "no PostgreSQL: set " + VARIABLE + ", or install Debian's postgresql, or start Docker");
    return server.orElseThrow();
  }

  /**
   * A server of one's own that can be restarted; skips the test if none is installed.
   *
   * @return a running server, to be stopped by the caller
   */
  public static PostgresServer own() {
    Optional<Path> programs = Cluster.programs();
    Assumptions.assumeTrue(
        programs.isPresent(), "no PostgreSQL to restart: install Debian's postgresql");
    return of(new Cluster(programs.orElseThrow()));
  }

  /**
   * Where it is.
   *
   * @return an address with all that is needed to connect
   */
  public String url() {
    return url;
  }

  /**
   * A schema that no other test uses.
   *
   * @return its name; nothing is there yet
   */
  public static String newSchema() {
    return "test_" + ProcessHandle.current().pid() + "_" + SCHEMAS.incrementAndGet();
  }

  /**
   * How to open a store in a schema.
   *
   * @param schema the schema
   * @return a configuration for {@link PostgresStoreProvider}
   */
  public StoreConfig config(String schema) {
    return new StoreConfig(Path.of("unused"), Map.of("url", url, "schema", schema));
  }

  /**
   * Connects past any store.
   *
   * @return a connection, which the caller closes
   * @throws SQLException if that fails
   */
  public Connection connect() throws SQLException {
    return DriverManager.getConnection(url);
  }

  /**
   * Executes statements past any store.
   *
   * @param sql the statements
   */
  public void execute(String sql) {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new AssertionError(sql, e);
    }
  }

  /**
   * The port on loopback.
   *
   * @return a port of a server of one's own
   */
  public int port() {
    return own(cluster).port;
  }

  /** Ends it as a crash does and starts it again. */
  public void crashAndRestart() {
    own(cluster).control("restart", "-m", "immediate");
  }

  /** Ends it as a crash does. */
  public void crash() {
    own(cluster).control("stop", "-m", "immediate");
  }

  /** Starts it after {@link #crash}. */
  public void start() {
    own(cluster).control("start");
  }

  /** Ends a server of one's own and removes what it has left; harmless when repeated. */
  public void stop() {
    own(cluster).remove();
  }

  private static Cluster own(@Nullable Cluster cluster) {
    if (cluster == null) {
      throw new IllegalStateException("this server is not the test's own");
    }
    return cluster;
  }

  private static PostgresServer of(Cluster cluster) {
    return new PostgresServer(
        "jdbc:postgresql://127.0.0.1:" + cluster.port + "/postgres?user=" + USER, cluster);
  }

  private static final class Shared {
    static final Optional<PostgresServer> SERVER = find();

    private static Optional<PostgresServer> find() {
      String given = System.getProperty(VARIABLE, System.getenv(VARIABLE));
      if (given != null && !given.isBlank()) {
        return Optional.of(new PostgresServer(given, null));
      }
      Optional<Path> programs = Cluster.programs();
      if (programs.isPresent()) {
        return Optional.of(of(new Cluster(programs.get())));
      }
      try {
        return DockerPostgres.start().map(url -> new PostgresServer(url, null));
      } catch (NoClassDefFoundError e) {
        return Optional.empty(); // Without Testcontainers there is no Docker for us.
      }
    }
  }

  /** A cluster in a temporary directory. */
  private static final class Cluster {
    final Path programs;
    final Path directory;
    final int port;
    private boolean removed;

    Cluster(Path programs) {
      this.programs = programs;
      try {
        // Short: the path of a Unix socket may have 107 characters.
        directory = Files.createTempDirectory("peers-pg");
        port = freePort();
        Runtime.getRuntime().addShutdownHook(new Thread(this::remove, "peers-pg-stop"));
        if (isRoot()) {
          run("chown", "postgres", directory.toString());
        }
        asOwner(
            programs.resolve("initdb").toString(),
            "--pgdata=" + data(),
            "--username=" + USER,
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C");
        Files.writeString(
            data().resolve("postgresql.conf"),
            """
            listen_addresses = '127.0.0.1'
            port = %d
            unix_socket_directories = '%s'
            max_connections = 200
            """
                .formatted(port, directory),
            StandardOpenOption.APPEND);
        control("start");
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    /** Where the server's programs are. */
    static Optional<Path> programs() {
      List<Path> candidates = new ArrayList<>();
      Path debian = Path.of("/usr/lib/postgresql");
      if (Files.isDirectory(debian)) {
        try (Stream<Path> versions = Files.list(debian)) {
          versions
              .sorted(Comparator.comparing(Path::toString).reversed())
              .forEach(version -> candidates.add(version.resolve("bin")));
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
      String path = System.getenv("PATH");
      for (String each : (path == null ? "" : path).split(File.pathSeparator, -1)) {
        if (!each.isEmpty()) {
          candidates.add(Path.of(each));
        }
      }
      return candidates.stream()
          .filter(bin -> Files.isExecutable(bin.resolve("initdb")))
          .filter(bin -> Files.isExecutable(bin.resolve("pg_ctl")))
          .findFirst();
    }

    void control(String action, String... options) {
      List<String> command =
          new ArrayList<>(
              List.of(
                  programs.resolve("pg_ctl").toString(),
                  action,
                  "--pgdata=" + data(),
                  "--log=" + directory.resolve("log"),
                  "--wait"));
      command.addAll(List.of(options));
      asOwner(command.toArray(String[]::new));
    }

    synchronized void remove() {
      if (removed) {
        return;
      }
      removed = true;
      if (Files.exists(data().resolve("postmaster.pid"))) {
        control("stop", "-m", "immediate");
      }
      try (Stream<Path> all = Files.walk(directory)) {
        for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(each);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private Path data() {
      return directory.resolve("data");
    }

    /** The server refuses to run as root. */
    private void asOwner(String... command) {
      List<String> all = new ArrayList<>();
      if (isRoot()) {
        all.addAll(List.of("runuser", "-u", "postgres", "--"));
      }
      all.addAll(List.of(command));
      run(all.toArray(String[]::new));
    }

    private void run(String... command) {
      try {
        Path output = Files.createTempFile("peers-pg", ".out");
        try {
          // To a file: the server inherits the output, and a pipe would stay open with it.
          Process process =
              new ProcessBuilder(command)
                  .directory(directory.toFile())
                  .redirectErrorStream(true)
                  .redirectOutput(output.toFile())
                  .start();
          boolean ended = process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS);
          if (!ended) {
            process.destroyForcibly();
          }
          assertThat(ended && process.exitValue() == 0)
              .as(
                  "%s: %s",
                  String.join(" ", command), Files.readString(output, StandardCharsets.UTF_8))
              .isTrue();
        } finally {
          Files.delete(output);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }

    private static boolean isRoot() {
      return "root".equals(System.getProperty("user.name"));
    }

    private static int freePort() throws IOException {
      try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
        return socket.getLocalPort();
      }
    }
  }
}
