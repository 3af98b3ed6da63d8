package dev.peers.store.sqlite;

import dev.peers.ErrorCode;
import dev.peers.PeersException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.jdbi.v3.core.ConnectionException;
import org.jdbi.v3.core.Handle;

/** Brings a database to the present schema, one numbered script after the other. */
final class Migrations {
  /** In order; a script that was ever released is never changed. */
  private static final List<String> SCRIPTS = List.of("001-initial.sql", "002-host.sql");

  private Migrations() {}

  /** Refuses what a newer Peers or another program wrote; changes nothing. */
  static void requireKnown(Path file, Handle handle) {
    int present = version(handle);
    if (present > SCRIPTS.size()) {
      throw new PeersException(
          ErrorCode.STORE_FAILED,
          "the database "
              + file
              + " has schema "
              + present
              + ", this version knows schemas up to "
              + SCRIPTS.size()
              + "; a newer Peers wrote it. Update this one, or set CLAUDE_PEERS_DB to another path");
    }
    if (present == 0 && hasTables(handle)) {
      throw new PeersException(
          ErrorCode.STORE_FAILED,
          "the database "
              + file
              + " is another program's, such as the original claude-peers', and is left as it is."
              + " End that program and move the file away, or set CLAUDE_PEERS_DB to another path");
    }
  }

  static void apply(Handle handle) {
    int present = version(handle);
    for (int next = present; next < SCRIPTS.size(); next++) {
      String script = read(SCRIPTS.get(next));
      int version = next + 1;
      handle.useTransaction(
          h -> {
            execute(h, script);
            h.execute("PRAGMA user_version = " + version);
          });
    }
  }

  static int version(Handle handle) {
    return handle.createQuery("PRAGMA user_version").map((row, context) -> row.getInt(1)).one();
  }

  private static boolean hasTables(Handle handle) {
    return handle
        .createQuery("SELECT EXISTS (SELECT * FROM sqlite_master WHERE type = 'table')")
        .map((row, context) -> row.getBoolean(1))
        .one();
  }

  /** As SQLite does it: Jdbi would set up a parser of its own first, in a tenth of a start. */
  private static void execute(Handle handle, String script) {
    try (Statement statement = handle.getConnection().createStatement()) {
      statement.executeUpdate(script);
    } catch (SQLException e) {
      throw new ConnectionException(e);
    }
  }

  private static String read(String name) {
    try (InputStream in = Migrations.class.getResourceAsStream("migrations/" + name)) {
      if (in == null) {
        throw new PeersException(
            ErrorCode.INTERNAL, "migration " + name + " is missing from the jar");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
