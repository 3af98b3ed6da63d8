package dev.peers.cli.edit;

import dev.peers.local.PrivateFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Puts a text in place of that of a file, and can undo it. The file is made if there is none, and
 * deleted if there is no new text.
 */
final class FileReplacement {
  private static final Set<String> AGENTS =
      Set.of(".claude", ".codex", ".gemini", ".cursor", ".vscode");

  private final Path name;
  private final Path target;
  private final boolean personal;
  private final @Nullable String before;
  private final @Nullable String after;
  private @Nullable Path model;
  private @Nullable PosixFileAttributes attributes;
  private final List<Path> directories = new ArrayList<>();
  private boolean done;

  /**
   * Makes a replacement, and changes nothing yet.
   *
   * @param name what users call the file
   * @param target the file itself, no link
   * @param personal whether a new file is for its owner alone
   * @param before what the file must hold, null for none
   * @param after what it will hold, null for none
   */
  FileReplacement(
      Path name, Path target, boolean personal, @Nullable String before, @Nullable String after) {
    this.name = name;
    this.target = target;
    this.personal = personal;
    this.before = before;
    this.after = after;
    this.model = before == null ? null : target;
  }

  /** One that keeps a text beside a file, with the owner and the mode of the file. */
  static FileReplacement backup(ConfigFile file, String text) {
    FileReplacement replacement =
        new FileReplacement(file.backup(), file.backup(), true, file.readBackup(), text);
    replacement.model = file.target();
    return replacement;
  }

  Path name() {
    return name;
  }

  void carryOut() throws ChangedMeanwhile {
    try {
      attributes = attributesOfModel();
      if (after == null) {
        requireUnchanged();
        Files.deleteIfExists(target);
        done = true;
        removeEmptyDirectory();
      } else {
        makeDirectories();
        write(after, true);
      }
    } catch (IOException e) {
      throw ConfigFile.failure(name, after == null ? "cannot be deleted" : "cannot be written", e);
    }
  }

  /** Sets the file back, unless another program has changed it since. */
  void undo() throws IOException {
    if (done && holds(after)) {
      if (before == null) {
        Files.deleteIfExists(target);
      } else {
        try {
          makeDirectories();
          write(before, false);
        } catch (ChangedMeanwhile e) {
          throw new IOException(e);
        }
      }
    }
    for (int i = directories.size() - 1; i >= 0; i--) {
      try {
        Files.deleteIfExists(directories.get(i));
      } catch (DirectoryNotEmptyException e) {
        // Somebody has found a use for it.
        return;
      }
    }
  }

  /** The agent's own directory, such as {@code .claude}, which goes with the last file in it. */
  private void removeEmptyDirectory() {
    Path parent = target.toAbsolutePath().getParent();
    if (parent != null
        && AGENTS.contains(String.valueOf(parent.getFileName()))
        && !Files.isSymbolicLink(parent)) {
      try {
        Files.delete(parent);
      } catch (IOException e) {
        // It has other files, or belongs to another user.
      }
    }
  }

  private void makeDirectories() throws IOException {
    Path parent = target.toAbsolutePath().getParent();
    List<Path> missing = new ArrayList<>();
    for (Path each = parent; each != null && !Files.exists(each); each = each.getParent()) {
      missing.add(0, each);
    }
    directories.addAll(missing);
    if (personal) {
      PrivateFiles.makeDirectory(parent);
    } else if (parent != null) {
      Files.createDirectories(parent);
    }
  }

  /** Writes beside and moves, so that no reader ever sees half of it. */
  private void write(String text, boolean checked) throws IOException, ChangedMeanwhile {
    Path next = beside("new");
    boolean replaces = Files.exists(target);
    try {
      create(next, text);
      boolean keepsOwner = likeModel(next);
      if (checked) {
        requireUnchanged();
      }
      done = true;
      if (!keepsOwner && replaces) {
        overwrite(text);
        return;
      }
      try {
        Files.move(
            next, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      } catch (IOException e) {
        if (!replaces) {
          throw e;
        }
        // A file that is mounted by itself, into a container say, can only be written in place.
        overwrite(text);
      }
    } finally {
      Files.deleteIfExists(next);
    }
  }

  /** Writes in place. Until all is written, copies of both texts are beside the file. */
  private void overwrite(String text) throws IOException {
    byte[] former = Files.readAllBytes(target);
    Path copy = beside("old");
    Files.deleteIfExists(copy);
    Files.createFile(copy, PrivateFiles.ownerOnly(copy));
    try {
      Files.write(copy, former);
      try {
        overwrite(text.getBytes(StandardCharsets.UTF_8));
      } catch (IOException e) {
        overwrite(former);
        throw e;
      }
      Files.delete(copy);
    } catch (IOException e) {
      if (Arrays.equals(Files.readAllBytes(target), former)) {
        Files.deleteIfExists(copy);
      }
      throw e;
    }
  }

  private void overwrite(byte[] bytes) throws IOException {
    try (FileChannel channel = FileChannel.open(target, StandardOpenOption.WRITE)) {
      ByteBuffer buffer = ByteBuffer.wrap(bytes);
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
      channel.truncate(bytes.length);
      channel.force(true);
    }
  }

  private void create(Path file, String text) throws IOException {
    Files.deleteIfExists(file);
    if (personal || model != null) {
      Files.createFile(file, PrivateFiles.ownerOnly(file));
    } else {
      Files.createFile(file);
    }
    Files.writeString(file, text);
  }

  private @Nullable PosixFileAttributes attributesOfModel() throws IOException {
    Path like = model;
    boolean posix =
        like != null
            && Files.exists(like)
            && Files.getFileAttributeView(like, PosixFileAttributeView.class) != null;
    return like != null && posix ? Files.readAttributes(like, PosixFileAttributes.class) : null;
  }

  /** Gives a file the owner and the mode of the one it is like; whether the owner could be kept. */
  private boolean likeModel(Path file) throws IOException {
    PosixFileAttributes wanted = attributes;
    if (wanted == null) {
      return true;
    }
    PosixFileAttributeView view = Files.getFileAttributeView(file, PosixFileAttributeView.class);
    PosixFileAttributes present = view.readAttributes();
    boolean same = true;
    try {
      if (!present.group().equals(wanted.group())) {
        view.setGroup(wanted.group());
      }
      if (!present.owner().equals(wanted.owner())) {
        view.setOwner(wanted.owner());
      }
    } catch (IOException e) {
      same = false;
    }
    view.setPermissions(wanted.permissions());
    return same;
  }

  private Path beside(String end) {
    return target.resolveSibling(
        target.getFileName() + ".peers-" + ProcessHandle.current().pid() + "." + end);
  }

  private void requireUnchanged() throws IOException, ChangedMeanwhile {
    if (!holds(before)) {
      throw new ChangedMeanwhile(name);
    }
  }

  /** Whether this is what the file holds, null if there is none. */
  private boolean holds(@Nullable String text) throws IOException {
    try {
      byte[] present = Files.readAllBytes(target);
      return text != null && Arrays.equals(present, text.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchFileException e) {
      return text == null;
    }
  }
}
