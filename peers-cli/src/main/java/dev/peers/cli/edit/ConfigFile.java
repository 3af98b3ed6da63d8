package dev.peers.cli.edit;

import dev.peers.ErrorCode;
import dev.peers.PeersException;
import dev.peers.local.IoReason;
import dev.peers.local.PrivateFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A file of an agent's configuration.
 *
 * @param path where the agent looks for it; may be a link
 * @param personal whether it is the user's alone, and not a project's
 */
public record ConfigFile(Path path, boolean personal) {
  private static final int MAX_LINKS = 40;

  /** Where the file is kept as it was before the first change. */
  public Path backup() {
    return path.resolveSibling(path.getFileName() + ".peers-backup");
  }

  /** What is in the file, null if there is none. */
  public @Nullable String read() {
    return read(path);
  }

  /** What is in the backup, null if there is none. */
  @Nullable String readBackup() {
    return read(backup());
  }

  /**
   * Looks whether the file can be changed, without changing anything.
   *
   * @param change what is about to happen to it
   * @throws PeersException if it cannot; says why and what to do
   */
  void requireWritable(ConfigChange change) {
    if (change.keepsBackup()) {
      Path directory = directoryOf(path);
      if (!Files.isWritable(directory)) {
        throw refused(
            path
                + " is left alone: its backup would go to "
                + directory
                + ", which may not be written",
            "Make that directory writable for you, and try again");
      }
      requireFile(backup());
    }
    if (!change.changes()) {
      return;
    }
    Path target = target();
    if (Files.exists(target)) {
      if (!Files.isWritable(target)) {
        throw target.equals(path)
            ? refused(path + " may not be written", "Check its owner, its mode and its file system")
            : refused(
                path + " is a link to " + target + ", which may not be written",
                "Make that file writable, add the change where the file is made, or put a file of"
                    + " your own in place of the link");
      }
      requireDirectory(target);
      return;
    }
    Path directory = directoryOf(target);
    while (!Files.exists(directory, LinkOption.NOFOLLOW_LINKS) && directory.getParent() != null) {
      directory = directory.getParent();
    }
    if (!Files.isDirectory(directory)) {
      throw refused(
          path + " cannot be made: " + directory + " is not a directory",
          "Remove or rename " + directory + ", and try again");
    }
    if (!Files.isWritable(directory)) {
      throw refused(
          path + " cannot be made: the directory " + directory + " may not be written",
          "Check its owner, its mode and its file system");
    }
  }

  private void requireDirectory(Path target) {
    Path directory = directoryOf(target);
    if (!Files.isWritable(directory)) {
      throw refused(
          path + " cannot be replaced safely: its directory " + directory + " may not be written",
          "Make that directory writable for you, and try again");
    }
  }

  /** The file itself, at the end of all links, whether it is there or not. */
  Path target() {
    Path target = path;
    try {
      for (int i = 0; Files.isSymbolicLink(target); i++) {
        if (i == MAX_LINKS) {
          throw refused(path + " is a link that leads nowhere", "Remove it, and try again");
        }
        target = target.resolveSibling(Files.readSymbolicLink(target));
      }
    } catch (IOException e) {
      throw failure(path, "cannot be read", e);
    }
    return target.normalize();
  }

  private static Path directoryOf(Path file) {
    Path directory = file.toAbsolutePath().getParent();
    return directory == null ? file.toAbsolutePath() : directory;
  }

  private static @Nullable String read(Path file) {
    requireFile(file);
    try {
      PrivateFiles.requireRegular(file);
      byte[] bytes = Files.readAllBytes(file);
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (NoSuchFileException e) {
      return null;
    } catch (CharacterCodingException e) {
      throw new PeersException(
          ErrorCode.INVALID_ARGUMENT,
          file + " is not text in UTF-8, so it was left alone; fix it and try again",
          e);
    } catch (IOException e) {
      if (!(e instanceof AccessDeniedException) && !Files.exists(file)) {
        // Something above it is no directory, as will be said when the file is to be made.
        return null;
      }
      throw failure(file, "cannot be read", e);
    }
  }

  /** Refuses what is no file before it is opened: a pipe would never end. */
  private static void requireFile(Path file) {
    if (Files.isDirectory(file)) {
      throw refused(
          file + " is a directory, and should be a file",
          "Docker makes such a directory when a container mounts a file that is not there. If it is"
              + " empty, end the container, remove it with rmdir, and try again");
    }
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      throw refused(
          file + " is not a regular file but a pipe, a socket or a device",
          "Put a file in its place, and try again");
    }
  }

  private static PeersException refused(String what, String advice) {
    return new PeersException(ErrorCode.UNAVAILABLE, what + ". " + advice);
  }

  /** A failure of the file system, with what it is and what to do about it. */
  static PeersException failure(Path file, String what, IOException cause) {
    return new PeersException(
        ErrorCode.UNAVAILABLE,
        file + " " + what + ": " + IoReason.brief(cause) + ". " + advice(cause),
        cause);
  }

  private static String advice(IOException cause) {
    return cause instanceof AccessDeniedException
        ? "Check its owner and mode, and those of its directory"
        : "Check its file system: whether it is full, mounted read-only, or gone";
  }
}
