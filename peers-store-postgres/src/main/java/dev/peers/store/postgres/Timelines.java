package dev.peers.store.postgres;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * Tells the present primary from a former one that a failover has left running. Each promotion
 * begins a timeline with a larger number, which the former primary does not learn of. A store that
 * has seen one does not go back. It cannot tell before it has seen it: to fence the former primary
 * is the failover's duty. Thread-safe.
 *
 * @see <a href="https://www.postgresql.org/docs/current/continuous-archiving.html">Timelines</a>
 */
final class Timelines {
  private static final System.Logger LOG = System.getLogger(Timelines.class.getName());
  private static final String QUERY =
      """
      SELECT CASE WHEN pg_is_in_recovery() THEN 0
             ELSE ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int END
      """;

  private final Runnable onNewer;
  private final Object lock = new Object();
  // Guarded by lock; 0 for none.
  private int highest;

  /**
   * Makes one that has seen nothing.
   *
   * @param onNewer called when connections made so far may be to a former primary
   */
  Timelines(Runnable onNewer) {
    this.onNewer = onNewer;
  }

  /**
   * Asks a connection's server for its timeline.
   *
   * @return its number; 0 for a server that does not tell
   * @throws SQLException if it is a former primary; the caller closes the connection
   */
  int admit(Connection connection) throws SQLException {
    int timeline = ask(connection);
    int before;
    synchronized (lock) {
      before = highest;
      highest = Math.max(before, timeline);
    }
    if (timeline != 0 && timeline < before) {
      throw new SQLException(
          "the server that answers is a former primary (timeline "
              + timeline
              + " after "
              + before
              + "), which the failover has not stopped; nothing is written to it. Stop it",
          "08004");
    }
    if (before != 0 && timeline > before) {
      LOG.log(
          System.Logger.Level.WARNING,
          "another server is the primary now (timeline {0} after {1}); connections to the former"
              + " one are closed",
          timeline,
          before);
      onNewer.run();
    }
    return timeline;
  }

  /** Whether there has been a later primary than the one of a timeline. */
  boolean isSuperseded(int timeline) {
    synchronized (lock) {
      return timeline != 0 && timeline < highest;
    }
  }

  private static int ask(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(QUERY)) {
      row.next();
      return row.getInt(1);
    } catch (SQLException e) {
      String state = String.valueOf(e.getSQLState());
      if (state.startsWith("08") || state.startsWith("57")) {
        throw e;
      }
      // Servers of other makers that speak the protocol have no such function.
      return 0;
    }
  }
}
