package dev.peers.cli.edit;

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
 * @param lines what comes and goes, and nothing else of the file
 */
public record ConfigChange(
    ConfigFile file,
    @Nullable String before,
    @Nullable String after,
    boolean keepsBackup,
    boolean dropsBackup,
    List<String> lines) {
  /** What a Windows editor may put before the first character. */
  private static final String BYTE_ORDER_MARK = "\uFEFF";

  public ConfigChange {
    lines = List.copyOf(lines);
  }

  /** Adds what is ours. A first change keeps a backup, a later one does not touch it. */
  public static ConfigChange install(ConfigFile file, ConfigEdit edit) {
    String before = file.read();
    String text = before == null ? "" : before;
    Edited edited = edited(file, text, edit::installed);
    boolean changes = !edited.text().equals(text);
    boolean first = changes && before != null && !isInstalled(file, text, edit);
    return new ConfigChange(
        file, before, changes ? edited.text() : before, first, false, edited.lines());
  }

  /** Takes out what is ours. If nothing else has changed since, all is as it was before. */
  public static ConfigChange uninstall(ConfigFile file, ConfigEdit edit) {
    String before = file.read();
    if (before == null) {
      return new ConfigChange(file, null, null, false, false, List.of());
    }
    String backup = file.readBackup();
    String former = backup == null ? null : former(file, backup, edit);
    Edited edited = edited(file, before, text -> edit.removed(text, plainOrNull(former, edit)));
    String after = edited.text();
    if (!after.equals(before)) {
      if (former == null) {
        // Made by us, if nothing else is in it.
        after = edit.isEmpty(withoutMark(after)) ? null : after;
      } else if (isFormer(after, former, edit) || isUnchangedSince(before, former, edit)) {
        after = former;
      }
    }
    boolean restored = backup != null && (after == null || former == null || after.equals(former));
    return new ConfigChange(file, before, after, false, restored, edited.lines());
  }

  /**
   * What a file held before the first installation; null if there was none. Backups of former
   * versions may hold what is ours.
   */
  private static @Nullable String former(ConfigFile file, String backup, ConfigEdit edit) {
    try {
      if (!edit.isInstalled(withoutMark(backup))) {
        return backup;
      }
      String rest = edited(file, backup, text -> edit.removed(text, null)).text();
      return edit.isEmpty(withoutMark(rest)) ? null : rest;
    } catch (UnreadableConfig e) {
      // Somebody has edited it.
      return backup;
    }
  }

  private static @Nullable String plainOrNull(@Nullable String former, ConfigEdit edit) {
    if (former == null) {
      return null;
    }
    String plain = withoutMark(former);
    try {
      edit.isInstalled(plain);
      return plain;
    } catch (UnreadableConfig e) {
      return null;
    }
  }

  /** Whether a text is the former one but for its layout. */
  private static boolean isFormer(String text, String former, ConfigEdit edit) {
    return edit.isSame(withoutMark(text), withoutMark(former));
  }

  /** Whether nothing but an installation has changed a text since it was the former one. */
  private static boolean isUnchangedSince(String text, String former, ConfigEdit edit) {
    try {
      return edit.installed(withoutMark(text))
          .text()
          .equals(edit.installed(withoutMark(former)).text());
    } catch (UnreadableConfig e) {
      return false;
    }
  }

  private static boolean isInstalled(ConfigFile file, String text, ConfigEdit edit) {
    try {
      return edit.isInstalled(withoutMark(text));
    } catch (UnreadableConfig e) {
      throw unreadable(file, e);
    }
  }

  /** The same change of a file that is not ours: what is in it is put aside, and it stays. */
  public ConfigChange keepingBackup() {
    return new ConfigChange(file, before, after == null ? "" : after, before != null, false, lines);
  }

  public boolean changes() {
    return before == null ? after != null : !before.equals(after);
  }

  /** What happens, in a word. */
  public String action() {
    if (!changes()) {
      return "unchanged";
    }
    return before == null ? "created" : after == null ? "deleted" : "changed";
  }

  private interface Edit {
    Edited apply(String text) throws UnreadableConfig;
  }

  private static Edited edited(ConfigFile file, String text, Edit edit) {
    String mark = text.startsWith(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK : "";
    try {
      Edited edited = edit.apply(withoutMark(text));
      return new Edited(mark + edited.text(), edited.lines());
    } catch (UnreadableConfig e) {
      throw unreadable(file, e);
    }
  }

  private static PeersException unreadable(ConfigFile file, UnreadableConfig cause) {
    return new PeersException(
        ErrorCode.INVALID_ARGUMENT,
        file.path()
            + " was left alone: "
            + cause.getMessage()
            + ". Fix it and try again, or edit it by hand",
        cause);
  }

  /** A text without what may come before its first character. */
  public static String withoutMark(String text) {
    return text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text;
  }
}
