package dev.peers.cli;

import dev.peers.ErrorCode;
import dev.peers.PeersException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is about to happen to one file.
 *
 * @param file which file
 * @param before what is in it, null if there is none
 * @param after what will be in it, null if there will be none
 * @param keepsBackup whether what is in it is put aside first
 * @param dropsBackup whether what was put aside is no longer needed
 */
record ConfigChange(
    ConfigFile file,
    @Nullable String before,
    @Nullable String after,
    boolean keepsBackup,
    boolean dropsBackup) {
  /** What a Windows editor may put before the first character. */
  private static final String BYTE_ORDER_MARK = "\uFEFF";

  /** Adds what is ours. A first change keeps a backup, a later one does not touch it. */
  static ConfigChange install(ConfigFile file, ConfigEdit edit) {
    String before = file.read();
    String text = before == null ? "" : before;
    String after = edited(file, text, edit::installed);
    boolean changes = !after.equals(text);
    boolean first =
        changes
            && before != null
            && (file.readBackup() == null
                || edited(file, text, plain -> edit.removed(plain, "")).equals(text));
    return new ConfigChange(file, before, changes ? after : before, first, false);
  }

  /** Takes out what is ours. If nothing else has changed since, all is as it was before. */
  static ConfigChange uninstall(ConfigFile file, ConfigEdit edit) {
    String before = file.read();
    String backup = file.readBackup();
    String after = before;
    if (before != null) {
      String former = backup == null ? "" : backup;
      if (before.equals(installedOrNull(edit, former))) {
        // Made by us, if there is no backup.
        after = backup == null ? null : edited(file, backup, plain -> edit.removed(plain, plain));
      } else {
        after = edited(file, before, plain -> edit.removed(plain, withoutMark(former)));
      }
    }
    boolean restored = backup != null && backup.equals(after);
    return new ConfigChange(file, before, after, false, restored);
  }

  boolean changes() {
    return before == null ? after != null : !before.equals(after);
  }

  /** What happens, in a word. */
  String action() {
    if (!changes()) {
      return "unchanged";
    }
    return before == null ? "created" : after == null ? "deleted" : "changed";
  }

  /** The lines that come and go. */
  List<String> lines() {
    return LineDiff.between(before == null ? "" : before, after == null ? "" : after);
  }

  void apply() {
    if (keepsBackup && before != null) {
      file.writeBackup(before);
    }
    if (changes()) {
      if (after == null) {
        file.delete();
      } else {
        file.write(before, after);
      }
    }
    if (dropsBackup) {
      file.deleteBackup();
    }
  }

  private interface Edit {
    String apply(String text) throws UnreadableConfig;
  }

  private static String edited(ConfigFile file, String text, Edit edit) {
    String mark = text.startsWith(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK : "";
    try {
      return mark + edit.apply(withoutMark(text));
    } catch (UnreadableConfig e) {
      throw new PeersException(
          ErrorCode.INVALID_ARGUMENT,
          file.path()
              + " was left alone: "
              + e.getMessage()
              + ". Mend it and try again, or edit it by hand",
          e);
    }
  }

  private static @Nullable String installedOrNull(ConfigEdit edit, String former) {
    String plain = withoutMark(former);
    try {
      return former.substring(0, former.length() - plain.length()) + edit.installed(plain);
    } catch (UnreadableConfig e) {
      return null;
    }
  }

  /** A text without what may come before its first character. */
  static String withoutMark(String text) {
    return text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text;
  }
}
