package dev.peers.cli.install;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peers.cli.edit.ConfigChange;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Installations that come after another, from another place or of another version. */
class InstallAgainTest {
  private static final Path NEW = Path.of("/new/bin");

  @TempDir Path directory;
  private AgentHome home;

  @BeforeEach
  void makeHome() {
    home = new AgentHome(directory);
  }

  @Test
  void whatWasMadeGoesAfterAMoveToo() {
    for (Agent agent : Agent.values()) {
      home.install(agent);
      AgentHome.apply(installation(agent, NEW, true));
      AgentHome.apply(installation(agent, AgentHome.OPT, true));
      assertThat(home.files()).as(agent.word()).noneMatch(InstallAgainTest::isBackup);

      assertThat(AgentHome.apply(home.removal(agent, NEW))).containsOnly("deleted");

      assertThat(home.files()).as(agent.word()).isEmpty();
    }
  }

  @Test
  void everyFileIsWhatItWasBeforeTheFirstOfThem() throws IOException {
    for (List<String> each : AgentFiles.all().toList()) {
      Agent agent = Agent.named(each.get(0).split(":")[0]).orElseThrow();
      Path file = home.write(each.get(0).split(":")[1], each.get(1));
      home.install(agent);
      AgentHome.apply(installation(agent, NEW, true));
      String installed = Files.readString(file);
      assertThat(installed).doesNotContain("/opt/pe ers");

      AgentHome.apply(home.removal(agent, AgentHome.OPT));

      assertThat(file).as(installed).content().isEqualTo(each.get(1));
      assertThat(home.files()).containsExactly(file);
      Files.delete(file);
    }
  }

  @Test
  void aBackupThatAnEarlierVersionMadeOfOurOwnEntryGoesToo() throws IOException {
    home.install(Agent.CLAUDE);
    for (String name : List.of(".claude.json", ".claude/settings.json")) {
      Path file = home.file(name);
      Files.copy(file, AgentHome.backup(file));
    }
    AgentHome.apply(installation(Agent.CLAUDE, NEW, false));

    home.uninstall(Agent.CLAUDE);

    assertThat(home.files()).isEmpty();
  }

  @Test
  void whatOthersHaveAddedToAFileThatWasMadeStaysAlone() {
    home.install(Agent.CLAUDE);
    AgentHome.apply(installation(Agent.CLAUDE, NEW, false));
    home.write(".claude.json", home.read(".claude.json").replaceFirst("\\{", "{\n  \"n\": 1,"));

    home.uninstall(Agent.CLAUDE);

    assertThat(home.read(".claude.json")).isEqualTo("{\n  \"n\": 1\n}\n");
    assertThat(home.files()).containsExactly(home.file(".claude.json"));
  }

  @Test
  void aPermissionThatWasThereBeforeStays() {
    String settings = "{\"permissions\": {\"allow\": [\"mcp__claude-peers\"]}, \"a\": 1}\n";
    home.write(".claude/settings.json", settings);
    home.install(Agent.CLAUDE);
    home.write(
        ".claude/settings.json",
        home.read(".claude/settings.json").replace("\"a\": 1", "\"a\": 2"));

    home.uninstall(Agent.CLAUDE);

    assertThat(home.read(".claude/settings.json")).isEqualTo(settings.replace("1", "2"));
  }

  @Test
  void hooksThatMissForksAreBroughtUpToDate() {
    AgentHome.apply(installation(Agent.CLAUDE, AgentHome.OPT, true));
    String installed = home.read(".claude/settings.json");
    home.write(".claude/settings.json", installed.replace("|fork", ""));

    assertThat(home.install(Agent.CLAUDE)).contains("changed");

    assertThat(home.read(".claude/settings.json")).isEqualTo(installed).contains("|clear|fork\"");
  }

  private List<ConfigChange> installation(Agent agent, Path bin, boolean waking) {
    return home.registrations(agent, bin, waking).stream()
        .map(each -> ConfigChange.install(each.file(), each.edit()))
        .toList();
  }

  private static boolean isBackup(Path file) {
    return file.toString().endsWith(".peers-backup");
  }
}
