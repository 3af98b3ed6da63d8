package dev.peers.cli;

import dev.peers.ErrorCode;
import dev.peers.PeersException;
import java.io.File;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Where this program is installed. */
final class Installation {
  private Installation() {}

  /** The command by which an agent starts the MCP server of this installation. */
  static List<String> mcpCommand() {
    boolean windows = File.separatorChar == '\\';
    Optional<Path> script = script(windows ? "peers-mcp.cmd" : "peers-mcp");
    if (script.isPresent()) {
      return List.of(script.get().toString());
    }
    // The jar that works alone, or the classes of a build.
    Path java = Path.of(System.getProperty("java.home"), "bin", windows ? "java.exe" : "java");
    // An agent starts it in some other directory.
    String classPath =
        Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
            .map(entry -> Path.of(entry).toAbsolutePath().toString())
            .collect(Collectors.joining(File.pathSeparator));
    return List.of(java.toString(), "-cp", classPath, "dev.peers.mcp.relay.Relay");
  }

  /** What it has for an agent; the jar that works alone has no program that waits for mail. */
  static Agent.Parts parts(boolean hooks, boolean waking) {
    return new Agent.Parts(mcpCommand(), hooks, script("peers-wake").orElse(null), waking);
  }

  /** A document of this installation; the jar that works alone has none. */
  static Optional<Path> document(String name) {
    return file("share/doc/peers/docs/" + name);
  }

  private static Optional<Path> script(String name) {
    return file("bin/" + name);
  }

  private static Optional<Path> file(String path) {
    try {
      Path jar =
          Path.of(Installation.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      return Optional.of(jar.resolveSibling(path)).filter(Files::isRegularFile);
    } catch (URISyntaxException e) {
      throw new PeersException(
          ErrorCode.INTERNAL, "the program cannot tell where it is installed", e);
    }
  }
}
