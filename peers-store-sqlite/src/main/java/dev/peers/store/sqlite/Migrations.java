package dev.peers.store.sqlite;

import dev.peers.ErrorCode;
import dev.peers.PeersException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/** Brings a database to the present schema, one numbered script after the other. */
final class Migrations {
  private static final System.Logger LOG = System.getLogger(Migrations.class.getName());

  /** In order; a script that was ever released is never changed. */
  private static final List<String> SCRIPTS =
      List.of(
          "001-initial.sql",
          "002-host.sql",
          "003-fewer-pages.sql",
          "004-more-keys.sql",
          "005-identity.sql");

  private Migrations() {}

  /** Refuses what a newer Peers wrote. */
  static void requireKnown(Path file, int schema) {
    if (schema > SCRIPTS.size()) {
      throw new PeersException(
          ErrorCode.STORE_FAILED,
          "the database "
              + file
              + " has schema "
              + schema
              + ", this version knows schemas up to "
              + SCRIPTS.size()
              + "; a newer Peers wrote it. Update this one, or set CLAUDE_PEERS_DB to another path");
    }
  }

  static void apply(Path file, StoreConnection connection) throws SQLException {
    int present = version(connection.bare());
    if (present > 0 && present < SCRIPTS.size()) {
      LOG.log(
          System.Logger.Level.INFO,
          "the database {0} is brought from schema {1} to {2}",
          file,
          present,
          SCRIPTS.size());
    }
    for (int next = present; next < SCRIPTS.size(); next++) {
      String script = read(SCRIPTS.get(next));
      int version = next + 1;
      connection.inTransaction(
          c -> {
            try (Statement statement = c.bare().createStatement()) {
              statement.executeUpdate(script);
            }
            Generation.read(c.bare()).ofSchema(version).write(c.bare());
            return version;
          });
    }
  }

  static int version(Connection connection) throws SQLException {
    return Generation.read(connection).schema();
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
