package dev.peers.local;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a broker is started with: a Java and a build of Peers. Sessions outlive updates of both, so
 * they are looked for each time: where this process came from, else where the environment says.
 *
 * @param java the program
 * @param files the build; null for the jar that works alone, or the classes of a build
 * @param classPath what has the broker's classes
 * @since 0.1
 */
public record BrokerProgram(Path java, @Nullable ProgramFiles files, String classPath) {
  /** How the launchers tell by which path the user, or an agent, has called them. */
  public static final String LAUNCHER = "peers.launcher";

  private static final String MAIN = "dev.peers.cli.Main";
  private static final boolean WINDOWS = File.separatorChar == '\\';

  /**
   * Looks for what is there now.
   *
   * @param environment environment variables: {@code JAVA_HOME}, {@code PATH}
   * @return a program whose files were there a moment ago
   * @throws IOException if there is none, with what was there before and what to do
   */
  public static BrokerProgram find(Map<String, String> environment) throws IOException {
    Path java = findJava(environment);
    ProgramFiles own = ProgramFiles.own();
    ProgramFiles files = findFiles(own, environment);
    if (files != null) {
      return new BrokerProgram(java, files, files.jar().toString());
    }
    if (own != null) {
      throw new IOException(
          "the program that this session was started from, "
              + own.directory()
              + ", is gone, and there is no other peers-mcp in its place or on the PATH, so no"
              + " broker can be started; install Peers again");
    }
    String classPath = absolute(System.getProperty("java.class.path"));
    for (String entry : classPath.split(File.pathSeparator)) {
      if (!Files.exists(Path.of(entry))) {
        throw new IOException(
            entry
                + ", from which this session was started, is gone, so no broker can be started; put"
                + " it there again, or install Peers");
      }
    }
    return new BrokerProgram(java, null, classPath);
  }

  /**
   * One build, on the Java that runs the caller.
   *
   * @param files the build
   * @return a program
   */
  public static BrokerProgram of(ProgramFiles files) {
    return new BrokerProgram(ownJava(), files, files.jar().toString());
  }

  /**
   * The command that runs a broker.
   *
   * @param options further options for its JVM
   * @return a command line
   */
  public List<String> command(List<String> options) {
    List<String> command = new ArrayList<>();
    command.add(java.toString());
    if (files != null) {
      command.add("@" + files.brokerArguments());
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
    command.add(classPath);
    command.add(MAIN);
    command.add("broker");
    command.add("--detached");
    return command;
  }

  /** What makes its start faster, where there is any. */
  List<String> startOptions(Map<String, String> environment) {
    List<String> options = new ArrayList<>();
    if (files != null) {
      Path archive = StartupCache.with(ClassArchive.BROKER.file(), files, environment);
      // Archives are of the Java that runs this.
      if (archive != null && java.equals(ownJava()) && !setsArchive(environment)) {
        options.add(ClassArchive.BROKER.use(archive));
      }
      Path library = StartupCache.with(StartupCache.sqliteLibrary(), files, environment);
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

  /** An older one only if there is no other: a session would have its broker make room again. */
  private static @Nullable ProgramFiles findFiles(
      @Nullable ProgramFiles own, Map<String, String> environment) {
    String version = Version.own();
    ProgramFiles older = null;
    for (ProgramFiles found : candidates(own, environment)) {
      if (!Version.isNewer(version, found.version())) {
        return found;
      }
      older = older == null ? found : older;
    }
    return older;
  }

  private static List<ProgramFiles> candidates(
      @Nullable ProgramFiles own, Map<String, String> environment) {
    List<ProgramFiles> found = new ArrayList<>();
    String launcher = System.getProperty(LAUNCHER);
    if (own != null && launcher != null) {
      add(found, path(launcher));
    }
    Path lib = own == null ? null : own.directory().getParent();
    if (own != null && lib != null) {
      ProgramFiles current = ProgramFiles.current(lib);
      if (current != null) {
        found.add(current);
      }
      if (own.isWhole()) {
        found.add(own);
      }
    }
    if (found.isEmpty() && own != null) {
      for (String directory : environment.getOrDefault("PATH", "").split(File.pathSeparator)) {
        Path bin = directory.isEmpty() ? null : path(directory);
        add(found, bin == null ? null : bin.resolve(WINDOWS ? "peers-mcp.cmd" : "peers-mcp"));
      }
    }
    return found;
  }

  private static void add(List<ProgramFiles> found, @Nullable Path launcher) {
    if (launcher != null && Files.isRegularFile(launcher)) {
      ProgramFiles files = ProgramFiles.startedBy(launcher);
      if (files != null) {
        found.add(files);
      }
    }
  }

  private static Path findJava(Map<String, String> environment) throws IOException {
    Path own = ownJava();
    if (isProgram(own)) {
      return own;
    }
    String home = environment.getOrDefault("JAVA_HOME", "");
    Path java = home.isBlank() ? null : path(home);
    if (java != null && isProgram(java.resolve("bin").resolve(name()))) {
      return java.resolve("bin").resolve(name());
    }
    for (String directory : environment.getOrDefault("PATH", "").split(File.pathSeparator)) {
      Path bin = directory.isEmpty() ? null : path(directory);
      if (bin != null && isProgram(bin.resolve(name()))) {
        return bin.resolve(name());
      }
    }
    throw new IOException(
        "the Java that this session was started with, "
            + own
            + ", is gone, and neither JAVA_HOME nor the PATH has another, so no broker can be"
            + " started; install a JDK 17 or newer, or start the agent with JAVA_HOME set to one");
  }

  private static boolean isProgram(Path java) {
    return Files.isRegularFile(java) && Files.isExecutable(java);
  }

  private static Path ownJava() {
    return Path.of(System.getProperty("java.home"), "bin", name());
  }

  private static String name() {
    return WINDOWS ? "java.exe" : "java";
  }

  private static @Nullable Path path(String text) {
    try {
      return Path.of(text).toAbsolutePath();
    } catch (InvalidPathException e) {
      return null;
    }
  }

  /** A class path for the broker, which runs in another directory. */
  static String absolute(String classPath) {
    StringBuilder all = new StringBuilder();
    for (String entry : classPath.split(File.pathSeparator)) {
      if (!entry.isBlank()) {
        all.append(all.length() > 0 ? File.pathSeparator : "");
        all.append(Path.of(entry.strip()).toAbsolutePath());
      }
    }
    return all.toString();
  }
}
