package dev.peers.cli.startup;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** By which path an agent is told to start the server. */
class InstallationTest {
  @TempDir Path directory;
  private Path own;

  @BeforeEach
  void install() throws IOException {
    directory = directory.toRealPath();
    own = program("peers-1.0/bin/peers-mcp");
    program("peers-1.0/bin/peers");
  }

  @Test
  void theDirectoryThatIsALinkToTheVersionIsKept() throws IOException {
    Path current = Files.createSymbolicLink(directory.resolve("current"), Path.of("peers-1.0"));

    assertThat(stable(current.resolve("bin/peers"))).isEqualTo(current.resolve("bin/peers-mcp"));
  }

  @Test
  void theLinkBesideTheOneThatWasCalledIsKept() throws IOException {
    Path bin = Files.createDirectories(directory.resolve("homebrew/bin"));
    Files.createSymbolicLink(bin.resolve("peers"), Path.of("../../peers-1.0/bin/peers"));
    Files.createSymbolicLink(bin.resolve("peers-mcp"), Path.of("../../peers-1.0/bin/peers-mcp"));

    assertThat(stable(bin.resolve("peers"))).isEqualTo(bin.resolve("peers-mcp"));
  }

  @Test
  void theLinksOnTheWayAreKeptIfThereIsNoneBesideTheFirst() throws IOException {
    Path current = Files.createSymbolicLink(directory.resolve("current"), Path.of("peers-1.0"));
    Path bin = Files.createDirectories(directory.resolve("bin"));
    Files.createSymbolicLink(bin.resolve("peers"), current.resolve("bin/peers"));

    assertThat(stable(bin.resolve("peers"))).isEqualTo(current.resolve("bin/peers-mcp"));
  }

  @Test
  void aLinkToAnotherInstallationIsNot() throws IOException {
    program("peers-2.0/bin/peers-mcp");
    Path bin = Files.createDirectories(directory.resolve("bin"));
    Files.createSymbolicLink(bin.resolve("peers"), directory.resolve("peers-1.0/bin/peers"));
    Files.createSymbolicLink(
        bin.resolve("peers-mcp"), directory.resolve("peers-2.0/bin/peers-mcp"));

    assertThat(stable(bin.resolve("peers"))).isEqualTo(own);
  }

  @Test
  void theBuildDirectoryOfMavenIsTold() throws IOException {
    Path module = Files.createDirectories(directory.resolve("module"));
    Path root = Files.createDirectories(module.resolve("target/peers"));
    assertThat(Installation.mavenTarget(root)).isEmpty();

    Files.createFile(module.resolve("pom.xml"));

    assertThat(Installation.mavenTarget(root)).contains(module.resolve("target"));
  }

  private Path stable(Path called) {
    return Installation.stable(own, called.toString());
  }

  private Path program(String path) throws IOException {
    Path file = directory.resolve(path);
    Files.createDirectories(file.getParent());
    Files.writeString(file, "#!/bin/sh\n");
    assertThat(file.toFile().setExecutable(true)).isTrue();
    return file;
  }
}
