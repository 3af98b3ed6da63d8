package dev.peers.local;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A broker that was started a moment ago. It is nobody's child, so there is no exit code: that it
 * has ended is told by its process, and why by what it has added to the log.
 */
final class StartedBroker {
  private static final int MAX_TAIL = 4096;

  /** How a line of the log begins that says why a broker ends. */
  static final String SEVERE = "Z SEVERE ";

  static final String INFO = "Z INFO ";
  static final String WARNING = "Z WARNING ";

  private final BrokerProcess process;
  private final Path log;
  private final long logged;

  /**
   * Takes note of one.
   *
   * @param logged how long the log was before
   */
  StartedBroker(BrokerProcess process, Path log, long logged) {
    this.process = process;
    this.log = log;
    this.logged = logged;
  }

  boolean hasEnded() {
    return process.hasEnded();
  }

  /** Why it failed; null if it says nothing, as one does that a signal has ended. */
  @Nullable String failure() {
    String line = lastLine(log, logged);
    if (line.isEmpty() || line.startsWith("#") || line.contains(INFO) || line.contains(WARNING)) {
      return null;
    }
    return plain(line);
  }

  /** What the log ends with, for a sentence to go on with. */
  static String lastWords(Path log) {
    String line = lastLine(log, 0);
    return line.isEmpty() || line.contains(INFO) ? "; see " + log : ": " + plain(line);
  }

  /**
   * Removes a log that tells of nothing but starts that failed: what refuses the user's files
   * leaves none of its own beside them.
   */
  void withdrawLog() {
    try {
      if (Files.size(log) < MAX_TAIL) {
        List<String> lines = Files.readAllLines(log);
        if (lines.stream().skip(1).allMatch(line -> line.contains(SEVERE))) {
          Files.delete(log);
        }
      }
    } catch (IOException e) {
      // Then it stays.
    }
  }

  /** Without the time, the level and the logger's name. */
  private static String plain(String line) {
    int start = line.indexOf(SEVERE);
    return start < 0 ? line : line.substring(line.indexOf(": ", start) + 2);
  }

  private static String lastLine(Path file, long from) {
    try {
      PrivateFiles.requireRegular(file);
      try (RandomAccessFile log = new RandomAccessFile(file.toFile(), "r")) {
        long length = log.length();
        // A log that has become shorter was put aside, and begun anew.
        long start = Math.max(length < from ? 0 : from, length - MAX_TAIL);
        byte[] tail = new byte[(int) (length - start)];
        log.seek(start);
        log.readFully(tail);
        String[] lines = new String(tail, StandardCharsets.UTF_8).stripTrailing().split("\n", -1);
        int last = lines.length - 1;
        // What is indented belongs to what is above it.
        while (last > 0 && !lines[last].isEmpty() && lines[last].charAt(0) <= ' ') {
          last--;
        }
        return lines[last].strip();
      }
    } catch (IOException e) {
      return "";
    }
  }
}
