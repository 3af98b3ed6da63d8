package dev.peers.cli.edit;

import dev.peers.PeersException;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** Changes all files of an agent, or none of them. */
public final class ConfigTransaction {
  private final Deque<FileReplacement> done = new ArrayDeque<>();

  private ConfigTransaction() {}

  /**
   * Looks whether all of the files can be changed, and changes nothing.
   *
   * @throws PeersException if one cannot; says which and why
   */
  static void check(List<ConfigChange> changes) {
    changes.forEach(change -> change.file().requireWritable(change));
  }

  /**
   * Changes the files.
   *
   * @throws ChangedMeanwhile if a file is no longer what its change was computed from; all files
   *     are as they were before
   * @throws PeersException if a file cannot be changed; all files are as they were before
   */
  public static void apply(List<ConfigChange> changes) throws ChangedMeanwhile {
    check(changes);
    new ConfigTransaction().carryOut(changes);
  }

  private void carryOut(List<ConfigChange> changes) throws ChangedMeanwhile {
    try {
      for (ConfigChange change : changes) {
        ConfigFile file = change.file();
        if (change.keepsBackup() && change.before() != null) {
          replace(FileReplacement.backup(file, change.before()));
        }
        if (change.changes()) {
          replace(
              new FileReplacement(
                  file.path(), file.target(), file.personal(), change.before(), change.after()));
        }
      }
      for (ConfigChange change : changes) {
        if (change.dropsBackup()) {
          ConfigFile file = change.file();
          replace(new FileReplacement(file.backup(), file.backup(), true, file.readBackup(), null));
        }
      }
    } catch (ChangedMeanwhile | RuntimeException e) {
      undo(e);
      throw e;
    }
  }

  private void replace(FileReplacement replacement) throws ChangedMeanwhile {
    // Undone also if it fails half-way.
    done.push(replacement);
    replacement.carryOut();
  }

  private void undo(Exception cause) {
    for (FileReplacement replacement : done) {
      try {
        replacement.undo();
      } catch (IOException e) {
        cause.addSuppressed(ConfigFile.failure(replacement.name(), "could not be set back", e));
      }
    }
  }
}
