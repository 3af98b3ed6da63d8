package dev.peers.store.postgres;

import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.util.logging.Logger;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** Makes connections for a pool, none of them to a former primary. */
final class CheckedDataSource implements DataSource {
  private final DataSource source;
  private final Timelines timelines;

  CheckedDataSource(DataSource source, Timelines timelines) {
    this.source = source;
    this.timelines = timelines;
  }

  @Override
  public Connection getConnection() throws SQLException {
    return checked(source.getConnection());
  }

  @Override
  public Connection getConnection(String user, String password) throws SQLException {
    return checked(source.getConnection(user, password));
  }

  private Connection checked(Connection connection) throws SQLException {
    boolean admitted = false;
    try {
      timelines.admit(connection);
      admitted = true;
      return connection;
    } finally {
      if (!admitted) {
        connection.close();
      }
    }
  }

  @Override
  public @Nullable PrintWriter getLogWriter() throws SQLException {
    return source.getLogWriter();
  }

  @Override
  public void setLogWriter(@Nullable PrintWriter out) throws SQLException {
    source.setLogWriter(out);
  }

  @Override
  public void setLoginTimeout(int seconds) throws SQLException {
    source.setLoginTimeout(seconds);
  }

  @Override
  public int getLoginTimeout() throws SQLException {
    return source.getLoginTimeout();
  }

  @Override
  public Logger getParentLogger() throws SQLFeatureNotSupportedException {
    return source.getParentLogger();
  }

  @Override
  public <T> T unwrap(Class<T> type) throws SQLException {
    return source.unwrap(type);
  }

  @Override
  public boolean isWrapperFor(Class<?> type) throws SQLException {
    return source.isWrapperFor(type);
  }
}
