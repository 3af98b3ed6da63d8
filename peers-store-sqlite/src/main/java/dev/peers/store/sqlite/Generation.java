package dev.peers.store.sqlite;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Tells whether a write-ahead log and a main file belong together, which SQLite does not: it would
 * write the pages of any intact log into any file. The first transaction of each log says the next
 * generation, when the main file has all that was before it. So a main file with another generation
 * than the log's or the one before is not the log's. Numbers begin at random, and anew in a copy
 * whose pages are not where the original's are.
 *
 * <p>It stands in the user version, above the schema's number: in the first page, which is the
 * first whatever is in the file.
 *
 * @param schema the number of the schema, 0 to 255
 * @param number 0 to 2^23 - 1; 0 where none was said yet
 */
record Generation(int schema, int number) {
  private static final int SCHEMAS = 256;
  private static final int NUMBERS = 1 << 23;

  static Generation read(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("PRAGMA user_version")) {
      int version = row.getInt(1);
      return new Generation(Math.floorMod(version, SCHEMAS), version < 0 ? 0 : version / SCHEMAS);
    }
  }

  void write(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.executeUpdate("PRAGMA user_version = " + (number * SCHEMAS + schema));
    }
  }

  Generation next() {
    return new Generation(schema, (number + 1) % NUMBERS);
  }

  Generation elsewhere() {
    return new Generation(schema, ThreadLocalRandom.current().nextInt(2, NUMBERS));
  }

  Generation ofSchema(int other) {
    return new Generation(other, number);
  }

  /** Whether a log that makes a file of this generation one of another belongs to the file. */
  boolean isContinuedBy(Generation withLog) {
    return withLog.number == number || withLog.number == next().number;
  }
}
