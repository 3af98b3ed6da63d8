package dev.peers.mcp.relay;

import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Starts a broker as a process of its own, which outlives the one that starts it.
 *
 * @since 0.1
 */
public final class BrokerStart {
  private static final String MAIN = "dev.peers.cli.Main";

  /** Keeps a Ctrl-C in the starter's terminal, and the terminal's end, away from the broker. */
  private static final String DETACH =
      "trap '' INT HUP; if command -v setsid >/dev/null 2>&1; then exec setsid \"$@\"; fi;"
          + " exec \"$@\"";

  private BrokerStart() {}

  /** Starts it; whether it comes up is for the caller to see at the socket. */
  static Process start(BrokerFiles files, Map<String, String> environment) throws IOException {
    List<String> command = new ArrayList<>();
    boolean windows = File.separatorChar == '\\';
    if (!windows) {
      command.add("/bin/sh");
      command.add("-c");
      command.add(DETACH);
      command.add("sh");
    }
    command.addAll(java(startOptions(environment)));
    ProcessBuilder builder = new ProcessBuilder(command);
    Map<String, String> own = builder.environment();
    own.putAll(environment);
    // It serves all sessions, and shall not look like a part of the one that happened to start it.
    own.keySet().remove("CLAUDE_CODE_SESSION_ID");
    own.keySet().remove("CLAUDE_PROJECT_DIR");
    own.keySet().remove("CLAUDE_PEERS_NAME");
    own.keySet().remove("CLAUDE_PEERS_CHANNEL");
    own.keySet().remove("CLAUDE_PEERS_INBOX");
    own.keySet().remove("CLAUDE_PEERS_STOP_HOOK");
    own.keySet().remove("CLAUDECODE");
    own.put("CLAUDE_PEERS_DB", BrokerFiles.local(environment).database().toString());
    own.computeIfPresent("CLAUDE_PEERS_WITH", (name, jars) -> absolute(jars));
    Path directory = files.database().getParent();
    OwnFiles.makeDirectory(directory);
    builder.directory(directory == null ? null : directory.toFile());
    makeLog(files.log());
    builder.redirectInput(ProcessBuilder.Redirect.from(new File(windows ? "NUL" : "/dev/null")));
    builder.redirectOutput(ProcessBuilder.Redirect.appendTo(files.log().toFile()));
    builder.redirectErrorStream(true);
    return builder.start();
  }

  /**
   * The command that runs a broker.
   *
   * @param options further options for its JVM
   * @return a command line
   * @throws IOException if this installation is not whole
   */
  public static List<String> java(List<String> options) throws IOException {
    List<String> command = new ArrayList<>();
    String java = File.separatorChar == '\\' ? "java.exe" : "java";
    command.add(Path.of(System.getProperty("java.home"), "bin", java).toString());
    Path lib = lib();
    if (lib != null) {
      command.add("@" + lib.resolve("broker.args"));
    } else {
      command.add("-XX:+IgnoreUnrecognizedVMOptions");
      command.add("-XX:+UseSerialGC");
      command.add("-XX:TieredStopAtLevel=1");
      command.add("-Xms24m");
      command.add("-Xmx256m");
      command.add("-XX:+ExitOnOutOfMemoryError");
      command.add("-XX:-UsePerfData");
    }
    command.addAll(options);
    command.add("-cp");
    command.add(classPath());
    command.add(MAIN);
    command.add("broker");
    command.add("--detached");
    return command;
  }

  private static List<String> startOptions(Map<String, String> environment) throws IOException {
    List<String> options = new ArrayList<>();
    Path lib = lib();
    if (lib != null) {
      Path archive = StartFiles.with(StartArchive.BROKER.file(), lib, environment);
      if (archive != null && !setsArchive(environment)) {
        options.add(StartArchive.BROKER.use(archive));
      }
      Path library = StartFiles.with(StartFiles.sqliteLibrary(), lib, environment);
      if (library != null) {
        options.add("-Dorg.sqlite.lib.path=" + library);
      }
    }
    return options;
  }

  /** A JVM refuses to start with a cache and what a user may have set of archives. */
  private static boolean setsArchive(Map<String, String> environment) {
    for (String name : List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS")) {
      String options = environment.getOrDefault(name, "");
      if (options.contains("-Xshare") || options.contains("Archive") || options.contains("AOT")) {
        return true;
      }
    }
    return false;
  }

  /**
   * Where an installation keeps what its programs start with. Beside that directory lies the jar
   * that has everything.
   *
   * @return the directory {@code lib}; null for the jar that works alone, or the classes of a build
   * @throws IOException if this class cannot tell where it is
   */
  public static @Nullable Path lib() throws IOException {
    Path directory = here().getParent();
    if (directory == null) {
      return null;
    }
    // The relay's own jar is in there.
    for (Path lib : List.of(directory, directory.resolve("lib"))) {
      if (Files.exists(lib.resolve("peers-relay.jar"))) {
        return lib;
      }
    }
    return null;
  }

  private static Path here() throws IOException {
    try {
      return Path.of(BrokerStart.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IOException("the relay cannot tell where it is installed", e);
    }
  }

  /** All in one jar: to open many and to look for services in each takes a sixth of a start. */
  private static String classPath() throws IOException {
    Path lib = lib();
    return lib == null
        ? absolute(System.getProperty("java.class.path"))
        : lib.resolveSibling("peers-mcp.jar").toString();
  }

  /** A class path for the broker, which runs in another directory. */
  private static String absolute(String classPath) {
    StringBuilder all = new StringBuilder();
    for (String entry : classPath.split(File.pathSeparator)) {
      if (!entry.isBlank()) {
        all.append(all.length() > 0 ? File.pathSeparator : "");
        all.append(Path.of(entry.strip()).toAbsolutePath());
      }
    }
    return all.toString();
  }

  private static void makeLog(Path log) throws IOException {
    if (!Files.exists(log)) {
      try {
        Files.createFile(log, OwnFiles.ownerOnly(log));
      } catch (java.nio.file.FileAlreadyExistsException e) {
        // Somebody else was faster, which is as good.
      }
    }
    OwnFiles.requireOwn(log);
  }
}
