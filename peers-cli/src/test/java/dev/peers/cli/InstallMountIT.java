package dev.peers.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Configuration files that are mounted one by one, as containers have them. */
class InstallMountIT {
  private final World world = new World();

  @BeforeEach
  void needsMounts() throws IOException {
    Path probe = Files.createFile(world.directory("probe").resolve("file"));
    assumeTrue("root".equals(System.getProperty("user.name")), "only root can mount");
    assumeTrue(
        mounted(List.of("mount --bind '" + probe + "' '" + probe + "'"), "true").code() == 0,
        "no mounts here");
  }

  @AfterEach
  void end() {
    world.close();
  }

  @Test
  void aFileThatIsMountedByItselfIsWrittenInPlace() throws IOException {
    Path outside = world.directory("outside").resolve("claude.json");
    Path file = Files.createFile(world.file(".claude.json"));
    for (String text : List.of("{\n  \"theme\": \"dark\"\n}\n", "")) {
      Files.writeString(outside, text);
      String mount = "mount --bind '" + outside + "' '" + file + "'";

      World.Result installed = mounted(List.of(mount), peers("install claude --yes"));

      // Nothing but that the build's own directory is no place to stay.
      assertThat(installed.err()).startsWith("peers: this program is in ").hasLineCount(1);
      assertThat(installed.code()).isZero();
      assertThat(outside).content().contains(world.executable("peers-mcp").toString());
      assertThat(world.file(".claude/settings.json")).exists();
      assertThat(world.home().toFile().list())
          .containsExactlyInAnyOrder(".claude", ".claude.json", ".claude.json.peers-backup");

      World.Result removed = mounted(List.of(mount), peers("uninstall claude --yes"));

      assertThat(removed.err()).isEmpty();
      assertThat(outside).content().isEqualTo(text);
      assertThat(world.home().toFile().list()).containsExactly(".claude.json");
    }
  }

  @Test
  void nothingIsHalfInstalledIfOneFileMayNotBeWritten() throws IOException {
    Path file = Files.writeString(world.file(".claude.json"), "{}\n");
    Path store = Files.writeString(world.directory("store").resolve("settings.json"), "{}\n");
    Path link = Files.createDirectories(world.file(".claude")).resolve("settings.json");
    Files.createSymbolicLink(link, store);

    World.Result result =
        mounted(
            List.of(
                "mount --bind '" + store + "' '" + store + "'",
                "mount -o remount,ro,bind '" + store + "'"),
            peers("install claude --yes"));

    assertThat(result.code()).isEqualTo(1);
    assertThat(result.err())
        .contains(link + " is a link to " + store + ", which may not be written. Make that file");
    assertThat(result.out()).isEmpty();
    assertThat(file).content().isEqualTo("{}\n");
    assertThat(world.home().toFile().list()).containsExactlyInAnyOrder(".claude", ".claude.json");
    assertThat(link.getParent().toFile().list()).containsExactly("settings.json");
  }

  private String peers(String arguments) {
    return "'" + world.executable("peers") + "' " + arguments;
  }

  /** Runs a command where these mounts are made, which nobody else sees. */
  private World.Result mounted(List<String> mounts, String command) {
    return world.run(
        List.of("unshare", "-m", "sh", "-c", String.join(" && ", mounts) + " && " + command),
        world.home(),
        "");
  }
}
