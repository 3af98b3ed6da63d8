package dev.peers.mcp.relay;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import org.jspecify.annotations.Nullable;

/** Files that their owner alone may read and write. */
public final class OwnFiles {
  private OwnFiles() {}

  /**
   * The attributes to make a file with.
   *
   * @param file where it will be
   * @return mode 0600, or nothing where the file system knows no modes
   */
  public static FileAttribute<?>[] ownerOnly(Path file) {
    return attributes(file, "rw-------");
  }

  /**
   * Makes a directory, and those above it, that their owner alone may enter.
   *
   * @param directory which, or null for none
   * @throws IOException if it cannot be made
   */
  public static void makeDirectory(@Nullable Path directory) throws IOException {
    if (directory != null && !Files.isDirectory(directory)) {
      Files.createDirectories(directory, attributes(directory, "rwx------"));
    }
  }

  /**
   * Takes the rights of others away from a file that is there.
   *
   * @param file which file
   * @throws IOException if they cannot be taken
   */
  public static void protect(Path file) throws IOException {
    if (FileSystems.getDefault().supportedFileAttributeViews().contains("posix")) {
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }
  }

  /**
   * Refuses a file in a directory that others may write, where anybody could have put it.
   *
   * @param file a file that exists
   * @param own a file of the same owner as the user's files
   * @throws IOException if the file's directory is another's, or open to others
   */
  static void requireOwn(Path file, Path own) throws IOException {
    Path directory = file.toAbsolutePath().getParent();
    if (directory == null
        || directory.equals(own.toAbsolutePath().getParent())
        || !file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      return;
    }
    PosixFileAttributes attributes =
        Files.readAttributes(directory, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    boolean open =
        attributes.permissions().contains(PosixFilePermission.GROUP_WRITE)
            || attributes.permissions().contains(PosixFilePermission.OTHERS_WRITE);
    if (!attributes.isDirectory()
        || open
        || !attributes.owner().equals(Files.getOwner(own, LinkOption.NOFOLLOW_LINKS))) {
      throw new IOException(
          "the socket's directory "
              + directory
              + " is not this user's alone; remove it, or set CLAUDE_PEERS_DB to a shorter path");
    }
  }

  private static FileAttribute<?>[] attributes(Path file, String mode) {
    return file.getFileSystem().supportedFileAttributeViews().contains("posix")
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(mode))
        }
        : new FileAttribute<?>[0];
  }
}
