package dev.peers.local;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Starts a broker as a process of its own: in a session of its own, and no descendant of the one
 * that starts it, so that what ends an agent with all that came of it leaves the broker alone.
 */
final class BrokerLauncher {
  private static final boolean WINDOWS = File.separatorChar == '\\';
  private static final int MAX_PID = 32;

  /**
   * The shell ends at once, so that the broker is handed to the system's first process. A program
   * that is run in the background leads no process group, and can have a session of its own: with
   * what Linux has for that, or macOS; else it has a process group of its own. A Ctrl-C, and the
   * end of the terminal, are kept away from it. Its process id is all that the starter reads.
   */
  private static final String DETACH =
      "trap '' INT HUP\n"
          + "if command -v setsid >/dev/null 2>&1; then setsid \"$@\" >&2 &\n"
          + "elif command -v perl >/dev/null 2>&1; then\n"
          + "  perl -MPOSIX=setsid -e 'setsid(); exec { $ARGV[0] } @ARGV' -- \"$@\" >&2 &\n"
          + "else set -m; \"$@\" >&2 &\n"
          + "fi\n"
          + "echo $!";

  /**
   * How the JDK starts processes on Unix. Its usual way takes a program in the JDK's directory,
   * which is gone, or does not fit, when the JDK was updated under a session.
   */
  private static final String MECHANISM = "jdk.lang.Process.launchMechanism";

  private BrokerLauncher() {}

  /** Starts it; whether it comes up is for the caller to see at the socket. */
  static StartedBroker start(BrokerFiles files, Map<String, String> environment)
      throws IOException {
    BrokerProgram program = BrokerProgram.find(environment);
    List<String> command = new ArrayList<>();
    if (!WINDOWS) {
      command.add("/bin/sh");
      command.add("-c");
      command.add(DETACH);
      command.add("sh");
      if (System.getProperty(MECHANISM) == null) {
        System.setProperty(MECHANISM, "FORK");
      }
    }
    command.addAll(program.command(program.startOptions(environment)));
    ProcessBuilder builder = new ProcessBuilder(command);
    setEnvironment(builder.environment(), environment);
    Path directory = files.database().getParent();
    PrivateFiles.makeDirectory(directory);
    builder.directory(directory == null ? null : directory.toFile());
    makeLog(files);
    long logged = Files.size(files.log());
    builder.redirectInput(ProcessBuilder.Redirect.from(new File(WINDOWS ? "NUL" : "/dev/null")));
    builder.redirectError(ProcessBuilder.Redirect.appendTo(files.log().toFile()));
    if (WINDOWS) {
      builder.redirectOutput(ProcessBuilder.Redirect.appendTo(files.log().toFile()));
      return new StartedBroker(new BrokerProcess(builder.start().pid()), files.log(), logged);
    }
    return new StartedBroker(new BrokerProcess(printedPid(builder, files)), files.log(), logged);
  }

  private static long printedPid(ProcessBuilder builder, BrokerFiles files) throws IOException {
    Process shell = builder.start();
    String printed;
    try (InputStream out = shell.getInputStream()) {
      printed = new String(out.readNBytes(MAX_PID), StandardCharsets.US_ASCII).strip();
    }
    try {
      return Long.parseLong(printed);
    } catch (NumberFormatException e) {
      throw new IOException(
          "/bin/sh could not start the broker" + StartedBroker.lastWords(files.log()), e);
    }
  }

  private static void setEnvironment(Map<String, String> own, Map<String, String> environment) {
    own.putAll(environment);
    // It serves all sessions, and shall not look like a part of the one that happened to start it.
    own.keySet().remove("CLAUDE_CODE_SESSION_ID");
    own.keySet().remove("CLAUDE_PROJECT_DIR");
    own.keySet().remove("CLAUDE_PEERS_NAME");
    own.keySet().remove("CLAUDE_PEERS_CHANNEL");
    own.keySet().remove("CLAUDE_PEERS_INBOX");
    own.keySet().remove("CLAUDE_PEERS_STOP_HOOK");
    own.keySet().remove("CLAUDE_PEERS_WAKE_INTERVAL");
    own.keySet().remove("CLAUDECODE");
    own.put("CLAUDE_PEERS_DB", BrokerFiles.local(environment).database().toString());
    if (own.containsKey("CLAUDE_PEERS_WITH")) {
      own.put("CLAUDE_PEERS_WITH", BrokerProgram.absolute(own.get("CLAUDE_PEERS_WITH")));
    }
  }

  private static void makeLog(BrokerFiles files) throws IOException {
    Path log = files.log();
    SideFiles.requireLog(log);
    if (!Files.exists(log)) {
      try {
        Files.createFile(log, PrivateFiles.ownerOnly(log));
        Files.writeString(log, SideFiles.firstLine(), StandardOpenOption.APPEND);
      } catch (FileAlreadyExistsException e) {
        // Another process was faster.
      }
    }
    PrivateFiles.requireOwn(log);
    SideFiles.requireLog(log);
  }
}
