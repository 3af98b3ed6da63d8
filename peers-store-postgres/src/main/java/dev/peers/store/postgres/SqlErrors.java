package dev.peers.store.postgres;

import dev.peers.ErrorCode;
import dev.peers.PeersException;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import org.jspecify.annotations.Nullable;

/** What the driver's errors mean, and how they are told. */
final class SqlErrors {
  private SqlErrors() {}

  /**
   * Whether the same may succeed a little later: the connection was lost or cannot be made, the
   * server stops or starts or has too many connections, or somebody else was in the way.
   */
  static boolean mayPass(Throwable failure) {
    SQLException cause = sqlCause(failure);
    if (cause == null) {
      return false;
    }
    String state = cause.getSQLState();
    if (state == null) {
      return cause instanceof SQLTransientConnectionException;
    }
    return state.startsWith("08")
        || state.startsWith("40")
        || state.startsWith("57P0")
        || state.equals("53300")
        || state.equals("55P03");
  }

  /** For the caller: with no statement and no data of it, as text and cause may reach a log. */
  static PeersException of(String address, Throwable failure) {
    SQLException cause = sqlCause(failure);
    String why = cause == null ? String.valueOf(failure.getMessage()) : root(cause);
    return new PeersException(
        ErrorCode.STORE_FAILED,
        "the database at " + address + " " + what(cause) + ": " + why + ". " + nextStep(cause),
        cause == null ? failure : cause);
  }

  private static String what(@Nullable SQLException cause) {
    return cause != null && mayPass(cause) ? "cannot be reached" : "refused";
  }

  private static String nextStep(@Nullable SQLException cause) {
    String state = cause == null || cause.getSQLState() == null ? "" : cause.getSQLState();
    if (state.startsWith("28")) {
      return "Check the user and the password, and the server's pg_hba.conf";
    }
    if (state.equals("3D000")) {
      return "Create the database, or set CLAUDE_PEERS_STORE_URL to another";
    }
    if (state.equals("42501") || state.equals("3F000")) {
      return "Give the user CREATE on the database, or make the schema and let the user own it";
    }
    if (cause != null && mayPass(cause)) {
      return "Check that it runs and takes connections from here, or set CLAUDE_PEERS_STORE_URL to"
          + " another";
    }
    return "Check the server's log";
  }

  /** The first line: the driver adds others with where in a statement it was. */
  private static String root(SQLException cause) {
    SQLException deepest = cause;
    for (Throwable t = cause; t != null; t = t.getCause()) {
      if (t instanceof SQLException sql) {
        deepest = sql;
      }
    }
    String message = String.valueOf(deepest.getMessage());
    String line = message.lines().findFirst().orElse(message);
    return line.endsWith(".") ? line.substring(0, line.length() - 1) : line;
  }

  private static @Nullable SQLException sqlCause(Throwable failure) {
    for (Throwable t = failure; t != null; t = t.getCause()) {
      if (t instanceof SQLException sql) {
        return sql;
      }
    }
    return null;
  }
}
