package dev.peers.mcp.relay;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
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

  private static FileAttribute<?>[] attributes(Path file, String mode) {
    return file.getFileSystem().supportedFileAttributeViews().contains("posix")
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(mode))
        }
        : new FileAttribute<?>[0];
  }
}
