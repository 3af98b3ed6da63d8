package dev.peers.cli.startup;

import dev.peers.ErrorCode;
import dev.peers.OutgoingMessage;
import dev.peers.PeerId;
import dev.peers.PeersException;
import dev.peers.ReceiveRequest;
import dev.peers.cli.trial.TrialSession;
import dev.peers.daemon.BrokerConnection;
import dev.peers.daemon.Config;
import dev.peers.local.BrokerFiles;
import dev.peers.local.BrokerInfo;
import dev.peers.local.BrokerLock;
import dev.peers.local.BrokerProgram;
import dev.peers.local.ClassArchive;
import dev.peers.local.PrivateFiles;
import dev.peers.local.ProgramFiles;
import dev.peers.local.StartupCache;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Makes the files that speed up starts on this JDK: has a broker and a session of their own run
 * once, while their JVMs note which classes they load.
 */
public final class StartupArchiveBuilder {
  private static final long PATIENCE_SECONDS = 180;
  private static final long PAUSE_MILLIS = 20;
  private static final String TRAINING = "dev.peers.cli.CommandTraining";
  private static final String STAMP = "stamp";
  private static final String UNFINISHED = "new-";

  private final ProgramFiles program;
  private final Map<String, String> environment;

  /**
   * Prepares it.
   *
   * @param program the build to make them for
   */
  StartupArchiveBuilder(ProgramFiles program, Map<String, String> environment) {
    this.program = program;
    this.environment = environment;
  }

  /** Makes the files where they are missing, or were made for other jars or another JDK. */
  public static void refresh(Map<String, String> environment)
      throws IOException, InterruptedException {
    ProgramFiles program = ProgramFiles.own();
    if (program == null) {
      return;
    }
    InstallationCopy.removeOldBuilds(program);
    StartupArchiveBuilder training = new StartupArchiveBuilder(program, environment);
    Path cache = StartupCache.cache(environment, program);
    Path place = training.place();
    boolean beside = training.fits(StartupCache.beside(program));
    if (!beside && place != null && !training.fits(cache)) {
      training.into(place);
    } else if (beside && cache != null && Files.exists(cache)) {
      // Launchers would find it first, and it is of no use any more.
      PrivateFiles.deleteTree(cache);
    }
  }

  /** Whether a directory has files that were made for this JDK and these jars. */
  boolean fits(@Nullable Path directory) {
    try {
      return directory != null
          && Files.isRegularFile(directory.resolve(STAMP))
          && Files.readString(directory.resolve(STAMP)).equals(stamp());
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * Where to make them: beside the jars if that can be written, for all users; else in the user's
   * cache. Null without either.
   */
  @Nullable Path place() {
    return Files.isWritable(program.directory())
        ? StartupCache.beside(program)
        : StartupCache.cache(environment, program);
  }

  /** Makes the files in a directory, whole or not at all. */
  void into(Path target) throws IOException, InterruptedException {
    Path parent = Files.createDirectories(target.toAbsolutePath().getParent());
    removeLeftBehind(parent);
    removeCopied(parent);
    Path work = Files.createTempDirectory(parent, UNFINISHED + ProcessHandle.current().pid() + "-");
    Path home = Files.createDirectory(work.resolve("home"));
    Thread atExit =
        new Thread(
            () -> {
              endChildren();
              undo(work, home);
            },
            "peers-training-stop");
    Runtime.getRuntime().addShutdownHook(atExit);
    try {
      Path made = Files.createDirectory(work.resolve("made"));
      train(home, made);
      Files.writeString(made.resolve(STAMP), stamp());
      if (Files.exists(target)) {
        Files.move(target, work.resolve("old"));
      }
      Files.move(made, target);
    } finally {
      undo(work, home);
      try {
        Runtime.getRuntime().removeShutdownHook(atExit);
      } catch (IllegalStateException e) {
        // It is running.
      }
    }
  }

  /** Its session among them, which would start another broker for one that is ended. */
  private static void endChildren() {
    List<ProcessHandle> children = ProcessHandle.current().descendants().toList();
    children.forEach(ProcessHandle::destroyForcibly);
    children.forEach(child -> child.onExit().completeOnTimeout(child, 2, TimeUnit.SECONDS).join());
  }

  /** Ends the training's broker, which outlives who starts it, and removes its files. */
  private static void undo(Path work, Path home) {
    Path lock = BrokerFiles.local(Map.of("CLAUDE_PEERS_DB", database(home))).lock();
    try {
      if (Files.exists(lock) && BrokerLock.isRunning(lock)) {
        BrokerInfo.read(lock)
            .flatMap(card -> ProcessHandle.of(card.pid()))
            .ifPresent(ProcessHandle::destroyForcibly);
      }
      PrivateFiles.deleteTree(work);
    } catch (IOException | UncheckedIOException e) {
      // Something came into it meanwhile: the next training removes it.
    }
  }

  private static String database(Path home) {
    return home.resolve("peers.db").toString();
  }

  /** What one that was killed was at; a broker of its own stops when its files are gone. */
  private static void removeLeftBehind(Path parent) throws IOException {
    try (DirectoryStream<Path> unfinished = Files.newDirectoryStream(parent, UNFINISHED + "*-*")) {
      for (Path work : unfinished) {
        String pid = work.getFileName().toString().split("-", -1)[1];
        if (!pid.matches("[0-9]{1,18}") || ProcessHandle.of(Long.parseLong(pid)).isEmpty()) {
          PrivateFiles.deleteTree(work);
        }
      }
    }
  }

  /** A copy of another installation brings those of its place, which are of no use in this one. */
  private void removeCopied(Path parent) throws IOException {
    Path all = StartupCache.all(program);
    if (!parent.startsWith(all)) {
      return;
    }
    List<Path> copied;
    try (Stream<Path> files = Files.walk(all)) {
      copied =
          files
              .filter(file -> file.endsWith(STAMP) && !file.startsWith(parent))
              .map(Path::getParent)
              .toList();
    }
    for (Path each : copied) {
      PrivateFiles.deleteTree(each);
    }
  }

  private void train(Path home, Path made) throws IOException, InterruptedException {
    Map<String, String> own = new HashMap<>(environment);
    own.keySet().removeIf(name -> name.startsWith("CLAUDE"));
    own.put("CLAUDE_PEERS_DB", database(home));
    own.put("CLAUDE_PEERS_CHANNEL", "on");
    // Never a model's: the sessions are nobody's.
    own.put("CLAUDE_PEERS_SUMMARIZER", "git");
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      own.put("CLAUDE_PEERS_PORT", Integer.toString(free.getLocalPort()));
    }
    Config config = Config.of(own);
    // The relay's notes are of a session that finds no broker and so starts one.
    converse(relay(List.of(ClassArchive.RELAY.write(made))), home, own, config);
    trainCommand(home, made, own);
    stop(config);
    trainBroker(home, made, own, config);
    for (ClassArchive archive : ClassArchive.values()) {
      if (!Files.exists(made.resolve(archive.file()))) {
        throw failure("the JVM wrote no " + archive.file());
      }
    }
  }

  private void trainBroker(Path home, Path made, Map<String, String> own, Config config)
      throws IOException, InterruptedException {
    Process broker =
        start(
            BrokerProgram.of(program)
                .command(List.of("-Dorg.sqlite.tmpdir=" + home, ClassArchive.BROKER.write(made))),
            home,
            own);
    try {
      await(broker, config.files().socket());
      keepLibrary(home, made);
      converse(relay(List.of()), home, own, config);
      stop(config);
      if (!broker.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        throw failure("its broker did not stop");
      }
    } finally {
      broker.destroyForcibly();
    }
  }

  /** The commands that people use most, one after the other in one process. */
  private void trainCommand(Path home, Path made, Map<String, String> own)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(java());
    command.add("@" + program.commandArguments());
    command.add(ClassArchive.COMMAND.write(made));
    command.addAll(List.of("-cp", program.jar().toString(), TRAINING));
    Process commands = start(command, home, own);
    try {
      if (!commands.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS) || commands.exitValue() != 0) {
        throw failure("its commands did not succeed");
      }
    } finally {
      commands.destroyForcibly();
    }
  }

  /** Stops the broker, and waits until the next one may start. */
  private static void stop(Config config) throws IOException, InterruptedException {
    try (BrokerConnection connection = BrokerConnection.open(config)) {
      connection.broker().shutdown();
    }
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (BrokerLock.isRunning(config.files().lock())) {
      if (System.nanoTime() - end > 0) {
        throw failure("its broker did not stop");
      }
      Thread.sleep(PAUSE_MILLIS);
    }
  }

  /** What agents and programs do most, so that its classes are in the archives. */
  private static void converse(
      List<String> relay, Path home, Map<String, String> environment, Config config) {
    try (TrialSession session =
        TrialSession.start(relay, home, environment, Redirect.DISCARD, params -> {})) {
      String id = session.call("whoami", Map.of()).path("id").asText();
      session.call("set_summary", Map.of("summary", "training"));
      session.call("list_peers", Map.of("scope", "machine"));
      session.call("send_message", Map.of("targetPeerId", id, "message", "training"));
      session.call("check_messages", Map.of());
      try (BrokerConnection connection = BrokerConnection.open(config)) {
        connection.broker().send(OutgoingMessage.of(PeerId.OPERATOR, new PeerId(id), "training"));
        connection
            .broker()
            .receive(PeerId.OPERATOR, ReceiveRequest.queued(1, Duration.ofSeconds(1)));
      }
      // Its JVM writes the archive as it exits, which takes seconds on a busy machine.
      if (!session.leave(PATIENCE_SECONDS)) {
        throw failure("a session did not end");
      }
    }
  }

  private List<String> relay(List<String> options) {
    List<String> command = new ArrayList<>();
    command.add(java());
    command.add("@" + program.relayArguments());
    command.addAll(options);
    command.add("-cp");
    command.add(program.relayJar().toString());
    command.add("dev.peers.relay.Relay");
    return command;
  }

  private static String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  /** SQLite's driver unpacks its library at each start, unless it finds it. */
  private static void keepLibrary(Path unpacked, Path made) throws IOException {
    try (Stream<Path> files = Files.list(unpacked)) {
      Path library =
          files
              .filter(file -> file.toString().endsWith("-" + StartupCache.sqliteLibrary()))
              .findFirst()
              .orElseThrow(() -> failure("SQLite's driver unpacked no library"));
      InstallationCopy.protect(Files.copy(library, made.resolve(StartupCache.sqliteLibrary())));
    }
  }

  private static Process start(List<String> command, Path home, Map<String, String> environment)
      throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command).directory(home.toFile());
    builder.environment().clear();
    builder.environment().putAll(environment);
    builder.redirectOutput(Redirect.DISCARD);
    builder.redirectError(Redirect.DISCARD);
    return builder.start();
  }

  private static void await(Process broker, Path socket) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (!Files.exists(socket)) {
      if (!broker.isAlive() || System.nanoTime() - end > 0) {
        throw failure("its broker did not come up");
      }
      Thread.sleep(PAUSE_MILLIS);
    }
  }

  private String stamp() throws IOException {
    StringBuilder stamp = new StringBuilder(System.getProperty("java.vm.version")).append('\n');
    for (Path jar : List.of(program.relayJar(), program.jar())) {
      FileTime time = Files.getLastModifiedTime(jar);
      stamp.append(jar).append(' ').append(Files.size(jar)).append(' ').append(time).append('\n');
    }
    return stamp.toString();
  }

  private static PeersException failure(String problem) {
    return new PeersException(
        ErrorCode.UNAVAILABLE,
        "the files for faster starts could not be made: " + problem + "; all works without them");
  }
}
