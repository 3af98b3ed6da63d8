package dev.peers.local;

import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileSystems;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Files that their owner alone may read and write, and that nobody else has put there.
 *
 * @since 0.1
 */
public final class PrivateFiles {
  private static final int MAX_TRIES = 10;

  private static final int STICKY = 01000;

  private PrivateFiles() {}

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
   * Refuses what is no plain file, before it is opened: the opening of a named pipe waits for a
   * partner, and a device may have no end.
   *
   * @param file which file; one that is not there is fine
   * @throws IOException if there is a directory, a named pipe, a socket or a device, or if that
   *     cannot be told
   */
  public static void requireRegular(Path file) throws IOException {
    BasicFileAttributes found;
    try {
      found = Files.readAttributes(file, BasicFileAttributes.class);
    } catch (NoSuchFileException e) {
      return;
    }
    if (!found.isRegularFile()) {
      throw new IOException(
          file
              + " is "
              + (found.isDirectory() ? "a directory" : "a named pipe, a socket or a device")
              + "; expected a plain file. Move it away, or name a file elsewhere");
    }
  }

  /**
   * Refuses a file that another user could have put where it is, directory and all. In a directory
   * that its owner alone may write nobody could; in others a file must be the caller's own, and no
   * link.
   *
   * @param file which file; one that is not there is fine, its directory is looked at all the same
   * @throws IOException if the file is another's or a link, or if anybody may replace it
   */
  public static void requireOwn(Path file) throws IOException {
    Path directory = file.toAbsolutePath().getParent();
    if (directory != null) {
      requireOwnEntry(directory);
      requireOwnEntry(file);
    }
  }

  private static void requireOwnEntry(Path file) throws IOException {
    Path directory = file.toAbsolutePath().getParent();
    if (directory == null
        || !Files.isDirectory(directory)
        || !file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      return;
    }
    Set<PosixFilePermission> modes = Files.getPosixFilePermissions(directory);
    boolean anybody = modes.contains(PosixFilePermission.OTHERS_WRITE);
    if (!anybody && !modes.contains(PosixFilePermission.GROUP_WRITE)) {
      return;
    }
    if (anybody && ((int) Files.getAttribute(directory, "unix:mode") & STICKY) == 0) {
      throw new IOException(
          "any user may replace the files in "
              + directory
              + "; take the others' right to write there away (chmod o-w), or set CLAUDE_PEERS_DB"
              + " to a path in a directory of your own");
    }
    PosixFileAttributes found;
    try {
      found = Files.readAttributes(file, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    } catch (NoSuchFileException e) {
      return;
    }
    if (found.isSymbolicLink() || !found.owner().equals(self(directory))) {
      throw new IOException(
          file
              + (found.isSymbolicLink() ? " is a link" : " belongs to " + found.owner().getName())
              + " in a directory that others may write, so another user may have put it there;"
              + " remove it, or set CLAUDE_PEERS_DB to a path in a directory of your own");
    }
  }

  /** Who this process is, told by what belongs to it. */
  private static UserPrincipal self(Path directory) throws IOException {
    String name = ".claude-peers-" + CurrentProcess.look().pid() + "-" + System.nanoTime();
    Path probe = Files.createFile(directory.resolve(name));
    try {
      return Files.getOwner(probe);
    } finally {
      Files.delete(probe);
    }
  }

  private static FileAttribute<?>[] attributes(Path file, String mode) {
    return file.getFileSystem().supportedFileAttributeViews().contains("posix")
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(mode))
        }
        : new FileAttribute<?>[0];
  }

  /**
   * Deletes a directory and what is in it.
   *
   * @param directory the directory, which need not exist; links in it are not followed
   * @throws IOException if something in it cannot be deleted, or others go on writing into it
   */
  public static void deleteTree(Path directory) throws IOException {
    for (int tries = 1; ; tries++) {
      try {
        if (Files.exists(directory)) {
          Files.walkFileTree(directory, new Deletion());
        }
        return;
      } catch (DirectoryNotEmptyException | NoSuchFileException e) {
        // A process that ends wrote or deleted a file meanwhile.
        if (tries == MAX_TRIES) {
          throw e;
        }
      }
    }
  }

  private static final class Deletion extends SimpleFileVisitor<Path> {
    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
      Files.deleteIfExists(file);
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure)
        throws IOException {
      if (failure != null) {
        throw failure;
      }
      Files.deleteIfExists(directory);
      return FileVisitResult.CONTINUE;
    }
  }
}
