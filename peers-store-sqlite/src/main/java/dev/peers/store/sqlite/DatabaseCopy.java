package dev.peers.store.sqlite;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Properties;
import org.sqlite.JDBC;

/** Copies a database as a connection sees it, its log included, into a file without side files. */
final class DatabaseCopy {
  private DatabaseCopy() {}

  /** What is done to a copy before it gets its name. */
  interface Finish {
    void on(Connection copy) throws SQLException;
  }

  /**
   * Makes a file in whole or not at all.
   *
   * @param from sees what is copied
   * @param part the path while it is made, beside the target, where no file is
   * @param target a path
   * @param replace whether a file there is replaced
   * @param finish done to the copy
   */
  static void write(Connection from, Path part, Path target, boolean replace, Finish finish)
      throws SQLException, IOException {
    DatabaseFiles files = new DatabaseFiles(part);
    try {
      // SQLite takes an empty file that is there, and so its mode.
      DatabaseFiles.make(part);
      try (PreparedStatement vacuum = from.prepareStatement("VACUUM INTO ?")) {
        vacuum.setString(1, part.toString());
        vacuum.execute();
      }
      try (Connection copy =
          JDBC.createConnection("jdbc:sqlite:" + part.toUri(), new Properties())) {
        // Its pages are not where the original's log would write them.
        StoreIdentity.separate(copy);
        finish.on(copy);
      }
      DatabaseFiles.sync(part);
      if (replace) {
        Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
      } else {
        Files.move(part, target);
      }
      DatabaseFiles.sync(target.resolveSibling("."));
    } finally {
      Files.deleteIfExists(part);
      files.deleteSides();
    }
  }
}
