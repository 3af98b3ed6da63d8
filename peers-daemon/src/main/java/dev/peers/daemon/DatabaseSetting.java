package dev.peers.daemon;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Whether {@code CLAUDE_PEERS_DB} names what a broker could use, as far as the first page tells.
 * The store has the last word: a file that may be a damaged database of Peers is left to it.
 *
 * @see <a href="https://www.sqlite.org/fileformat2.html">the format of SQLite's files</a>
 */
public final class DatabaseSetting {
  public static final String MAGIC = "SQLite format 3\0";

  private static final String VARIABLE = "CLAUDE_PEERS_DB";
  private static final int FIRST_PAGE = 4096;
  private static final int APPLICATION_ID_AT = 68;
  private static final int PEERS = 0x50656572;
  private static final int PAGE_TYPE_AT = 100;
  private static final int LEAF = 0x0d;
  private static final int ROWS_AT = 103;

  private DatabaseSetting() {}

  /**
   * Refuses a file that is another program's. Not while this process has it open.
   *
   * @throws Config.InvalidSetting if the variable is set, and names such a file
   */
  static void require(Config config) {
    String value = config.environment().getOrDefault(VARIABLE, "").strip();
    String found = value.isEmpty() ? null : foreign(config.files().database());
    if (found != null) {
      throw new Config.InvalidSetting(
          VARIABLE
              + " is '"
              + value
              + "'; expected the path of a database of Peers, or one where there is no file yet, and "
              + found
              + ". It is left as it is");
    }
  }

  /** What the file is instead; null if it may be a database of Peers. */
  private static @Nullable String foreign(Path file) {
    if (Files.isDirectory(file)) {
      return "that is a directory";
    }
    if (!Files.exists(file)) {
      return null;
    }
    if (!Files.isRegularFile(file)) {
      return "that is a device, a pipe or a socket";
    }
    try (var in = Files.newInputStream(file)) {
      byte[] page = in.readNBytes(FIRST_PAGE);
      if (page.length == 0 || Files.exists(beside(file, ".suspect"))) {
        return null;
      }
      if (!new String(page, StandardCharsets.ISO_8859_1).startsWith(MAGIC)) {
        return Files.exists(beside(file, ".owner")) ? null : "that file is not a database";
      }
      return isAnotherPrograms(file, page) ? "that file is another program's database" : null;
    } catch (IOException e) {
      // Opening it says why it cannot be read.
      return null;
    }
  }

  private static boolean isAnotherPrograms(Path file, byte[] page) throws IOException {
    if (page.length <= ROWS_AT + 1) {
      return false;
    }
    int application = ByteBuffer.wrap(page).getInt(APPLICATION_ID_AT);
    Path log = beside(file, "-wal");
    if (application == PEERS
        || Files.exists(beside(file, ".owner"))
        || (Files.exists(log) && Files.size(log) > 0)) {
      return false;
    }
    // Old versions wrote no id. A leaf has all declarations of tables, where there are any.
    boolean tables = page[PAGE_TYPE_AT] == LEAF && (page[ROWS_AT] != 0 || page[ROWS_AT + 1] != 0);
    return application != 0
        || (tables && !new String(page, StandardCharsets.ISO_8859_1).contains("session_key"));
  }

  private static Path beside(Path file, String suffix) {
    return file.resolveSibling(file.getFileName() + suffix);
  }
}
