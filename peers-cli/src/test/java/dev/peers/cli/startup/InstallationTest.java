package dev.peers.cli.startup;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
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
  @DisabledOnOs(OS.WINDOWS)
  void aRelativeCallKeepsTheLinkThatTheDirectoryIsReachedBy() throws Exception {
    Path version = directory.resolve("peers-1.0");
    Files.copy(
        Path.of("src/main/dist/bin/peers"),
        version.resolve("bin/peers"),
        StandardCopyOption.REPLACE_EXISTING);
    assertThat(version.resolve("bin/peers").toFile().setExecutable(true)).isTrue();
    Path build = Files.createDirectories(version.resolve("lib/build"));
    Files.writeString(version.resolve("lib/current"), "build\n");
    Files.copy(Path.of("src/main/dist/lib/launch.sh"), build.resolve("launch.sh"));
    Files.writeString(program("jdk/bin/java"), "#!/bin/sh\nprintf '%s\\n' \"$@\"\n");
    Path current = Files.createSymbolicLink(directory.resolve("current"), Path.of("peers-1.0"));

    for (String call : new String[] {"cd bin && ./peers", "bin/peers", "cd lib && ../bin/peers"}) {
      assertThat(stable(Path.of(launcherOf("cd '" + current + "' && " + call))))
          .as(call)
          .isEqualTo(current.resolve("bin/peers-mcp"));
    }
    // The environment may have the name of another directory.
    assertThat(stable(Path.of(launcherOf("cd '" + current + "' && env PWD=/ bin/peers"))))
        .isEqualTo(own);
  }

  /** The path that a launcher tells the program that it was called by. */
  private String launcherOf(String script) throws Exception {
    ProcessBuilder shell = new ProcessBuilder("sh", "-c", script);
    shell.environment().put("JAVA_HOME", directory.resolve("jdk").toString());
    Process process = shell.redirectErrorStream(true).start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    String option = "-Dpeers.launcher=";
    return output
        .lines()
        .filter(line -> line.startsWith(option))
        .findFirst()
        .orElseThrow(() -> new AssertionError(output))
        .substring(option.length());
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
