package dev.peers.cli.startup;

import dev.peers.ErrorCode;
import dev.peers.PeersException;
import dev.peers.local.BrokerProgram;
import dev.peers.local.ProgramFiles;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Where this program is installed. */
public final class Installation {
  private static final boolean WINDOWS = File.separatorChar == '\\';
  private static final int MAX_LINKS = 40;

  private Installation() {}

  /** The command by which an agent starts the MCP server of this installation. */
  public static List<String> mcpCommand() {
    Optional<Path> script = script(WINDOWS ? "peers-mcp.cmd" : "peers-mcp");
    if (script.isPresent()) {
      return List.of(script.get().toString());
    }
    // The jar that works alone, or the classes of a build.
    Path java = Path.of(System.getProperty("java.home"), "bin", WINDOWS ? "java.exe" : "java");
    // An agent starts it in some other directory.
    String classPath =
        Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
            .map(entry -> Path.of(entry).toAbsolutePath().toString())
            .collect(Collectors.joining(File.pathSeparator));
    return List.of(java.toString(), "-cp", classPath, "dev.peers.relay.Relay");
  }

  /** The program that waits for mail; the jar that works alone has none. */
  public static Optional<Path> wakeProgram() {
    return script("peers-wake");
  }

  /** A document of this installation; the jar that works alone has none. */
  public static Optional<Path> document(String name) {
    return file("share/doc/peers/docs/" + name);
  }

  /** The build's directory that it is in, which the next {@code mvn clean} removes. */
  public static Optional<Path> mavenTarget() {
    return root().flatMap(Installation::mavenTarget);
  }

  public static Optional<Path> mavenTarget(Path root) {
    for (Path each = root; each != null && each.getParent() != null; each = each.getParent()) {
      if (each.endsWith("target") && Files.exists(each.resolveSibling("pom.xml"))) {
        return Optional.of(each);
      }
    }
    return Optional.empty();
  }

  /** By the path that the user has called, if it leads here: the next version has it too. */
  private static Optional<Path> script(String name) {
    Optional<Path> own = file("bin/" + name);
    String called = System.getProperty(BrokerProgram.LAUNCHER);
    if (own.isEmpty() || called == null) {
      return own;
    }
    return Optional.of(stable(own.get(), called));
  }

  /** A program of this installation by way of the links that have led to one beside it. */
  static Path stable(Path own, String called) {
    try {
      Path real = own.toRealPath();
      for (Path step : steps(Path.of(called).toAbsolutePath())) {
        Path beside = step.resolveSibling(String.valueOf(own.getFileName()));
        if (Files.isExecutable(beside) && beside.toRealPath().equals(real)) {
          return beside;
        }
      }
    } catch (IOException | InvalidPathException e) {
      // Its own place, then.
    }
    return own;
  }

  private static List<Path> steps(Path called) throws IOException {
    List<Path> steps = new ArrayList<>();
    Path step = withoutDots(called);
    while (steps.size() < MAX_LINKS) {
      steps.add(step);
      if (!Files.isSymbolicLink(step)) {
        break;
      }
      step = withoutDots(step.resolveSibling(Files.readSymbolicLink(step)));
    }
    return steps;
  }

  /** Only as long as it leads to the same: behind a link, "the one above" is another directory. */
  private static Path withoutDots(Path path) throws IOException {
    Path plain = path.normalize();
    return Files.exists(plain) && Files.isSameFile(plain, path) ? plain : path;
  }

  private static Optional<Path> file(String path) {
    return root().map(root -> root.resolve(path)).filter(Files::isRegularFile);
  }

  private static Optional<Path> root() {
    try {
      return Optional.ofNullable(ProgramFiles.own()).map(ProgramFiles::root);
    } catch (IOException e) {
      throw new PeersException(
          ErrorCode.INTERNAL, "the program cannot tell where it is installed", e);
    }
  }
}
