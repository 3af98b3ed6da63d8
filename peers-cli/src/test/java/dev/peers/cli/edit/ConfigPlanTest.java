package dev.peers.cli.edit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.peers.PeersException;
import dev.peers.cli.install.Agent;
import dev.peers.cli.install.AgentHome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Changes of several files: all or none, and computed anew when another program is faster. */
class ConfigPlanTest {
  @TempDir Path directory;
  private AgentHome home;
  private ConfigPlan plan;

  @BeforeEach
  void makeHome() {
    home = new AgentHome(directory);
    plan = new ConfigPlan(() -> home.installation(Agent.CLAUDE, AgentHome.OPT));
  }

  @Test
  void aFileThatChangesWhileTheUserReadsIsChangedAsItIsThen() throws IOException {
    home.write(".claude.json", "{\"numStartups\": 1}\n");
    List<String> asked = new ArrayList<>();

    var changed =
        plan.carryOut(
            shown -> {
              asked.add(AgentHome.shown(shown));
              home.write(".claude.json", "{\"numStartups\": 2}\n");
              return true;
            });

    assertThat(changed).isPresent();
    assertThat(asked).hasSize(1);
    assertThat(home.read(".claude.json")).startsWith("{\"numStartups\": 2").contains("peers-mcp");
    assertThat(home.read(".claude.json.peers-backup")).isEqualTo("{\"numStartups\": 2}\n");
    home.uninstall(Agent.CLAUDE);
    assertThat(home.read(".claude.json")).isEqualTo("{\"numStartups\": 2}\n");
  }

  @Test
  void theUserIsAskedAgainIfSomethingElseWouldChange() throws IOException {
    home.write(".claude.json", "{}\n");
    List<String> asked = new ArrayList<>();

    var changed =
        plan.carryOut(
            shown -> {
              asked.add(AgentHome.shown(shown));
              home.write(
                  ".claude.json", "{\"mcpServers\": {\"claude-peers\": {\"command\": \"bun\"}}}");
              return asked.size() == 1;
            });

    assertThat(changed).isEmpty();
    assertThat(asked).hasSize(2);
    assertThat(asked.get(1)).contains("-\"command\": \"bun\"");
    assertThat(home.files()).containsExactly(home.file(".claude.json"));
  }

  @Test
  void aFileThatNeverRestsIsLeftAlone() {
    int[] computed = {0};
    ConfigPlan restless =
        new ConfigPlan(
            () -> {
              home.write(".claude.json", "{\"n\": " + computed[0]++ + "}");
              List<ConfigChange> changes = home.installation(Agent.CLAUDE, AgentHome.OPT);
              home.write(".claude.json", "{\"n\": " + computed[0]++ + "}");
              return changes;
            });

    assertThatThrownBy(() -> restless.carryOut(shown -> true))
        .isInstanceOf(PeersException.class)
        .hasMessageContaining("end the agent, and try again");
    assertThat(home.files()).containsExactly(home.file(".claude.json"));
  }

  @Test
  void whatWasWrittenIsSetBackIfALaterFileFails() throws IOException {
    home.write(".claude.json", "{\"a\": 1}\n");
    Files.setPosixFilePermissions(
        home.file(".claude.json"), PosixFilePermissions.fromString("rw-r-----"));
    List<ConfigChange> changes = plan.preview();
    // What is in the way comes after the last look.
    home.write(".claude/settings.json", "{}");

    assertThatThrownBy(() -> ConfigTransaction.apply(changes)).isInstanceOf(ChangedMeanwhile.class);

    assertThat(home.read(".claude.json")).isEqualTo("{\"a\": 1}\n");
    assertThat(
            PosixFilePermissions.toString(Files.getPosixFilePermissions(home.file(".claude.json"))))
        .isEqualTo("rw-r-----");
    assertThat(home.files())
        .containsExactlyInAnyOrder(home.file(".claude.json"), home.file(".claude/settings.json"));
  }

  @Test
  void whatWasTakenOutIsSetBackIfALaterFileFails() throws IOException {
    home.write(".claude.json", "{\"a\": 1}\n");
    plan.carryOut(shown -> true);
    String installed = home.read(".claude.json");
    List<ConfigChange> removal = home.removal(Agent.CLAUDE, AgentHome.OPT);
    List<Path> before = home.files();
    home.write(".claude/settings.json", "{}");

    assertThatThrownBy(() -> ConfigTransaction.apply(removal)).isInstanceOf(ChangedMeanwhile.class);

    assertThat(home.read(".claude.json")).isEqualTo(installed);
    assertThat(home.files()).containsExactlyInAnyOrderElementsOf(before);
  }

  @Test
  void whatIsInTheWayIsNamedBeforeAnythingIsWritten() throws IOException {
    home.write(".claude.json", "{}");
    Files.createDirectories(home.file(".claude/settings.json"));
    refuses(home.file(".claude/settings.json") + " is a directory", "Docker", "rmdir");

    Files.delete(home.file(".claude/settings.json"));
    Files.delete(home.file(".claude"));
    home.write(".claude", "a file");
    refuses(home.file(".claude") + " is not a directory", "Remove or rename");

    Files.delete(home.file(".claude"));
    Path link = Files.createDirectories(home.file(".claude")).resolve("settings.json");
    Files.createSymbolicLink(link, link);
    refuses(link + " is a link that leads nowhere");

    Files.delete(link);
    Files.createSymbolicLink(link, Path.of("/dev/null"));
    refuses(link + " is not a regular file");
    Files.delete(link);
  }

  @Test
  void aLinkThatLeadsToNothingStaysALinkWhenItsFileGoesAgain() throws IOException {
    Path real = home.project.resolve("dotfiles/mcp.json");
    Path link = Files.createDirectories(home.file(".cursor")).resolve("mcp.json");
    Files.createSymbolicLink(link, real);

    assertThat(home.install(Agent.CURSOR)).containsExactly("created");
    assertThat(real).exists();
    assertThat(home.uninstall(Agent.CURSOR)).containsExactly("deleted");

    assertThat(real).doesNotExist();
    assertThat(link).isSymbolicLink();
  }

  private void refuses(String... words) {
    assertThatThrownBy(() -> plan.carryOut(shown -> true))
        .isInstanceOf(PeersException.class)
        .message()
        .contains(words);
    assertThat(home.read(".claude.json")).isEqualTo("{}");
    assertThat(AgentHome.backup(home.file(".claude.json"))).doesNotExist();
  }
}
