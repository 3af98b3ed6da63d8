package dev.peers.store.sqlite;

import dev.peers.ErrorCode;
import dev.peers.FileReason;
import dev.peers.PeersException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.sqlite.JDBC;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/** One SQLite file: how it is made, set up, brought up to date and, if broken, moved aside. */
final class SqliteDatabase implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(SqliteDatabase.class.getName());
  private static final long QUICK_CHECK_BYTES = 16 << 20;

  private final DatabaseFiles files;
  private final DatabaseOwner owner;
  private final String url;
  private final String identity;
  private final FileWatch watch;

  private SqliteDatabase(
      DatabaseFiles files,
      DatabaseOwner owner,
      String identity,
      Generation generation,
      boolean fresh) {
    this.files = files;
    this.owner = owner;
    this.url = url(files);
    this.identity = identity;
    this.watch = new FileWatch(files, owner, identity, generation, fresh);
  }

  /**
   * Opens a database, making it if there is none.
   *
   * @throws PeersException if the file is not one of Peers, if another store has it open, or if it
   *     cannot be opened
   */
  static SqliteDatabase open(Path path) {
    try {
      Path directory = path.toAbsolutePath().getParent();
      if (directory != null) {
        Files.createDirectories(directory);
      }
    } catch (IOException e) {
      throw failure(path, "cannot be made", e);
    }
    DatabaseFiles files = DatabaseFiles.at(path);
    DatabaseOwner owner = DatabaseOwner.reserve(files);
    boolean opened = false;
    try {
      DatabaseKind.requireOurs(files, owner.last());
      DatabaseKind.requireOurSides(files);
      try {
        owner.lock();
      } catch (IOException e) {
        throw failure(files.main(), "cannot be locked", e);
      }
      SqliteDatabase database = openOrReplace(files, owner);
      opened = true;
      return database;
    } finally {
      if (!opened) {
        owner.close();
      }
    }
  }

  private static SqliteDatabase openOrReplace(DatabaseFiles files, DatabaseOwner owner) {
    Path file = files.main();
    try {
      return openOnce(files, owner);
    } catch (SQLException e) {
      if (!isBroken(e)) {
        throw failure(file, "cannot be opened", e);
      }
      Path aside = moveAside(files, e);
      LOG.log(
          System.Logger.Level.ERROR,
          "{0} is not a usable database ({1}); it was moved to {2} and a new one is made."
              + " Mail that was waiting in it is there still",
          file,
          e.getMessage(),
          aside);
      try {
        return openOnce(files, owner);
      } catch (SQLException again) {
        throw failure(file, "cannot be recreated", again);
      }
    }
  }

  private static SqliteDatabase openOnce(DatabaseFiles files, DatabaseOwner owner)
      throws SQLException {
    Path file = files.main();
    OwnerCard last = owner.last();
    LogOrigin.settle(files, last);
    FileStamp found = FileStamp.of(file);
    if (found != null && found.size() == 0) {
      found = null;
    }
    try {
      DatabaseFiles.make(file);
    } catch (IOException e) {
      throw failure(file, "cannot be made", e);
    }
    if (found != null) {
      // Before anything is set: in a file of a newer version nothing is changed.
      Migrations.requireKnown(file, Inspection.of(files).schema());
    }
    SqliteDatabase database;
    try (StoreConnection connection = connect(url(files))) {
      Migrations.apply(file, connection);
      check(files, connection.bare());
      String identity = identity(connection.bare());
      Generation generation = Generation.read(connection.bare());
      if (found != null && last != null && isExchanged(found, identity, generation, last)) {
        identity = StoreIdentity.renew(connection.bare());
        LOG.log(
            System.Logger.Level.WARNING,
            "{0} is not the file that the last broker had open, such as a copy that was put back;"
                + " sessions are offered again what is undelivered in it",
            file);
      }
      // The main file shall have all, so that the log begins anew.
      boolean fresh = FileWatch.checkpoint(connection.bare(), "TRUNCATE");
      if (fresh && generation.number() == 0) {
        // Alone in the log: if only that is lost, nothing is.
        generation = generation.elsewhere();
        generation.write(connection.bare());
        fresh = FileWatch.checkpoint(connection.bare(), "TRUNCATE");
      }
      database = new SqliteDatabase(files, owner, identity, generation, fresh);
    }
    database.watch.start();
    return database;
  }

  private static String identity(Connection connection) throws SQLException {
    try {
      return StoreIdentity.read(connection);
    } catch (SQLException e) {
      if (isBroken(e) || isLocked(e)) {
        throw e;
      }
      // Of our schema, and without what our schema has.
      throw new SQLiteException(e.getMessage(), SQLiteErrorCode.SQLITE_CORRUPT);
    }
  }

  /** Whether a file was put where the last broker's was: its ids may have gone back. */
  private static boolean isExchanged(
      FileStamp found, String identity, Generation generation, OwnerCard last) {
    boolean other =
        !last.main().isEmpty() && !found.key().isEmpty() && !last.main().equals(found.key());
    boolean continued =
        new Generation(generation.schema(), last.generation()).isContinuedBy(generation);
    return !last.identity().isEmpty() && (other || !continued || !last.identity().equals(identity));
  }

  /** Opens a connection, set up; the caller closes it. */
  StoreConnection connect() {
    try {
      return connect(url);
    } catch (SQLException e) {
      throw failure(file(), "cannot be opened", e);
    }
  }

  private static StoreConnection connect(String url) throws SQLException {
    Connection connection = openBare(url);
    try (Statement statement = connection.createStatement()) {
      // First of all: the next statement may already meet a lock.
      statement.execute("PRAGMA busy_timeout = 5000");
      statement.execute("PRAGMA journal_mode = WAL");
      // With FULL a commit is on the disk, not just with the system, when it returns.
      statement.execute("PRAGMA synchronous = FULL");
      // The writer does that: what else changes the main file is noticed by the change.
      statement.execute("PRAGMA wal_autocheckpoint = 0");
      return new StoreConnection(connection);
    } catch (SQLException | RuntimeException e) {
      connection.close();
      throw e;
    }
  }

  /** Not by way of the driver manager, which would set up each driver there is. */
  private static Connection openBare(String url) throws SQLException {
    Properties options = new Properties();
    // One that reads first and then writes would fail whenever another program wrote in between.
    // By name: before 3.45 the driver's enum of options cannot be the first of its classes.
    options.setProperty("transaction_mode", "IMMEDIATE");
    return JDBC.createConnection(url, options);
  }

  /** As a URI, so that no character of the path is taken for an option. */
  private static String url(DatabaseFiles files) {
    return "jdbc:sqlite:" + files.main().toUri();
  }

  Path file() {
    return files.main();
  }

  /** Which database this is, see {@link StoreIdentity}. */
  String identity() {
    return identity;
  }

  /** What sees to it that the files stay those that are open; for the writer alone. */
  FileWatch watch() {
    return watch;
  }

  /** Gives the right to use the database back; all connections are closed by then. */
  @Override
  public void close() {
    watch.close();
    owner.close();
  }

  static PeersException failure(Path file, String what, Throwable cause) {
    Throwable root = cause.getCause() instanceof SQLiteException sqlite ? sqlite : cause;
    String reason = root instanceof IOException io ? FileReason.of(io) : root.getMessage();
    if (isBroken(cause)) {
      try {
        new DatabaseFiles(file).damage().set(String.valueOf(reason));
      } catch (IOException e) {
        cause.addSuppressed(e);
      }
      return new PeersException(
          ErrorCode.STORE_FAILED,
          "the database "
              + file
              + " is damaged: "
              + reason
              + ". Stop the broker with 'peers kill-broker'; the next one puts the file aside and"
              + " makes a new one. A backup is brought back with 'peers restore'",
          cause);
    }
    return new PeersException(
        ErrorCode.STORE_FAILED,
        "the database "
            + file
            + " "
            + what
            + ": "
            + reason
            + (isLocked(cause)
                ? ". Another program keeps it locked: end that, or have it keep its locks for less"
                    + " than 5 seconds"
                : ". Check the disk's space and the file's owner and mode, or set CLAUDE_PEERS_DB to"
                    + " another path"),
        cause);
  }

  /** Looks for damage: always where that takes no time, else where damage was met before. */
  private static void check(DatabaseFiles files, Connection connection) throws SQLException {
    try {
      if (Files.size(files.main()) > QUICK_CHECK_BYTES && !files.damage().isSet()) {
        return;
      }
      requireSound(connection, "quick_check");
      files.damage().remove();
    } catch (IOException e) {
      throw failure(files.main(), "cannot be looked at", e);
    }
  }

  /** Looks through the whole database; throws what an encounter with the damage would. */
  static void requireSound(Connection connection, String check) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet found = statement.executeQuery("PRAGMA " + check + "(1)")) {
      if (!found.getString(1).equals("ok")) {
        throw new SQLiteException(found.getString(1), SQLiteErrorCode.SQLITE_CORRUPT);
      }
    }
  }

  private static boolean isBroken(Throwable e) {
    return isOneOf(e, SQLiteErrorCode.SQLITE_CORRUPT, SQLiteErrorCode.SQLITE_NOTADB);
  }

  /** Whether another program kept the database locked for longer than a connection waits. */
  static boolean isLocked(Throwable e) {
    return isOneOf(e, SQLiteErrorCode.SQLITE_BUSY, SQLiteErrorCode.SQLITE_BUSY_SNAPSHOT);
  }

  /** Whether the disk took no more. */
  static boolean isUnwritable(Throwable e) {
    return isOneOf(e, SQLiteErrorCode.SQLITE_FULL, SQLiteErrorCode.SQLITE_IOERR_WRITE);
  }

  private static boolean isOneOf(Throwable e, SQLiteErrorCode... codes) {
    for (@Nullable Throwable t = e; t != null; t = t.getCause()) {
      if (t instanceof SQLiteException sqlite) {
        return Set.of(codes).contains(sqlite.getResultCode());
      }
    }
    return false;
  }

  private static Path moveAside(DatabaseFiles files, SQLException reason) {
    try {
      Path aside = files.moveAside("corrupt");
      files.damage().remove();
      return aside;
    } catch (IOException e) {
      e.addSuppressed(reason);
      throw failure(files.main(), "is corrupt and cannot be moved aside", e);
    }
  }
}
