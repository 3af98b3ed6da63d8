package dev.peers.cli;

import dev.peers.ErrorCode;
import dev.peers.PeersException;
import java.io.File;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Where this program is installed. */
final class Installation {
  private Installation() {}

  /** The command by which an agent starts the MCP server of this installation. */
  static List<String> mcpCommand() {
    Path jar;
    try {
      jar = Path.of(Installation.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new PeersException(
          ErrorCode.INTERNAL, "the program cannot tell where it is installed", e);
    }
    boolean windows = File.separatorChar == '\\';
    Path lib = jar.getParent();
    if (lib != null) {
      Path script = lib.resolveSibling("bin").resolve(windows ? "peers-mcp.cmd" : "peers-mcp");
      if (Files.isRegularFile(script)) {
        return List.of(script.toString());
      }
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
}
