package dev.peers.local;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * One build of the program within an installation: the directory {@code lib/VERSION-HASH}, with all
 * that its processes map or keep open. Its name is made of what is in it, and its files are never
 * written again, so an update puts another directory beside it and then changes the name in {@code
 * lib/current}. Processes of the former build run on with its files.
 *
 * @param directory the directory of the build
 * @since 0.1
 */
public record ProgramFiles(Path directory) {
  /** The file, beside the builds, that names the one to start. */
  public static final String CURRENT = "current";

  private static final String RELAY_JAR = "peers-relay.jar";
  private static final int MAX_NAME = 256;

  /**
   * The build that the caller is part of.
   *
   * @return null for the jar that works alone, or the classes of a build
   * @throws IOException if this class cannot tell where it is
   */
  public static @Nullable ProgramFiles own() throws IOException {
    Path here;
    try {
      here =
          Path.of(ProgramFiles.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IOException("the program cannot tell where it is installed", e);
    }
    // By links too: the jar that works alone is one to that of the build.
    Path directory = real(here).getParent();
    return directory != null && hasName(directory) ? new ProgramFiles(directory) : null;
  }

  /** By name: its files may be gone, and this be asked in order to say so. */
  private static boolean hasName(Path directory) {
    Path lib = directory.getParent();
    return Files.exists(directory.resolve(RELAY_JAR))
        || (lib != null && lib.endsWith("lib") && directory.toString().indexOf('-') > 0);
  }

  /**
   * The build that an installation starts at present.
   *
   * @param lib the installation's directory of that name
   * @return null if there is none
   */
  public static @Nullable ProgramFiles current(Path lib) {
    Path file = lib.resolve(CURRENT);
    try {
      if (!Files.isRegularFile(file) || Files.size(file) > MAX_NAME) {
        return null;
      }
      String name = Files.readString(file, StandardCharsets.UTF_8).strip();
      ProgramFiles files = new ProgramFiles(lib.resolve(name));
      return name.isEmpty() || !files.isWhole() ? null : files;
    } catch (IOException | RuntimeException e) {
      return null;
    }
  }

  /**
   * The same for the directory {@code bin} of an installation, which a link may lead to.
   *
   * @param launcher a program in it
   * @return null if there is none
   */
  static @Nullable ProgramFiles startedBy(Path launcher) {
    Path bin = real(launcher).getParent();
    return bin == null ? null : current(bin.resolveSibling("lib"));
  }

  /** Whether it is there. */
  boolean isWhole() {
    return Files.isRegularFile(jar()) && Files.isRegularFile(brokerArguments());
  }

  /**
   * The name of the build.
   *
   * @return version and hash
   */
  public String name() {
    return String.valueOf(directory.getFileName());
  }

  /** The version in the name. */
  String version() {
    String name = name();
    int end = name.lastIndexOf('-');
    return end < 0 ? name : name.substring(0, end);
  }

  /**
   * Where the installation is that this is a build of.
   *
   * @return the directory with {@code bin} and {@code lib}; null if there is none
   */
  public @Nullable Path root() {
    Path lib = directory.getParent();
    return lib == null ? null : lib.getParent();
  }

  /**
   * The jar that has everything. To open many, and to look for services in each, takes a sixth of a
   * start.
   *
   * @return a path, whether there is a file or not
   */
  public Path jar() {
    return directory.resolve("peers-mcp.jar");
  }

  /**
   * The relay's own jar.
   *
   * @return a path, whether there is a file or not
   */
  public Path relayJar() {
    return directory.resolve(RELAY_JAR);
  }

  /**
   * The options for a relay's JVM.
   *
   * @return a path, whether there is a file or not
   */
  public Path relayArguments() {
    return directory.resolve("relay.args");
  }

  /**
   * The options for a broker's JVM.
   *
   * @return a path, whether there is a file or not
   */
  public Path brokerArguments() {
    return directory.resolve("broker.args");
  }

  /**
   * The options for the JVM of a command.
   *
   * @return a path, whether there is a file or not
   */
  public Path commandArguments() {
    return directory.resolve("command.args");
  }

  static Path real(Path path) {
    try {
      return path.toRealPath();
    } catch (IOException e) {
      return path.toAbsolutePath();
    }
  }
}
