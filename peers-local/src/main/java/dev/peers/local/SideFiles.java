package dev.peers.local;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;

/**
 * Tells the files that a broker keeps beside its database from the user's own that happen to have
 * such names: a file is empty, or begins as Peers writes it, or it is refused by name and left as
 * it is. The token file and that with the keys are read in whole, and the store knows its own
 * files.
 *
 * @since 0.1
 */
public final class SideFiles {
  private static final int MAX_HEAD = 8192;
  private static final int FILE_TYPE = 0170000;
  private static final int SOCKET = 0140000;

  /** Where the date and the time of a line of the log end, in UTC. */
  private static final int TIME_END = "2026-01-01T00:00:00".length();

  private static final int DATE_END = "2026-01-01".length();

  private SideFiles() {}

  /**
   * Refuses what is not a broker's, before anything is made beside it.
   *
   * @param files the files of a broker
   * @throws IOException if one of them is something else, with its name and what to do
   */
  public static void requireOurs(BrokerFiles files) throws IOException {
    requireLog(files.log());
    requireLog(former(files.log()));
    requireSocket(files.socket());
  }

  /**
   * The name that a log gets when it is long.
   *
   * @param log the log
   * @return a path beside it
   */
  public static Path former(Path log) {
    return log.resolveSibling(log.getFileName() + ".1");
  }

  /**
   * Refuses what is not a log of a broker's.
   *
   * @param file which file; one that is not there is fine
   * @throws IOException if it is something else
   */
  public static void requireLog(Path file) throws IOException {
    PrivateFiles.requireRegular(file);
    if (!Files.exists(file)) {
      return;
    }
    String head;
    try (InputStream in = Files.newInputStream(file)) {
      head = new String(in.readNBytes(MAX_HEAD), StandardCharsets.UTF_8);
    }
    // A JVM, or a shell, may have said something before the broker did.
    for (String line : head.split("\n", -1)) {
      if (isRecord(line)) {
        return;
      }
    }
    if (!head.isEmpty()) {
      throw foreign(file, "is not a log of Peers");
    }
  }

  /** What a new log begins with: whatever a JVM writes next, the file is known by it. */
  static String firstLine() {
    return Instant.now().toString() + " INFO Log: of a broker of Peers\n";
  }

  private static boolean isRecord(String line) {
    int zone = line.indexOf("Z ");
    return zone >= TIME_END
        && line.charAt(DATE_END) == 'T'
        && (line.startsWith(StartedBroker.INFO, zone)
            || line.startsWith(StartedBroker.WARNING, zone)
            || line.startsWith(StartedBroker.SEVERE, zone));
  }

  /**
   * Refuses what is not a socket, and so not one that a former broker has left.
   *
   * @param path the socket's path; if nothing is there, that is fine
   * @throws IOException if something else is there
   */
  public static void requireSocket(Path path) throws IOException {
    boolean socket;
    try {
      socket =
          path.getFileSystem().supportedFileAttributeViews().contains("unix")
              ? ((int) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS) & FILE_TYPE)
                  == SOCKET
              : Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                  .isOther();
    } catch (NoSuchFileException e) {
      return;
    }
    if (!socket) {
      throw foreign(path, "is not a socket");
    }
  }

  /** Refuses a lock file by what is in it: the card of a broker, or nothing yet. */
  static void requireCard(Path file, String content) throws IOException {
    // After a power failure a system may have a length, and zeros for what was to be written.
    if (!content.isEmpty() && content.charAt(0) != 0 && !content.startsWith("{\"pid\":")) {
      throw foreign(file, "is not a lock file of Peers");
    }
  }

  private static IOException foreign(Path file, String what) {
    return new IOException(
        file
            + " "
            + what
            + "; it is left as it is. Move it away, or set CLAUDE_PEERS_DB to a path with another"
            + " name");
  }
}
