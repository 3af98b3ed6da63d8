package dev.peers.store.sqlite;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** The table {@code store}: one row, which says which database this is. */
final class StoreIdentity {
  private static final int SCHEMA = 5;

  private StoreIdentity() {}

  static String read(Connection connection) throws SQLException {
    return text(connection, "SELECT identity FROM store");
  }

  /** Makes it another database to those who remember ids of it; nothing in an older schema. */
  static String renew(Connection connection) throws SQLException {
    return Generation.read(connection).schema() < SCHEMA
        ? ""
        : text(
            connection, "UPDATE store SET identity = lower(hex(randomblob(6))) RETURNING identity");
  }

  /** Tells a copy from its original, whose log must not be used with it. */
  static void separate(Connection copy) throws SQLException {
    Generation generation = Generation.read(copy);
    if (generation.schema() >= SCHEMA) {
      generation.elsewhere().write(copy);
    }
  }

  private static String text(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      String text = row.next() ? row.getString(1) : null;
      if (text == null) {
        throw new SQLException("the table 'store' has no row");
      }
      return text;
    }
  }
}
