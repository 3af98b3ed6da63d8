package dev.peers.mcp.relay;

import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Starts a broker as a process of its own, which outlives the one that starts it. */
final class BrokerStart {
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
    command.addAll(java(windows));
    ProcessBuilder builder = new ProcessBuilder(command);
    Map<String, String> own = builder.environment();
    own.putAll(environment);
    // It serves all sessions, and shall not look like a part of the one that happened to start it.
    own.keySet().remove("CLAUDE_CODE_SESSION_ID");
    own.keySet().remove("CLAUDE_PROJECT_DIR");
    own.keySet().remove("CLAUDE_PEERS_NAME");
    own.keySet().remove("CLAUDE_PEERS_CHANNEL");
    own.keySet().remove("CLAUDECODE");
    own.put("CLAUDE_PEERS_DB", files.database().toString());
    Path directory = files.database().getParent();
    OwnFiles.makeDirectory(directory);
    builder.directory(directory == null ? null : directory.toFile());
    makeLog(files.log());
    builder.redirectInput(ProcessBuilder.Redirect.from(new File(windows ? "NUL" : "/dev/null")));
    builder.redirectOutput(ProcessBuilder.Redirect.appendTo(files.log().toFile()));
    builder.redirectErrorStream(true);
    return builder.start();
  }

  private static List<String> java(boolean windows) throws IOException {
    List<String> command = new ArrayList<>();
    Path bin = Path.of(System.getProperty("java.home"), "bin", windows ? "java.exe" : "java");
    command.add(bin.toString());
    command.add("-XX:+IgnoreUnrecognizedVMOptions");
    command.add("-XX:+UseSerialGC");
    command.add("-XX:TieredStopAtLevel=1");
    command.add("-Xmx256m");
    command.add("-Xss512k");
    // Jdbi asks for it with its first statement, at the price of 60 ms.
    command.add("-XX:-PrintWarnings");
    command.add("-XX:-FlightRecorder");
    if (Runtime.version().feature() >= 24) {
      command.add("--enable-native-access=ALL-UNNAMED");
    }
    command.add("-cp");
    command.add(classPath());
    command.add(MAIN);
    command.add("broker");
    command.add("--detached");
    return command;
  }

  /** The command line's jar beside the relay's own; else everything is on one class path. */
  private static String classPath() throws IOException {
    Path here;
    try {
      here = Path.of(BrokerStart.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IOException("the relay cannot tell where it is installed", e);
    }
    if (String.valueOf(here.getFileName()).equals("peers-relay.jar")) {
      Path lib = here.getParent();
      if (lib != null) {
        try (DirectoryStream<Path> jars = Files.newDirectoryStream(lib, "peers-cli-*.jar")) {
          for (Path jar : jars) {
            return jar.toString();
          }
        }
      }
      throw new IOException("peers-cli-*.jar is missing beside " + here + "; install Peers again");
    }
    // Absolute, because the broker runs in another directory.
    StringBuilder all = new StringBuilder();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      if (all.length() > 0) {
        all.append(File.pathSeparatorChar);
      }
      all.append(Path.of(entry).toAbsolutePath());
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
