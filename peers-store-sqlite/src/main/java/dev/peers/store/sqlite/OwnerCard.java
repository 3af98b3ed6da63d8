package dev.peers.store.sqlite;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the owner file says: which process has the database open, or had it last, and which files
 * these were. The latter tells at the next start whether the files at their paths are still those.
 *
 * @param pid the process
 * @param main the key of the main file; empty if unknown
 * @param wal which write-ahead log, see {@link LogStamp}; empty if unknown
 * @param identity the identity of the database; empty if unknown
 * @param generation its {@link Generation}
 */
record OwnerCard(long pid, String main, String wal, String identity, int generation) {
  /** Whether a file begins as a card does, or has nothing in it yet. */
  static boolean isOurs(String text) {
    // After a power failure a system may have a length, and zeros for what was to be written.
    return text.isEmpty() || text.charAt(0) == 0 || text.startsWith("pid=");
  }

  /** Reads a card; null if it is none, such as one that was being written at a power failure. */
  static @Nullable OwnerCard parse(String text) {
    Map<String, String> fields = new HashMap<>();
    for (String line : text.split("\n", -1)) {
      int equals = line.indexOf('=');
      if (equals > 0) {
        fields.put(line.substring(0, equals), line.substring(equals + 1));
      }
    }
    try {
      return fields.containsKey("end")
          ? new OwnerCard(
              Long.parseLong(fields.getOrDefault("pid", "")),
              fields.getOrDefault("main", ""),
              fields.getOrDefault("wal", ""),
              fields.getOrDefault("identity", ""),
              Integer.parseInt(fields.getOrDefault("generation", "")))
          : null;
    } catch (NumberFormatException e) {
      return null;
    }
  }

  String write() {
    return "pid="
        + pid
        + "\nmain="
        + main
        + "\nwal="
        + wal
        + "\nidentity="
        + identity
        + "\ngeneration="
        + generation
        + "\nend=\n";
  }
}
