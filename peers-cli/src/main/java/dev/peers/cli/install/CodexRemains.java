package dev.peers.cli.install;

import dev.peers.PeersException;
import dev.peers.cli.edit.ConfigChange;
import dev.peers.cli.edit.ConfigEdit;
import dev.peers.cli.edit.ConfigFile;
import dev.peers.cli.edit.TomlDocument;
import dev.peers.cli.edit.UnreadableConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What other files of Codex say of the server once the user's file no longer says how to start it,
 * such as how its tools are approved with a profile. Codex would refuse to start because of it.
 */
final class CodexRemains {
  private CodexRemains() {}

  /**
   * The changes of those files.
   *
   * @param place where the configuration is
   * @param user what is about to happen to the user's file
   * @param edit what takes out the server
   */
  static List<ConfigChange> changes(Agent.Place place, ConfigChange user, ConfigEdit edit) {
    List<ConfigChange> changes = new ArrayList<>();
    if (user.after() != null && isSaid(user.after())) {
      return changes;
    }
    List<Path> files = new ArrayList<>(CodexObstacles.profiles(Agent.codexHome(place)));
    files.add(place.project().resolve(".codex/config.toml"));
    for (Path path : files) {
      ConfigFile file = new ConfigFile(path, true);
      if (!path.equals(user.file().path()) && isOrphaned(file)) {
        changes.add(ConfigChange.uninstall(file, edit).keepingBackup());
      }
    }
    return changes;
  }

  private static boolean isSaid(String text) {
    try {
      return !TomlDocument.parse(ConfigChange.withoutMark(text))
          .members(CodexTables.TABLE)
          .isEmpty();
    } catch (UnreadableConfig e) {
      return true;
    }
  }

  private static boolean isOrphaned(ConfigFile file) {
    try {
      @Nullable String text = file.read();
      return text != null && CodexTables.isOrphaned(ConfigChange.withoutMark(text));
    } catch (PeersException | UnreadableConfig e) {
      // Codex cannot read it either.
      return false;
    }
  }
}
