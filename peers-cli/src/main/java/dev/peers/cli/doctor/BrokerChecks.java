package dev.peers.cli.doctor;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peers.BuildInfo;
import dev.peers.Peer;
import dev.peers.PeerQuery;
import dev.peers.PeersException;
import dev.peers.Route;
import dev.peers.Scope;
import dev.peers.cli.broker.KillBrokerCommand;
import dev.peers.cli.startup.Installation;
import dev.peers.cli.trial.PrivateBroker;
import dev.peers.cli.trial.TrialSession;
import dev.peers.daemon.BrokerConnection;
import dev.peers.daemon.Config;
import dev.peers.daemon.DatabaseSetting;
import dev.peers.daemon.PortProbe;
import dev.peers.local.BrokerFiles;
import dev.peers.local.BrokerInfo;
import dev.peers.local.BrokerProcess;
import dev.peers.local.IoReason;
import dev.peers.local.PrivateFiles;
import dev.peers.local.Version;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/** The looks that {@code peers doctor} takes, one method each. None of them changes anything. */
final class BrokerChecks {
  private static final int OLDEST_JAVA = 17;
  private static final long LITTLE_SPACE = 100L << 20;
  private static final long MESSAGE_SECONDS = 15;
  private static final Duration LEAVING = Duration.ofSeconds(5);
  private static final long LEAVING_PAUSE_MILLIS = 20;
  private static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rw-------");

  private final Config config;

  BrokerChecks(Config config) {
    this.config = config;
  }

  static Finding java() {
    int feature = Runtime.version().feature();
    String found = "Java " + Runtime.version() + " in " + System.getProperty("java.home");
    return feature >= OLDEST_JAVA
        ? Finding.ok("java", found)
        : Finding.error("java", found, "install a JDK 17 or newer, or set JAVA_HOME to one");
  }

  Finding settings() {
    if (config.url() != null) {
      return Finding.warning(
          "settings",
          "CLAUDE_PEERS_URL is set: commands and sessions use the broker at " + config.url(),
          "unset CLAUDE_PEERS_URL to look at the local broker");
    }
    if (!config.authenticated()) {
      return Finding.warning(
          "settings",
          "CLAUDE_PEERS_AUTH is off: every program of this machine may read and send mail",
          "unset CLAUDE_PEERS_AUTH unless clients of the original claude-peers need it");
    }
    return Finding.ok("settings", "database " + config.files().database());
  }

  Finding launcher() {
    List<String> command = Installation.mcpCommand();
    Path launcher = Path.of(command.get(0));
    if (!Files.isRegularFile(launcher)) {
      return Finding.error(
          "launcher", launcher + " is missing", "install Peers again: its directory is not whole");
    }
    if (!Files.isExecutable(launcher)) {
      return Finding.error(
          "launcher", launcher + " cannot be executed", "chmod +x '" + launcher + "'");
    }
    return Finding.ok("launcher", String.join(" ", command));
  }

  List<Finding> files() {
    BrokerFiles files = config.files();
    List<Finding> findings = new ArrayList<>();
    Path directory = files.database().getParent();
    if (directory != null && Files.exists(directory) && !Files.isWritable(directory)) {
      findings.add(
          Finding.error(
              "files",
              "the directory " + directory + " cannot be written",
              "change its owner or mode, or set CLAUDE_PEERS_DB to another path"));
    }
    for (Path file :
        List.of(
            files.database(),
            files.token(),
            files.keys(),
            files.log(),
            files.lock(),
            files.socket())) {
      file(file).ifPresent(findings::add);
    }
    damage(files.database()).ifPresent(findings::add);
    if (findings.isEmpty()) {
      findings.add(Finding.ok("files", "owner and modes are right"));
    }
    return findings;
  }

  private static Optional<Finding> file(Path file) {
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      PrivateFiles.requireOwn(file);
      Set<PosixFilePermission> mode = Files.getPosixFilePermissions(file);
      if (!OWNER_ONLY.containsAll(mode)) {
        return Optional.of(
            Finding.warning(
                "files",
                file + " has mode " + PosixFilePermissions.toString(mode) + ", others may use it",
                "chmod 600 '" + file + "'"));
      }
    } catch (UnsupportedOperationException e) {
      // A system without modes.
    } catch (IOException e) {
      return Optional.of(Finding.error("files", IoReason.of(e), "move " + file + " away"));
    }
    return Optional.empty();
  }

  /** What can be seen from outside, beside a broker that has it open. */
  private static Optional<Finding> damage(Path database) {
    Path suspicion = database.resolveSibling(database.getFileName() + ".suspect");
    if (Files.exists(suspicion)) {
      return Optional.of(
          Finding.error(
              "files",
              "the database " + database + " was found damaged",
              "'peers kill-broker'; the next broker puts it aside and makes a new one"));
    }
    try {
      if (Files.isRegularFile(database) && Files.size(database) > 0) {
        try (var in = Files.newInputStream(database)) {
          String head =
              new String(
                  in.readNBytes(DatabaseSetting.MAGIC.length()), StandardCharsets.ISO_8859_1);
          if (!head.equals(DatabaseSetting.MAGIC)) {
            return Optional.of(
                Finding.error(
                    "files",
                    database + " is not a SQLite database",
                    "set CLAUDE_PEERS_DB to another path; if it was a database of Peers, 'peers"
                        + " restore' brings a backup back"));
          }
        }
      }
    } catch (IOException e) {
      return Optional.of(
          Finding.error(
              "files",
              "the database cannot be read: " + IoReason.of(e),
              "change its owner or mode"));
    }
    return Optional.empty();
  }

  Finding disk() {
    Path directory = config.files().database().getParent();
    while (directory != null && !Files.exists(directory)) {
      directory = directory.getParent();
    }
    try {
      long free = directory == null ? 0 : Files.getFileStore(directory).getUsableSpace();
      String found = (free >> 20) + " MiB are free in " + directory;
      return free >= LITTLE_SPACE
          ? Finding.ok("disk", found)
          : Finding.warning("disk", found, "make room: without it no message can be accepted");
    } catch (IOException e) {
      return Finding.warning(
          "disk", "the free space cannot be determined: " + IoReason.of(e), "check that disk");
    }
  }

  List<Finding> broker() {
    if (config.url() == null && !BrokerConnection.runs(config)) {
      return List.of(idle());
    }
    List<Finding> findings = new ArrayList<>();
    if (config.url() == null) {
      Optional<BrokerProcess> stopped = BrokerConnection.stopped(config);
      if (stopped.isPresent()) {
        return List.of(stopped(stopped.get()));
      }
      socket().ifPresent(findings::add);
    }
    try (BrokerConnection connection =
        BrokerConnection.openRunning(config).orElseThrow(IllegalStateException::new)) {
      var status = connection.broker().status();
      String found =
          "version " + status.version() + ", process " + status.pid() + ", " + connection.address();
      findings.add(
          Version.isNewer(BuildInfo.version(), status.version())
              ? Finding.warning(
                  "broker", found + "; older than this installation", "'peers kill-broker'")
              : Finding.ok("broker", found));
      findings.addAll(sessions(connection));
    } catch (PeersException | IllegalStateException e) {
      findings.add(
          Finding.error(
              "broker",
              "it runs and does not answer: " + e.getMessage(),
              "'peers kill-broker', or end its process; mail is kept"));
    }
    return findings;
  }

  /** A stopped process takes connections, and would hold up each of the other checks. */
  private static Finding stopped(BrokerProcess broker) {
    return Finding.error(
        "broker",
        "its process "
            + broker.pid()
            + " is stopped, as by SIGSTOP, Ctrl-Z or a debugger, and answers nothing",
        broker.remedy());
  }

  /** No broker runs: nothing is wrong with that, unless its place is taken. */
  private Finding idle() {
    try (ServerSocket probe = new ServerSocket()) {
      probe.setReuseAddress(true);
      probe.bind(new InetSocketAddress(InetAddress.getByName(config.host()), config.port()));
      return Finding.ok("broker", "none runs; the first session starts it");
    } catch (IOException e) {
      return Finding.error(
          "broker",
          "none runs, and its port "
              + config.port()
              + (e instanceof BindException
                  ? " is taken" + PortProbe.holder(config)
                  : " cannot be used: " + IoReason.of(e)),
          "end the program that has the port, or set CLAUDE_PEERS_PORT to another one");
    }
  }

  private Optional<Finding> socket() {
    Path socket =
        BrokerInfo.read(config.files().lock())
            .map(BrokerInfo::socket)
            .orElse(config.files().socket());
    try {
      SocketChannel.open(UnixDomainSocketAddress.of(socket)).close();
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of(
          Finding.error(
              "broker",
              "sessions cannot reach it at " + socket + ": " + IoReason.of(e),
              "wait five seconds, in which a broker makes a lost socket again; else"
                  + " 'peers kill-broker'"));
    }
  }

  private List<Finding> sessions(BrokerConnection connection) {
    List<Peer> active = connection.broker().list(PeerQuery.active(Scope.machine()));
    List<Finding> findings = new ArrayList<>();
    for (Peer peer : active) {
      Route route = peer.route();
      if (route == Route.PIGGYBACK || route == Route.PULL) {
        findings.add(
            Finding.warning(
                "sessions",
                "nothing wakes "
                    + peer.id()
                    + ": it gets mail when it uses a tool of Peers, and not before",
                "start it with its channel, as in 'claude"
                    + " --dangerously-load-development-channels server:claude-peers'"));
      }
    }
    if (findings.isEmpty()) {
      findings.add(Finding.ok("sessions", active.size() + " active"));
    }
    return findings;
  }

  /**
   * Joins as an agent would, and leaves; the broker that runs then is the one that sessions use.
   */
  Finding session() {
    boolean ran = BrokerConnection.runs(config);
    Map<String, String> environment = new HashMap<>(config.environment());
    environment.keySet().removeIf(name -> name.startsWith("CLAUDE_CODE"));
    environment.remove("CLAUDE_PEERS_NAME");
    environment.put("CLAUDE_PEERS_SUMMARIZER", "off");
    try {
      TrialSession.start(
              Installation.mcpCommand(),
              Path.of("").toAbsolutePath(),
              environment,
              ProcessBuilder.Redirect.INHERIT,
              params -> {})
          .close();
      return Finding.ok("session", "one of its own joined");
    } catch (PeersException e) {
      return Finding.error(
          "session",
          "a session cannot join: " + e.getMessage(),
          "fix that; " + config.files().log() + " may have more");
    } finally {
      if (!ran) {
        stopUnused();
      }
    }
  }

  /** The broker that only this command has used would be left running. */
  private void stopUnused() {
    try {
      BrokerConnection connection = BrokerConnection.openRunning(config).orElse(null);
      if (connection == null) {
        return;
      }
      try (connection) {
        long end = System.nanoTime() + LEAVING.toNanos();
        // The broker notices a moment after its end that the session's process is gone.
        while (isUsed(connection) && System.nanoTime() - end < 0) {
          Thread.sleep(LEAVING_PAUSE_MILLIS);
        }
        if (!isUsed(connection)) {
          KillBrokerCommand.stop(config, connection);
        }
      }
    } catch (PeersException e) {
      // It has ended already, or does not answer, which the check of the broker reports.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static boolean isUsed(BrokerConnection connection) {
    return !connection.broker().list(PeerQuery.active(Scope.machine())).isEmpty();
  }

  /** Two sessions of a private broker exchange a message; nothing enters the user's history. */
  Finding message() {
    CompletableFuture<Long> arrival = new CompletableFuture<>();
    String text = "a message of 'peers doctor'";
    try (PrivateBroker broker = PrivateBroker.start(config.environment());
        TrialSession sender = join(broker, "sender", params -> {});
        TrialSession receiver =
            join(
                broker,
                "receiver",
                params -> {
                  if (params.path("content").asText().contains(text)) {
                    arrival.complete(System.nanoTime());
                  }
                })) {
      String target = receiver.call("whoami", Map.of()).path("id").asText();
      long start = System.nanoTime();
      sender.call("send_message", Map.of("targetPeerId", target, "message", text));
      long nanos = arrival.get(MESSAGE_SECONDS, TimeUnit.SECONDS) - start;
      return Finding.ok(
          "message",
          "one between two sessions of a private broker arrived after "
              + Duration.ofNanos(nanos).toMillis()
              + " ms");
    } catch (TimeoutException e) {
      return Finding.error(
          "message",
          "one between two sessions of a private broker did not arrive within "
              + MESSAGE_SECONDS
              + " s",
          "run it again on a machine that is less busy; if it happens again, report it");
    } catch (PeersException e) {
      return Finding.error("message", e.getMessage(), "fix that, then run 'peers doctor' again");
    } catch (IOException e) {
      return Finding.error(
          "message", "files of the trial are left behind: " + IoReason.of(e), "remove them");
    } catch (ExecutionException e) {
      return Finding.error("message", String.valueOf(e.getCause()), "report this");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Finding.error("message", "interrupted", "run 'peers doctor' again");
    }
  }

  private static TrialSession join(
      PrivateBroker broker, String name, Consumer<JsonNode> onChannel) {
    return TrialSession.start(
        Installation.mcpCommand(),
        broker.directory(name),
        broker.environment(),
        ProcessBuilder.Redirect.INHERIT,
        onChannel);
  }
}
