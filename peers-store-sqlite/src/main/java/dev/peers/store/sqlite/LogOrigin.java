package dev.peers.store.sqlite;

import java.io.IOException;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * Tells whether the write-ahead log beside a database was written over it. One that is left behind
 * when another file is put in the database's place, such as a backup, would destroy that.
 *
 * <p>Two things tell. {@link Generation} tells a main file from an earlier or another one. Copies
 * of the same generation are told by the owner file: where the log is the last broker's, and the
 * main file is not the one that it had open, they do not belong together. A main file and a log
 * that were copied back together do.
 */
final class LogOrigin {
  private static final System.Logger LOG = System.getLogger(LogOrigin.class.getName());

  private LogOrigin() {}

  /** Puts a log aside that belongs to another file; nothing may be open. */
  static void settle(DatabaseFiles files, @Nullable OwnerCard last) {
    if (fits(files, last)) {
      return;
    }
    try {
      LOG.log(
          System.Logger.Level.ERROR,
          "the log beside {0} was written over another file than the one that is there now; it is"
              + " not used and was moved to {1}",
          files.main(),
          files.moveSidesAside("unused"));
    } catch (IOException e) {
      throw SqliteDatabase.failure(
          files.main(), "has a log that belongs to another file and cannot be moved aside", e);
    }
  }

  /** Whether what stands in the log, if there is one, is a part of the database. */
  static boolean fits(DatabaseFiles files, @Nullable OwnerCard last) {
    if (!files.hasLog()) {
      return true;
    }
    FileStamp main = FileStamp.of(files.main());
    if (main == null || main.size() == 0) {
      return false;
    }
    if (last != null
        && !last.main().isEmpty()
        && !last.main().equals(main.key())
        && !last.wal().isEmpty()
        && last.wal().equals(LogStamp.of(files.wal(), FileStamp.of(files.wal())))) {
      return false;
    }
    Generation alone;
    try {
      alone = Inspection.generationWithoutLog(files);
    } catch (SQLException e) {
      // The main file is damaged: opening it finds that, and puts both aside.
      return true;
    }
    try {
      return alone.isContinuedBy(Inspection.generationWithLog(files));
    } catch (SQLException e) {
      return SqliteDatabase.isLocked(e);
    }
  }
}
