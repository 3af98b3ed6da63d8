package dev.peers.store.sqlite;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;
import org.sqlite.JDBC;
import org.sqlite.SQLiteConfig;

/**
 * What a database says of itself, read without changing it, so that it may be anybody's.
 *
 * @param applicationId which program's it is; 0 if it does not say
 * @param generation its schema and generation
 * @param tables whether it has tables
 * @param peers whether they look like those of Peers
 */
record Inspection(int applicationId, Generation generation, boolean tables, boolean peers) {
  /** "Peer". */
  static final int APPLICATION_ID = 0x50656572;

  /** Reads all there is; without a log no file is made beside the main file. */
  static Inspection of(DatabaseFiles files) throws SQLException {
    return files.hasLog() ? withLog(files) : withoutLog(files);
  }

  /** Reads the main file alone, as if there were no log. */
  static Inspection withoutLog(DatabaseFiles files) throws SQLException {
    try (Connection connection = openWithoutLog(files)) {
      return read(connection);
    }
  }

  /** Reads the main file and the log beside it. */
  static Inspection withLog(DatabaseFiles files) throws SQLException {
    try (Connection connection = openWithLog(files)) {
      return read(connection);
    }
  }

  /** What the first page of the main file says. */
  static Generation generationWithoutLog(DatabaseFiles files) throws SQLException {
    try (Connection connection = openWithoutLog(files)) {
      return Generation.read(connection);
    }
  }

  /** What the first page of the log says, or where it has none, that of the main file. */
  static Generation generationWithLog(DatabaseFiles files) throws SQLException {
    try (Connection connection = openWithLog(files)) {
      return Generation.read(connection);
    }
  }

  int schema() {
    return generation.schema();
  }

  static Connection openWithoutLog(DatabaseFiles files) throws SQLException {
    return open(files, "?immutable=1");
  }

  static Connection openWithLog(DatabaseFiles files) throws SQLException {
    // The end of the last connection that may write would move the log into the main file.
    return open(files, "?mode=ro");
  }

  private static Connection open(DatabaseFiles files, String mode) throws SQLException {
    Properties options = new Properties();
    options.setProperty(SQLiteConfig.Pragma.BUSY_TIMEOUT.pragmaName, "5000");
    return JDBC.createConnection("jdbc:sqlite:" + files.main().toUri() + mode, options);
  }

  private static Inspection read(Connection connection) throws SQLException {
    int application = number(connection, "PRAGMA application_id");
    boolean tables =
        number(connection, "SELECT EXISTS (SELECT * FROM sqlite_master WHERE type = 'table')") != 0;
    boolean peers =
        number(
                connection,
                """
                SELECT (SELECT count(*) FROM pragma_table_info('peers') WHERE name = 'session_key')
                     + (SELECT count(*) FROM pragma_table_info('messages')
                        WHERE name = 'idempotency_key')
                """)
            == 2;
    return new Inspection(application, Generation.read(connection), tables, peers);
  }

  private static int number(Connection connection, String query) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      return row.getInt(1);
    }
  }
}
