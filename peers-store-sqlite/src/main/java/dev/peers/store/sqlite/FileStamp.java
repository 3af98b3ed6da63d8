package dev.peers.store.sqlite;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import org.jspecify.annotations.Nullable;

/**
 * What the system says of a file without opening it. That matters: the first descriptor of a file
 * that a process closes takes all of the process's locks on it away, SQLite's included.
 *
 * @param key which file it is, whatever its name; empty where the system does not tell
 * @param size in bytes
 * @param modified when it was written last
 * @param regular whether it is a file, not a directory, a pipe or a device
 */
record FileStamp(String key, long size, FileTime modified, boolean regular) {
  /** Looks at a file; null if there is none that can be looked at. */
  static @Nullable FileStamp of(Path file) {
    try {
      BasicFileAttributes found = Files.readAttributes(file, BasicFileAttributes.class);
      Object key = found.fileKey();
      return new FileStamp(
          key == null ? "" : key.toString(),
          found.size(),
          found.lastModifiedTime(),
          found.isRegularFile());
    } catch (IOException e) {
      return null;
    }
  }

  /** Whether another look has found the same file, whatever its content. */
  boolean isSameFile(@Nullable FileStamp other) {
    return other != null && key.equals(other.key);
  }

  /** Whether nobody has written since another look, as far as the system tells. */
  boolean isUnchanged(@Nullable FileStamp other) {
    return other != null && size == other.size && modified.equals(other.modified);
  }
}
