package dev.peers.store.sqlite;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/**
 * A file that says: damage was met in the database beside it; check when it is opened next.
 *
 * @param file its path
 */
record DamageMark(Path file) {
  /** How SQLite's driver begins what it says. */
  private static final String BEGIN = "[SQLITE_";

  /** Whether there is one. */
  boolean isSet() {
    return Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) && isOurs();
  }

  /** Whether nothing else is in its place. */
  boolean isOurs() {
    if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      return true;
    }
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      return false;
    }
    try (InputStream in = Files.newInputStream(file)) {
      byte[] head = in.readNBytes(BEGIN.length());
      return head.length == 0 || new String(head, StandardCharsets.ISO_8859_1).equals(BEGIN);
    } catch (IOException e) {
      return false;
    }
  }

  void set(String reason) throws IOException {
    if (isOurs()) {
      DatabaseFiles.make(file);
      Files.writeString(file, reason.startsWith(BEGIN) ? reason : BEGIN + "CORRUPT] " + reason);
    }
  }

  void remove() throws IOException {
    if (isOurs()) {
      Files.deleteIfExists(file);
    }
  }
}
