package dev.peers.store.sqlite;

import dev.peers.ErrorCode;
import dev.peers.PeersException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;

/**
 * Sees to it that what is acknowledged stands in the files that the next broker opens. After each
 * commit it asks the system about the main file and the log: one that was removed is written again
 * from what is open, before the commit is acknowledged; where the content is lost, because the main
 * file was replaced, overwritten or cut, nothing is acknowledged any more.
 *
 * <p>So that a write into the main file tells something, nothing but {@link #checkpointIfDue} does
 * that, at about the times at which SQLite would by itself. Confined to whoever holds the writer's
 * lock.
 */
final class FileWatch {
  private static final System.Logger LOG = System.getLogger(FileWatch.class.getName());

  /** SQLite's own default, in pages. */
  private static final int CHECKPOINT_PAGES = 1_000;

  private static final int PAUSE_PAGES = 100;
  private static final long CHECKPOINT_BYTES = 4L << 20;

  private final DatabaseFiles files;
  private final DatabaseOwner owner;
  private final String identity;
  private Generation generation;
  // Whether the next transaction is the first of the log.
  private boolean fresh;
  private @Nullable FileStamp main;
  private @Nullable FileStamp log;
  // An estimate of the pages in the log, and its size when it was last moved into the main file.
  private int pages;
  private long movedAt;
  private boolean toldOfCheckpoint;
  // What was open is not what is at the path: nothing is acknowledged any more.
  private @Nullable String lost;
  // Whether what is left of the log belongs to the main file all the same.
  private boolean logIsOwn;

  FileWatch(
      DatabaseFiles files,
      DatabaseOwner owner,
      String identity,
      Generation generation,
      boolean fresh) {
    this.files = files;
    this.owner = owner;
    this.identity = identity;
    this.generation = generation;
    this.fresh = fresh;
  }

  /** From here on the main file is watched; whatever has set it up is closed by now. */
  void start() {
    main = FileStamp.of(files.main());
    writeCard();
  }

  /** The first thing in each transaction. */
  void begin(StoreConnection connection) throws SQLException {
    if (lost != null) {
      throw refusal(lost);
    }
    FileStamp before = log;
    if (before != null) {
      // The transaction would write behind the place where the log was cut.
      FileStamp now = FileStamp.of(files.wal());
      if (before.isSameFile(now) && now != null && now.size() < before.size()) {
        logIsOwn = true;
        throw lose(
            "lost the end of its log "
                + files.wal()
                + ", which was cut while the broker used it. Nothing is accepted until you restart"
                + " the broker with 'peers kill-broker'; the next one has what is left. A backup is"
                + " brought back with 'peers restore'");
      }
    }
    if (fresh) {
      generation.next().write(connection.bare());
    }
  }

  /**
   * To be called after each commit, before anybody is told.
   *
   * @return whether the files are others now, so that all connections must be opened again
   * @throws PeersException if what was committed is not to be acknowledged
   */
  boolean committed(StoreConnection connection) throws SQLException {
    if (fresh) {
      fresh = false;
      generation = generation.next();
      boolean again = verify(connection);
      writeCard();
      return again;
    }
    return verify(connection);
  }

  private boolean verify(StoreConnection connection) throws SQLException {
    if (lost != null) {
      throw refusal(lost);
    }
    FileStamp before = main;
    if (before == null || before.key().isEmpty()) {
      return false;
    }
    FileStamp now = FileStamp.of(files.main());
    if (now == null) {
      writeAgain(connection.bare());
      return true;
    }
    if (!before.isSameFile(now)) {
      throw lose(
          "was replaced by another file while the broker used it"
              + saved(connection.bare())
              + ". Nothing is accepted until you restart the broker with 'peers kill-broker'; the"
              + " next one uses the file that is there now. To bring a backup back use 'peers"
              + " restore', which needs no restart");
    }
    if (!before.isUnchanged(now)) {
      requireSameContent(before, now);
    }
    FileStamp logNow = FileStamp.of(files.wal());
    if (log != null && !log.isSameFile(logNow)) {
      writeLogAgain(connection.bare(), logNow != null);
      return true;
    }
    boolean first = log == null && logNow != null;
    log = logNow;
    if (first) {
      writeCard();
    }
    return false;
  }

  /** Another program may move the log into the main file; nothing else may be written to it. */
  private void requireSameContent(FileStamp before, FileStamp present) {
    boolean same = false;
    if (present.size() >= before.size()) {
      try (Connection reader = Inspection.openWithLog(files)) {
        same = Inspection.generationWithoutLog(files).isContinuedBy(generation);
        SqliteDatabase.requireSound(reader, "quick_check");
      } catch (SQLException e) {
        same = SqliteDatabase.isLocked(e);
        LOG.log(System.Logger.Level.DEBUG, "{0}: {1}", files.main(), e.getMessage());
      }
    }
    if (!same) {
      throw lose(
          "was "
              + (present.size() < before.size() ? "cut" : "overwritten")
              + " by another program while the broker used it. Nothing is accepted until you restart"
              + " the broker with 'peers kill-broker'; the next one uses the file as it is now. To"
              + " bring a backup back use 'peers restore', which needs no restart");
    }
    main = present;
    LOG.log(
        System.Logger.Level.INFO, "another program has written to the database {0}", files.main());
  }

  private PeersException lose(String what) {
    lost = what;
    PeersException refusal = refusal(what);
    LOG.log(System.Logger.Level.ERROR, refusal.getMessage());
    return refusal;
  }

  private PeersException refusal(String what) {
    return new PeersException(ErrorCode.STORE_FAILED, "the database " + files.main() + " " + what);
  }

  /** The old content is there as long as it is open. */
  private String saved(Connection connection) {
    Path copy = files.freeName("replaced");
    try {
      DatabaseCopy.write(connection, files.freeName("copy"), copy, false, sound -> {});
      return ", and what it held until then is in " + copy;
    } catch (SQLException | IOException e) {
      LOG.log(System.Logger.Level.ERROR, "what {0} held cannot be saved: {1}", files.main(), e);
      return "";
    }
  }

  /** In whole or not at all: a part of it would be taken for a file that took its place. */
  private void writeAgain(Connection connection) throws SQLException {
    try {
      Generation[] written = new Generation[1];
      // A log that belonged to the deleted file would be taken for the new one's.
      DatabaseCopy.write(
          connection,
          files.freeName("copy"),
          files.main(),
          false,
          copy -> {
            written[0] = Generation.read(copy);
            deleteSides();
          });
      generation = written[0];
    } catch (IOException e) {
      throw SqliteDatabase.failure(files.main(), "was deleted and cannot be made again", e);
    }
    beginAnew();
    LOG.log(
        System.Logger.Level.ERROR,
        "{0} was deleted while the broker used it; it was written again with all it held",
        files.main());
  }

  private void deleteSides() {
    try {
      files.deleteSides();
    } catch (IOException e) {
      throw SqliteDatabase.failure(files.main(), "was deleted, and its log cannot be", e);
    }
  }

  /** All that the removed log holds goes into the main file; a new log begins with the next. */
  private void writeLogAgain(Connection connection, boolean replaced) throws SQLException {
    if (!checkpoint(connection, "TRUNCATE")) {
      throw refusal(
          "lost its log "
              + files.wal()
              + ", which was removed while the broker used it, and it cannot be written again while"
              + " another program reads the database; end that program");
    }
    if (replaced) {
      try {
        files.moveSidesAside("unused");
      } catch (IOException e) {
        throw SqliteDatabase.failure(files.main(), "has a log that is not its own", e);
      }
    }
    beginAnew();
    LOG.log(
        System.Logger.Level.ERROR,
        "{0} was removed while the broker used it; what it held was written into {1}",
        files.wal(),
        files.main());
  }

  private void beginAnew() {
    main = FileStamp.of(files.main());
    log = null;
    fresh = true;
    pages = 0;
    movedAt = 0;
    writeCard();
  }

  /**
   * Moves the log into the main file where there is enough in it.
   *
   * @param written about how many pages were written since the last call
   */
  void checkpointIfDue(StoreConnection connection, int written) {
    pages += written;
    long size = log == null ? 0 : log.size();
    if (lost != null || (pages < CHECKPOINT_PAGES && size - movedAt < CHECKPOINT_BYTES)) {
      return;
    }
    try (Statement statement = connection.bare().createStatement()) {
      // Who reads is not waited for.
      statement.execute("PRAGMA busy_timeout = 0");
      try {
        boolean all = checkpoint(connection.bare(), "RESTART");
        fresh |= all;
        pages = all ? 0 : CHECKPOINT_PAGES - PAUSE_PAGES;
        toldOfCheckpoint = false;
      } finally {
        statement.execute("PRAGMA busy_timeout = 5000");
      }
    } catch (SQLException e) {
      pages = CHECKPOINT_PAGES - PAUSE_PAGES;
      if (!toldOfCheckpoint) {
        toldOfCheckpoint = true;
        LOG.log(
            System.Logger.Level.WARNING,
            "the log of {0} cannot be moved into it and grows: {1}",
            files.main(),
            e.getMessage());
      }
    }
    movedAt = size;
    main = FileStamp.of(files.main());
  }

  /** Whether the main file has all that stood in the log, so that this begins anew. */
  static boolean checkpoint(Connection connection, String mode) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("PRAGMA wal_checkpoint(" + mode + ")")) {
      boolean truncated = row.getInt(1) == 0;
      return mode.equals("TRUNCATE") ? truncated : row.getInt(2) == row.getInt(3);
    }
  }

  /**
   * To be called before the last connection is closed, with which SQLite moves the log into the
   * main file, unless another one is at its path: then that is left as it is.
   */
  void end(StoreConnection connection) {
    try {
      verify(connection);
    } catch (SQLException | PeersException e) {
      LOG.log(System.Logger.Level.DEBUG, "at the end: {0}", e.getMessage());
    }
    FileStamp now = FileStamp.of(files.main());
    if (lost == null || main == null || !main.isSameFile(now)) {
      return;
    }
    try {
      Path copy = files.freeName("copy");
      Files.copy(files.main(), copy);
      DatabaseFiles.protect(copy);
      Files.move(copy, files.main(), StandardCopyOption.ATOMIC_MOVE);
      if (logIsOwn) {
        main = FileStamp.of(files.main());
        writeCard();
      }
    } catch (IOException e) {
      LOG.log(
          System.Logger.Level.ERROR,
          "{0} may be written to with a log that is not its own: {1}",
          files.main(),
          e);
    }
  }

  /** To be called after the last connection was closed. */
  void close() {
    if (lost == null || logIsOwn) {
      return;
    }
    try {
      if (files.hasLog()) {
        LOG.log(
            System.Logger.Level.WARNING,
            "the log of the database as it was is in {0}",
            files.moveSidesAside("unused"));
      }
    } catch (IOException e) {
      LOG.log(System.Logger.Level.ERROR, "the log of {0} cannot be moved: {1}", files.main(), e);
    }
  }

  private void writeCard() {
    try {
      owner.write(
          new OwnerCard(
              ProcessHandle.current().pid(),
              key(main),
              LogStamp.of(files.wal(), log),
              identity,
              generation.number()));
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "{0} is not written: {1}", files.owner(), e.toString());
    }
  }

  private static String key(@Nullable FileStamp stamp) {
    return stamp == null ? "" : stamp.key();
  }
}
