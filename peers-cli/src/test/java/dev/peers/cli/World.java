package dev.peers.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.peers.local.BrokerFiles;
import dev.peers.local.BrokerInfo;
import dev.peers.local.BrokerLock;
import dev.peers.tck.Eventually;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * A machine of its own for the packaged executables: home, database, port and directories below a
 * path with a space and letters that are not ASCII. Closing it ends every process that came of it.
 */
final class World implements AutoCloseable {
  static final ObjectMapper JSON = new ObjectMapper();

  private static final int FIRST_PORT = 10_000;
  private static final int PORTS = 20_000;
  // Tests of two builds at a time shall not ask for the same ones.
  private static final AtomicInteger NEXT_PORT =
      new AtomicInteger(ThreadLocalRandom.current().nextInt(PORTS));

  /** No command takes so long, not even the training on a busy machine. */
  private static final long PATIENCE_SECONDS = 180;

  private final Path root;
  private final Path installation;
  private final Map<String, String> environment = new HashMap<>();
  private final List<RawSession> sessions = new ArrayList<>();

  World() {
    this(Path.of(System.getProperty("peers.home")));
  }

  World(Path installation) {
    this.installation = installation;
    try {
      root = Files.createTempDirectory("peers wörld").toRealPath();
      Files.createDirectories(home());
      environment.put("HOME", home().toString());
      environment.put("XDG_RUNTIME_DIR", Files.createDirectory(root.resolve("run")).toString());
      environment.put("PATH", System.getenv("PATH"));
      environment.put("LANG", "C.UTF-8");
      environment.put("JAVA_HOME", System.getProperty("peers.java.home"));
      environment.put("CLAUDE_PEERS_SUMMARIZER", "off");
      environment.put("CLAUDE_PEERS_PORT", Integer.toString(freePort()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Copies the jar that has everything out of this installation, where it works alone. */
  static Path copyJar(Path directory) throws IOException {
    return Files.copy(
        Path.of(System.getProperty("peers.home"), "peers-mcp.jar"),
        directory.resolve("peers-mcp.jar"));
  }

  /** Sets a variable for every process that starts from now on. */
  World with(String variable, String value) {
    environment.put(variable, value);
    return this;
  }

  Map<String, String> environment() {
    return Map.copyOf(environment);
  }

  Path home() {
    return root.resolve("höme");
  }

  Path file(String name) {
    return home().resolve(name);
  }

  /** A directory for a session, made if need be. */
  Path directory(String name) {
    try {
      return Files.createDirectories(root.resolve(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Path executable(String name) {
    return installation.resolve("bin").resolve(name);
  }

  /** The sessions that have been started, in order. */
  List<RawSession> sessions() {
    synchronized (sessions) {
      return List.copyOf(sessions);
    }
  }

  /** Processes of brokers, whether they serve already or not. */
  List<ProcessHandle> starting() {
    return ProcessHandle.allProcesses()
        .filter(this::isOurs)
        .filter(process -> process.info().commandLine().orElse("").endsWith("broker --detached"))
        .toList();
  }

  /** Starts a session that has said nothing yet. */
  RawSession start(Path directory, Map<String, String> variables) {
    return start(List.of(executable("peers-mcp").toString()), directory, variables);
  }

  RawSession start(List<String> command, Path directory, Map<String, String> variables) {
    Map<String, String> all = new HashMap<>();
    // A session of a test takes what is pushed, unless the test says otherwise.
    all.put("CLAUDE_PEERS_CHANNEL", "on");
    all.putAll(environment);
    all.putAll(variables);
    RawSession session = RawSession.start(command, directory, all);
    synchronized (sessions) {
      sessions.add(session);
    }
    return session;
  }

  /** Starts a session in a directory of this name and has it introduce itself. */
  RawSession join(String directory) {
    return join(directory, Map.of());
  }

  RawSession join(String directory, Map<String, String> variables) {
    RawSession session = start(directory(directory), variables);
    session.initialize();
    return session;
  }

  /** The same as the session of an agent of its own, where others are those of this process. */
  RawSession joinByAnotherAgent(String directory, Map<String, String> variables) {
    List<String> agent = List.of("sh", "-c", "\"$0\"; exit $?", executable("peers-mcp").toString());
    RawSession session = start(agent, directory(directory), variables);
    session.initialize();
    return session;
  }

  /** What a command printed and how it ended. */
  record Result(int code, String out, String err) {
    JsonNode json() {
      try {
        return JSON.readTree(out);
      } catch (IOException e) {
        throw new UncheckedIOException(out, e);
      }
    }
  }

  Result peers(String... arguments) {
    return peersIn(home(), "", arguments);
  }

  /** Runs a command of the command line with this input in this directory. */
  Result peersIn(Path directory, String input, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(executable("peers").toString());
    command.addAll(List.of(arguments));
    return run(command, directory, input);
  }

  Result run(List<String> command, Path directory, String input) {
    try {
      ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
      builder.environment().clear();
      builder.environment().putAll(environment);
      Process process = builder.start();
      CompletableFuture<String> out = CompletableFuture.supplyAsync(() -> read(process, true));
      CompletableFuture<String> err = CompletableFuture.supplyAsync(() -> read(process, false));
      try (var stdin = process.getOutputStream()) {
        stdin.write(input.getBytes(StandardCharsets.UTF_8));
      } catch (IOException e) {
        // A command that reads no input may be gone already.
      }
      if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new AssertionError(command + " did not end; it printed " + out.join() + err.join());
      }
      return new Result(process.exitValue(), out.join(), err.join());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /** The process id of the broker that runs, or ran last. */
  Optional<Long> brokerPid() {
    return BrokerInfo.read(files().lock()).map(BrokerInfo::pid);
  }

  /** Ends the broker as a crash would. */
  void killBroker() {
    ProcessHandle.of(brokerPid().orElseThrow()).orElseThrow().destroyForcibly();
  }

  /** Ends the broker as a crash would, and does something before the next one can start. */
  void killBrokerAnd(Runnable change) {
    killBroker();
    BrokerLock[] held = new BrokerLock[1];
    Eventually.eventually(
        "the broker's lock is free",
        () -> {
          try {
            held[0] = BrokerLock.running(files().lock());
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
          return held[0] != null;
        });
    try (BrokerLock lock = held[0]) {
      change.run();
      assert lock.isInPlace();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Sends a process of this world a signal, such as STOP. */
  void signal(long pid, String name) {
    Result sent = run(List.of("kill", "-" + name, Long.toString(pid)), home(), "");
    assert sent.code() == 0 : sent.err();
  }

  BrokerFiles files() {
    return BrokerFiles.of(environment);
  }

  String log() {
    try {
      return Files.readString(files().log());
    } catch (IOException e) {
      return "";
    }
  }

  @Override
  public void close() {
    // A broker that is only just starting is known as its starter's child alone.
    List<ProcessHandle> brokers = new ArrayList<>();
    sessions.forEach(session -> session.process().descendants().forEach(brokers::add));
    sessions.forEach(RawSession::close);
    brokerPid()
        .flatMap(ProcessHandle::of)
        .filter(broker -> !broker.equals(ProcessHandle.current()))
        .ifPresent(brokers::add);
    brokers.forEach(ProcessHandle::destroy);
    // Their parent may take its time to notice, but their locks are gone with them.
    Eventually.eventually(
        "the broker has ended",
        () -> {
          // One that came up meanwhile, when the port it wanted became free, has its own card.
          brokerPid()
              .flatMap(ProcessHandle::of)
              .filter(this::isOurs)
              .filter(broker -> !broker.equals(ProcessHandle.current()))
              .ifPresent(ProcessHandle::destroy);
          return !runs();
        });
    // One that lost the race for the lock may be about to try once more.
    ProcessHandle.allProcesses().filter(this::isOurs).forEach(ProcessHandle::destroyForcibly);
    try (Stream<Path> paths = Files.walk(root)) {
      for (Path path : paths.sorted((a, b) -> b.compareTo(a)).toList()) {
        Files.deleteIfExists(path);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether a process was started for this world: its environment names the world's home. */
  private boolean isOurs(ProcessHandle process) {
    try {
      byte[] variables = Files.readAllBytes(Path.of("/proc/" + process.pid() + "/environ"));
      return new String(variables, StandardCharsets.UTF_8).contains("HOME=" + home() + "\0");
    } catch (IOException e) {
      return false;
    }
  }

  boolean runs() {
    try {
      return BrokerLock.isRunning(files().lock());
    } catch (IOException e) {
      // A lock that no broker would take.
      return false;
    }
  }

  private static String read(Process process, boolean stdout) {
    try (var in = stdout ? process.getInputStream() : process.getErrorStream()) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A port that stays free: systems give higher ones to connections and to port 0. */
  static int freePort() {
    while (true) {
      int port = FIRST_PORT + Math.floorMod(NEXT_PORT.getAndIncrement(), PORTS);
      try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        return socket.getLocalPort();
      } catch (BindException e) {
        // The next one, then.
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
