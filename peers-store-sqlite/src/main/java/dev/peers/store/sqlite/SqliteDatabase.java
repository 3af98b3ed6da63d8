package dev.peers.store.sqlite;

import dev.peers.ErrorCode;
import dev.peers.PeersException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Properties;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.sqlite.JDBC;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/** One SQLite file: how it is made, set up, brought up to date and, if broken, moved aside. */
final class SqliteDatabase {
  private static final System.Logger LOG = System.getLogger(SqliteDatabase.class.getName());
  private static final long QUICK_CHECK_BYTES = 16 << 20;
  private static final String[] SIDE_FILES = {"-wal", "-shm"};

  private final Path file;
  private final String url;
  // Once connections are open, for the writer's thread alone.
  private @Nullable Object mark;

  private SqliteDatabase(Path file) {
    this.file = file;
    // As a URI, so that no character of the path is taken for an option.
    this.url = "jdbc:sqlite:" + file.toUri();
  }

  static SqliteDatabase open(Path file) {
    try {
      return openOnce(file);
    } catch (SQLException e) {
      if (!isBroken(e)) {
        throw failure(file, "cannot be opened", e);
      }
      Path aside = moveAside(file, e);
      LOG.log(
          System.Logger.Level.ERROR,
          "{0} is not a usable database ({1}); it was moved to {2} and a new one is made."
              + " Mail that was waiting in it is there still",
          file,
          e.getMessage(),
          aside);
      try {
        return openOnce(file);
      } catch (SQLException again) {
        throw failure(file, "cannot be made anew", again);
      }
    }
  }

  /** Opens a connection, set up; the caller closes it. */
  StoreConnection connect() {
    try {
      return openConnection();
    } catch (SQLException e) {
      throw failure(file, "cannot be opened", e);
    }
  }

  private StoreConnection openConnection() throws SQLException {
    Connection connection = openBare();
    try (Statement statement = connection.createStatement()) {
      // First of all: the next statement may already meet a lock.
      statement.execute("PRAGMA busy_timeout = 5000");
      statement.execute("PRAGMA journal_mode = WAL");
      // With FULL a commit is on the disk, not just with the system, when it returns.
      statement.execute("PRAGMA synchronous = FULL");
      return new StoreConnection(connection);
    } catch (SQLException | RuntimeException e) {
      connection.close();
      throw e;
    }
  }

  /** Not by way of the driver manager, which would set up each driver there is. */
  private Connection openBare() throws SQLException {
    Properties options = new Properties();
    // One that reads first and then writes would fail whenever another program wrote in between.
    // By name: before 3.45 the driver's enum of options cannot be the first of its classes.
    options.setProperty("transaction_mode", "IMMEDIATE");
    return JDBC.createConnection(url, options);
  }

  Path file() {
    return file;
  }

  /**
   * Tells this file from another that may take its place; null where the system has no such mark.
   */
  private static @Nullable Object mark(Path file) {
    try {
      return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
    } catch (IOException e) {
      return null;
    }
  }

  /**
   * Makes sure that what a connection has written stands in the file that the next broker will
   * open. A file that was deleted is made again, with all that the connection still sees.
   *
   * @param connection one to the file as it was
   * @return whether the file is another one now, so that all connections must be opened again
   * @throws PeersException if a foreign file has taken its place
   */
  boolean restore(Connection connection) throws SQLException {
    Object now = mark(file);
    if (mark == null || mark.equals(now)) {
      return false;
    }
    if (now != null) {
      throw new PeersException(
          ErrorCode.STORE_FAILED,
          "the database "
              + file
              + " was replaced by another file while the broker used it; restart the broker with"
              + " 'peers kill-broker' to use that one");
    }
    try {
      writeAgain(connection);
    } catch (IOException e) {
      throw failure(file, "was deleted and cannot be made again", e);
    }
    mark = mark(file);
    LOG.log(
        System.Logger.Level.ERROR,
        "{0} was deleted while the broker used it; it was written again with all it held",
        file);
    return true;
  }

  /** In whole or not at all: a part of it would be taken for a file that took its place. */
  private void writeAgain(Connection connection) throws SQLException, IOException {
    Path copy = file.resolveSibling(file.getFileName() + ".copy");
    try {
      Files.deleteIfExists(copy);
      try (PreparedStatement vacuum = connection.prepareStatement("VACUUM INTO ?")) {
        vacuum.setString(1, copy.toString());
        vacuum.execute();
      }
      protect(copy);
      try (FileChannel channel = FileChannel.open(copy, StandardOpenOption.WRITE)) {
        channel.force(true);
      }
      // A log that belonged to the deleted file would be taken for the new one's.
      for (String side : SIDE_FILES) {
        Files.deleteIfExists(file.resolveSibling(file.getFileName() + side));
      }
      Files.move(copy, file);
      sync(file.resolveSibling("."));
    } finally {
      Files.deleteIfExists(copy);
      Files.deleteIfExists(copy.resolveSibling(copy.getFileName() + "-journal"));
    }
  }

  /** Has the disk remember what a directory holds; not every system offers that. */
  private static void sync(Path directory) {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "{0} is not synced: {1}", directory, e.getMessage());
    }
  }

  static PeersException failure(Path file, String what, Throwable cause) {
    Throwable root = cause.getCause() instanceof SQLiteException sqlite ? sqlite : cause;
    if (isBroken(cause)) {
      try {
        makeFile(suspicion(file));
        Files.writeString(suspicion(file), String.valueOf(root.getMessage()));
      } catch (IOException | PeersException e) {
        cause.addSuppressed(e);
      }
      return new PeersException(
          ErrorCode.STORE_FAILED,
          "the database "
              + file
              + " is damaged: "
              + root.getMessage()
              + ". Stop the broker with 'peers kill-broker'; the next one puts the file aside and"
              + " makes a new one",
          cause);
    }
    return new PeersException(
        ErrorCode.STORE_FAILED,
        "the database "
            + file
            + " "
            + what
            + ": "
            + root.getMessage()
            + (isLocked(cause)
                ? ". Another program keeps it locked: end that, or have it keep its locks for less"
                    + " than 5 seconds"
                : ". Check the disk's space and the file's owner and mode, or set CLAUDE_PEERS_DB to"
                    + " another path"),
        cause);
  }

  private static SqliteDatabase openOnce(Path file) throws SQLException {
    makeFile(file);
    SqliteDatabase database = new SqliteDatabase(file);
    // Before anything is set: in a file of another program nothing is changed.
    try (Connection connection = database.openBare()) {
      Migrations.requireKnown(file, connection);
    }
    try (StoreConnection connection = database.openConnection()) {
      Migrations.apply(file, connection);
      check(file, connection.bare());
    }
    database.mark = mark(file);
    return database;
  }

  /** Looks for damage: always where that takes no time, else where damage was met before. */
  private static void check(Path file, Connection connection) throws SQLException {
    Path suspicion = suspicion(file);
    try {
      if (Files.size(file) > QUICK_CHECK_BYTES && !Files.exists(suspicion)) {
        return;
      }
      try (Statement statement = connection.createStatement();
          ResultSet found = statement.executeQuery("PRAGMA quick_check(1)")) {
        if (!found.getString(1).equals("ok")) {
          throw new SQLiteException(found.getString(1), SQLiteErrorCode.SQLITE_CORRUPT);
        }
      }
      Files.deleteIfExists(suspicion);
    } catch (IOException e) {
      throw failure(file, "cannot be looked at", e);
    }
  }

  /** A file that says: damage was met; look when the database is opened next. */
  private static Path suspicion(Path file) {
    return file.resolveSibling(file.getFileName() + ".suspect");
  }

  /** Makes an empty file that its owner alone may read; SQLite's side files take its mode. */
  private static void makeFile(Path file) {
    try {
      Path directory = file.getParent();
      if (directory != null) {
        Files.createDirectories(directory);
      }
      if (file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
        Files.createFile(
            file,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      }
    } catch (FileAlreadyExistsException e) {
      protect(file);
    } catch (IOException e) {
      throw failure(file, "cannot be made", e);
    }
  }

  private static void protect(Path file) {
    try {
      if (Files.getPosixFilePermissions(file).size() > 2) {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
      }
    } catch (IOException e) {
      throw failure(file, "is readable by others, and that cannot be changed", e);
    }
  }

  private static boolean isBroken(Throwable e) {
    return isOneOf(e, SQLiteErrorCode.SQLITE_CORRUPT, SQLiteErrorCode.SQLITE_NOTADB);
  }

  /** Whether another program kept the database locked for longer than a connection waits. */
  static boolean isLocked(Throwable e) {
    return isOneOf(e, SQLiteErrorCode.SQLITE_BUSY, SQLiteErrorCode.SQLITE_BUSY_SNAPSHOT);
  }

  private static boolean isOneOf(Throwable e, SQLiteErrorCode... codes) {
    for (Throwable t = e; t != null; t = t.getCause()) {
      if (t instanceof SQLiteException sqlite) {
        return Set.of(codes).contains(sqlite.getResultCode());
      }
    }
    return false;
  }

  private static Path moveAside(Path file, SQLException reason) {
    String stamp =
        DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss-SSS")
            .withZone(ZoneOffset.UTC)
            .format(Instant.now());
    Path aside = file.resolveSibling(file.getFileName() + ".corrupt-" + stamp);
    try {
      Files.move(file, aside);
      Files.deleteIfExists(suspicion(file));
      for (String side : SIDE_FILES) {
        Path from = file.resolveSibling(file.getFileName() + side);
        if (Files.exists(from)) {
          Files.move(from, aside.resolveSibling(aside.getFileName() + side));
        }
      }
      return aside;
    } catch (IOException e) {
      e.addSuppressed(reason);
      throw failure(file, "is corrupt and cannot be moved aside", e);
    }
  }
}
