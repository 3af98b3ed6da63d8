package dev.peers.store.sqlite;

import dev.peers.ErrorCode;
import dev.peers.FileReason;
import dev.peers.PeersException;
import dev.peers.spi.StoreBackups;
import dev.peers.spi.StoreConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Backups of SQLite files. A copy is made by SQLite itself, from a connection that only reads: the
 * main file alone is not the database, and a broker may be writing. Whether the log beside a file
 * is a part of it is decided as at a broker's start.
 */
final class SqliteBackups implements StoreBackups {
  private static final String CHECK = "integrity_check";

  @Override
  public void write(StoreConfig config, Path target, boolean replace) {
    DatabaseFiles files = DatabaseFiles.at(config.database());
    FileStamp found = FileStamp.of(files.main());
    if (found == null || !found.regular() || found.size() == 0) {
      throw new PeersException(
          ErrorCode.STORE_FAILED,
          "there is no database at "
              + files.main()
              + " to be backed up; is CLAUDE_PEERS_DB right?");
    }
    DatabaseFiles copy = new DatabaseFiles(target.toAbsolutePath().normalize());
    requireTarget(copy, found, replace);
    try (Connection connection = open(files, DatabaseOwner.card(files), "the database ")) {
      if (replace) {
        copy.deleteSides();
      }
      DatabaseCopy.write(
          connection,
          copy.freeName("part"),
          copy.main(),
          replace,
          made -> SqliteDatabase.requireSound(made, CHECK));
    } catch (SQLException | IOException e) {
      throw new PeersException(
          ErrorCode.STORE_FAILED,
          "the backup "
              + copy.main()
              + " of "
              + files.main()
              + " cannot be written: "
              + reason(e)
              + ". Check the space on that disk and the rights to its directory",
          e);
    }
  }

  private static void requireTarget(DatabaseFiles target, FileStamp database, boolean replace) {
    Path file = target.main();
    Path directory = file.getParent();
    if (directory == null || !Files.isDirectory(directory)) {
      throw invalid("the directory of " + file + " is not there; make it, or name another file");
    }
    FileStamp there = FileStamp.of(file);
    if (there != null && database.isSameFile(there) && !there.key().isEmpty()) {
      throw invalid(file + " is the database itself; name another file for the backup");
    }
    if (there != null && !there.regular()) {
      throw invalid(file + " is not a file; name another one for the backup");
    }
    if (!replace && (Files.exists(file, LinkOption.NOFOLLOW_LINKS) || target.hasSides())) {
      throw invalid(
          file
              + (Files.exists(file, LinkOption.NOFOLLOW_LINKS)
                  ? " is there already"
                  : " has side files of SQLite already (-wal, -shm or -journal)")
              + "; name another file, or replace it with --force");
    }
  }

  @Override
  public Prepared prepare(StoreConfig config, Path source) {
    DatabaseFiles backup = DatabaseFiles.at(source);
    DatabaseFiles files = DatabaseFiles.at(config.database());
    FileStamp found = FileStamp.of(backup.main());
    if (found == null || !found.regular()) {
      throw invalid(
          backup.main()
              + (found == null ? " is not there" : " is not a file")
              + "; expected a backup that 'peers backup' has written");
    }
    FileStamp present = FileStamp.of(files.main());
    if (present != null && present.isSameFile(found) && !found.key().isEmpty()) {
      throw invalid(backup.main() + " is the database itself; name a backup of it");
    }
    Path copy = files.freeName("restoring");
    try (Connection connection = open(backup, DatabaseOwner.card(backup), "the backup ")) {
      String[] identity = {""};
      int[] generation = {0};
      DatabaseCopy.write(
          connection,
          files.freeName("restoring"),
          copy,
          false,
          made -> {
            requireSound(backup, made);
            identity[0] = StoreIdentity.renew(made);
            generation[0] = Generation.read(made).number();
          });
      return new PreparedCopy(files, copy, identity[0], generation[0]);
    } catch (SQLException | IOException e) {
      throw new PeersException(
          ErrorCode.STORE_FAILED,
          "the backup "
              + backup.main()
              + " cannot be copied beside "
              + files.main()
              + ": "
              + reason(e)
              + ". Check the space on that disk and the rights to its directory",
          e);
    }
  }

  private static void requireSound(DatabaseFiles backup, Connection copy) {
    try {
      SqliteDatabase.requireSound(copy, CHECK);
    } catch (SQLException e) {
      throw invalid("the backup " + backup.main() + " is damaged: " + e.getMessage());
    }
  }

  /** Opens what is known to be a database of ours, for reading. */
  private static Connection open(DatabaseFiles files, @Nullable OwnerCard card, String what)
      throws SQLException {
    boolean withLog = LogOrigin.fits(files, card) && files.hasLog();
    Inspection inspection;
    try {
      inspection = withLog ? Inspection.withLog(files) : Inspection.withoutLog(files);
    } catch (SQLException e) {
      if (SqliteDatabase.isLocked(e)) {
        throw e;
      }
      throw invalid(what + files.main() + " cannot be read as a database: " + e.getMessage());
    }
    if (!inspection.peers() || inspection.schema() == 0) {
      throw invalid(what + files.main() + " is not a database of Peers");
    }
    Migrations.requireKnown(files.main(), inspection.schema());
    return withLog ? Inspection.openWithLog(files) : Inspection.openWithoutLog(files);
  }

  private static String reason(Exception e) {
    return e instanceof IOException failure
        ? FileReason.of(failure)
        : String.valueOf(e.getMessage());
  }

  private static PeersException invalid(String message) {
    return new PeersException(ErrorCode.INVALID_ARGUMENT, message);
  }

  /** The copy beside the database. */
  private record PreparedCopy(DatabaseFiles files, Path copy, String identity, int generation)
      implements Prepared {
    @Override
    public Optional<Path> install() {
      try (DatabaseOwner owner = DatabaseOwner.reserve(files)) {
        owner.lock();
        boolean present = Files.exists(files.main(), LinkOption.NOFOLLOW_LINKS);
        Optional<Path> aside =
            present || files.hasSides()
                ? Optional.of(files.moveAside("before-restore"))
                : Optional.empty();
        try {
          Files.move(copy, files.main(), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
          if (present && aside.isPresent()) {
            new DatabaseFiles(aside.get()).moveTo(files);
          }
          throw e;
        }
        DatabaseFiles.sync(files.main().resolveSibling("."));
        files.damage().remove();
        FileStamp now = FileStamp.of(files.main());
        owner.write(
            new OwnerCard(
                ProcessHandle.current().pid(),
                now == null ? "" : now.key(),
                "",
                identity,
                generation));
        return aside;
      } catch (IOException e) {
        throw SqliteDatabase.failure(files.main(), "cannot be replaced", e);
      }
    }

    @Override
    public void close() {
      try {
        Files.deleteIfExists(copy);
      } catch (IOException e) {
        throw SqliteDatabase.failure(copy, "cannot be removed", e);
      }
    }
  }
}
