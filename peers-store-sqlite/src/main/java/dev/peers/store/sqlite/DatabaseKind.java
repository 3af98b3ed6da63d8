package dev.peers.store.sqlite;

import dev.peers.ErrorCode;
import dev.peers.FileReason;
import dev.peers.PeersException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Tells a file that Peers wrote from any other. Only the former is ever changed, moved or replaced,
 * however damaged it is; the latter is refused by name.
 */
final class DatabaseKind {
  private static final String MAGIC = "SQLite format 3\0";
  private static final int APPLICATION_ID_AT = 68;
  private static final int FIRST_PAGE = 4096;
  private static final int INDEX_VERSION = 3_007_000;
  private static final String ELSEWHERE =
      " It is left as it is. Set CLAUDE_PEERS_DB to the path of a database of Peers, or to one where"
          + " there is no file yet";

  /**
   * How SQLite's side files begin: not written yet, or no longer valid; a log, in either byte order
   * of its sums; the log's index, in that of the machine; a journal.
   */
  private static final Set<Integer> SIDES_BEGIN =
      Set.of(
          0,
          0x377f0682,
          0x377f0683,
          INDEX_VERSION,
          Integer.reverseBytes(INDEX_VERSION),
          0xd9d505f9);

  private DatabaseKind() {}

  /**
   * Refuses what is not ours. Not while this process has the file open: the file is opened here.
   *
   * @param last what the owner file says; null if nothing
   * @throws PeersException if Peers did not write it, or if it cannot be read
   */
  static void requireOurs(DatabaseFiles files, @Nullable OwnerCard last) {
    Path file = files.main();
    FileStamp stamp = FileStamp.of(file);
    if (stamp == null) {
      if (Files.isSymbolicLink(file)) {
        throw refused(file, "is a link to a file that is not there or not to be read.");
      }
      return;
    }
    if (!stamp.regular()) {
      throw refused(
          file,
          Files.isDirectory(file)
              ? "is a directory."
              : "is neither a file nor a directory but a device, a pipe or a socket.");
    }
    if (stamp.size() == 0) {
      return;
    }
    boolean known =
        files.damage().isSet()
            || (last != null && !stamp.key().isEmpty() && last.main().equals(stamp.key()));
    byte[] page = first(file, FIRST_PAGE);
    if (!new String(page, StandardCharsets.ISO_8859_1).startsWith(MAGIC)) {
      if (!known) {
        throw refused(file, "is not a database: it does not begin as SQLite's files do.");
      }
      return;
    }
    int application =
        page.length < APPLICATION_ID_AT + 4 ? 0 : ByteBuffer.wrap(page).getInt(APPLICATION_ID_AT);
    if (application != Inspection.APPLICATION_ID) {
      requireOurTables(files, page, application, known);
    }
  }

  /**
   * Refuses what is not ours, or SQLite's, beside the main file. Not while this process has the
   * database open.
   *
   * @throws PeersException if the user, or another program, has put it there
   */
  static void requireOurSides(DatabaseFiles files) {
    if (!files.damage().isOurs()) {
      throw foreign(files.damage().file(), "is not a note of Peers about damage.");
    }
    for (Path side : files.sides()) {
      if (Files.exists(side, LinkOption.NOFOLLOW_LINKS)
          && !(Files.isRegularFile(side, LinkOption.NOFOLLOW_LINKS)
              && SIDES_BEGIN.contains(firstNumber(side)))) {
        throw foreign(side, "is not a file of SQLite's.");
      }
    }
  }

  /** The first four bytes; zero where there are fewer. */
  private static int firstNumber(Path file) {
    byte[] bytes = first(file, Integer.BYTES);
    return bytes.length < Integer.BYTES ? 0 : ByteBuffer.wrap(bytes).getInt();
  }

  /** Versions before the fourth schema wrote no application id. */
  private static void requireOurTables(
      DatabaseFiles files, byte[] page, int application, boolean known) {
    Inspection found;
    try {
      found = Inspection.of(files);
    } catch (SQLException e) {
      // The first page has the text of the tables' declarations.
      String text = new String(page, StandardCharsets.ISO_8859_1);
      if (known || (text.contains("session_key") && text.contains("idempotency_key"))) {
        return;
      }
      throw refused(
          files.main(),
          "is a damaged SQLite database, and nothing shows that it is one of Peers ("
              + e.getMessage()
              + ").");
    }
    boolean ours = found.peers() && found.schema() > 0 && (application == 0 || known);
    if (!ours && (found.tables() || application != 0)) {
      throw refused(
          files.main(),
          "is another program's SQLite database, such as the original claude-peers'.");
    }
  }

  private static byte[] first(Path file, int count) {
    try (InputStream in = Files.newInputStream(file)) {
      return in.readNBytes(count);
    } catch (IOException e) {
      throw new PeersException(
          ErrorCode.STORE_FAILED,
          "the database "
              + file
              + " cannot be read: "
              + FileReason.of(e)
              + ". Check the file's owner and mode, or set CLAUDE_PEERS_DB to another path",
          e);
    }
  }

  /** A refusal of a file beside the database. */
  static PeersException foreign(Path file, String what) {
    return new PeersException(
        ErrorCode.STORE_FAILED,
        file
            + " "
            + what
            + " It is left as it is. Move it away, or set CLAUDE_PEERS_DB to a path with another"
            + " name");
  }

  private static PeersException refused(Path file, String what) {
    return new PeersException(
        ErrorCode.STORE_FAILED, "the database path " + file + " " + what + ELSEWHERE);
  }
}
