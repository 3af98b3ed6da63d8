package dev.peers.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peers.local.ProgramFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The packaged {@code peers self-install}. */
class SelfInstallIT {
  private final World world = new World();

  @AfterEach
  void end() {
    world.close();
  }

  @Test
  void installsAndUpdatesWhatRuns() throws IOException {
    Path target = world.file(".local/share/peers");
    Path commands = world.file(".local/bin");

    JsonNode result = world.peers("self-install", "--json").json();

    assertThat(result.get("directory").asText()).isEqualTo(target.toString());
    assertThat(result.get("on_path").asBoolean()).isFalse();
    ProgramFiles build = ProgramFiles.current(target.resolve("lib"));
    assertThat(build).isNotNull();
    assertThat(build.name()).isEqualTo(CopiedInstallation.original().name());
    assertThat(Files.getPosixFilePermissions(build.jar()).toString()).doesNotContain("WRITE");
    // What an agent is told is the link, which the next version has too.
    World.Result installed =
        world.run(
            List.of(commands.resolve("peers").toString(), "install", "gemini", "--yes"),
            world.home(),
            "");
    assertThat(installed.err()).isEmpty();
    String command =
        World.JSON
            .readTree(Files.readString(world.file(".gemini/settings.json")))
            .at("/mcpServers/claude-peers/command")
            .asText();
    assertThat(command).isEqualTo(commands.resolve("peers-mcp").toString());
    RawSession eel = world.start(List.of(command), world.directory("eel"), Map.of());
    eel.initialize();
    String eelId = eel.id();
    Path maps = Path.of("/proc/" + eel.process().pid() + "/maps");
    if (Files.isReadable(maps)) {
      assertThat(Files.readString(maps)).contains(build.directory() + "/start/");
    }

    // An update, as far as the one that installs can tell: four builds are older.
    Object jar = Files.getAttribute(build.jar(), "unix:ino");
    Path lib = target.resolve("lib");
    for (int i = 0; i < 4; i++) {
      Path old = Files.createDirectory(lib.resolve("0.0." + i + "-00000000000" + i));
      Files.createFile(old.resolve("peers-relay.jar"));
      Files.setLastModifiedTime(old, FileTime.fromMillis(1_000_000L * i));
    }
    assertThat(world.peers("self-install").code()).isZero();

    try (Stream<Path> builds = Files.list(lib)) {
      assertThat(builds.map(each -> each.getFileName().toString()))
          .containsExactlyInAnyOrder(
              "current",
              build.name(),
              "0.0.1-000000000001",
              "0.0.2-000000000002",
              "0.0.3-000000000003");
    }
    assertThat(Files.getAttribute(build.jar(), "unix:ino")).isEqualTo(jar);
    assertThat(eel.id()).isEqualTo(eelId);
    assertThat(Files.isSymbolicLink(target.resolve("peers-mcp.jar"))).isTrue();
  }

  @Test
  void leavesAloneWhatIsNotItsOwn() throws IOException {
    Path target = world.directory("documents");
    Files.writeString(target.resolve("letter.txt"), "Dear");

    World.Result result = world.peers("self-install", target.toString());

    assertThat(result.code()).isEqualTo(1);
    assertThat(result.err()).contains(target + " is not empty");
    assertThat(Files.exists(target.resolve("lib"), LinkOption.NOFOLLOW_LINKS)).isFalse();
  }

  @Test
  void aBuildDirectoryIsNoPlaceForAnAgentToStartFrom() {
    World.Result result = world.peers("install", "gemini", "--yes");

    assertThat(result.code()).isZero();
    assertThat(result.err()).contains("'mvn clean' removes", "peers self-install");
  }
}
