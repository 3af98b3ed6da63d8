package dev.peers.store.postgres;

import dev.peers.ErrorCode;
import dev.peers.PeersException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.jdbi.v3.core.ConnectionException;
import org.jdbi.v3.core.Handle;

/**
 * Brings a schema to the present version, one numbered script after the other, in one transaction.
 * Of brokers that start at once one does it and the others wait.
 */
final class Migrations {
  /** In order; a script that was ever released is never changed. */
  private static final List<String> SCRIPTS =
      List.of("001-initial.sql", "002-more-keys.sql", "003-identity.sql");

  private Migrations() {}

  static void apply(Handle handle, String schema) {
    requireUnicode(handle);
    // A user who may not make anything can use what is there.
    if (exists(handle, schema) && version(handle) == SCRIPTS.size()) {
      return;
    }
    handle.useTransaction(h -> applyAlone(h, schema));
  }

  private static void applyAlone(Handle handle, String schema) {
    handle.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended(?, 0))", "peers migrations of " + schema);
    if (!exists(handle, schema)) {
      handle.execute("CREATE SCHEMA \"" + schema + '"');
    }
    int present = version(handle);
    if (present > SCRIPTS.size()) {
      throw new PeersException(
          ErrorCode.STORE_FAILED,
          "the schema "
              + schema
              + " of the database has version "
              + present
              + ", this Peers knows versions up to "
              + SCRIPTS.size()
              + "; a newer one wrote it. Update this one, or use another schema");
    }
    if (present == 0) {
      handle.execute("CREATE TABLE schema_version (version integer NOT NULL)");
      handle.execute("INSERT INTO schema_version VALUES (0)");
    }
    for (String script : SCRIPTS.subList(present, SCRIPTS.size())) {
      execute(handle, read(script));
    }
    handle.execute("UPDATE schema_version SET version = ?", SCRIPTS.size());
  }

  private static boolean exists(Handle handle, String schema) {
    return handle
        .createQuery("SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = ?)")
        .bind(0, schema)
        .mapTo(boolean.class)
        .one();
  }

  /** 0 for a schema without tables. */
  private static int version(Handle handle) {
    boolean made =
        handle
            .createQuery("SELECT to_regclass('schema_version') IS NOT NULL")
            .mapTo(boolean.class)
            .one();
    return made
        ? handle.createQuery("SELECT version FROM schema_version").mapTo(int.class).one()
        : 0;
  }

  private static void requireUnicode(Handle handle) {
    String encoding = handle.createQuery("SHOW server_encoding").mapTo(String.class).one();
    if (!encoding.equals("UTF8")) {
      throw new PeersException(
          ErrorCode.STORE_FAILED,
          "the database has the encoding "
              + encoding
              + ", which cannot hold every text; create one with ENCODING 'UTF8'");
    }
  }

  /** Past Jdbi, which would look for parameters in it. */
  private static void execute(Handle handle, String script) {
    try (Statement statement = handle.getConnection().createStatement()) {
      statement.execute(script);
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
