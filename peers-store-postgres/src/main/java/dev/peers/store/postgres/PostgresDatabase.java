package dev.peers.store.postgres;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.HikariPoolMXBean;
import dev.peers.PeersException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;

/** The server, through a pool of connections. Thread-safe. */
final class PostgresDatabase implements AutoCloseable {
  private final PostgresSettings settings;
  private final Retry retry;
  private final Timelines timelines;
  private final HikariDataSource pool;
  private final Jdbi jdbi;

  private PostgresDatabase(
      PostgresSettings settings, Retry retry, Timelines timelines, HikariDataSource pool) {
    this.settings = settings;
    this.retry = retry;
    this.timelines = timelines;
    this.pool = pool;
    this.jdbi = Jdbi.create(pool);
  }

  static PostgresDatabase open(PostgresSettings settings) {
    Retry retry = new Retry(settings.address());
    AtomicReference<@Nullable HikariDataSource> made = new AtomicReference<>();
    Timelines timelines = new Timelines(() -> evict(made.get()));
    HikariDataSource pool =
        retry.run(
            repeated -> new HikariDataSource(poolConfig(settings, timelines)), Retry.deadline());
    made.set(pool);
    return new PostgresDatabase(settings, retry, timelines, pool);
  }

  /** Closes what is idle, and the rest as it comes back. */
  private static void evict(@Nullable HikariDataSource pool) {
    HikariPoolMXBean bean = pool == null ? null : pool.getHikariPoolMXBean();
    if (bean != null) {
      bean.softEvictConnections();
    }
  }

  /** What can be done again, as its answer may have been lost. */
  interface Work<T> {
    /**
     * Does it.
     *
     * @param repeated whether it may have been done before
     */
    T on(Handle handle, boolean repeated);
  }

  <T> T run(Function<Handle, T> work) {
    return run((handle, repeated) -> work.apply(handle), Retry.deadline());
  }

  <T> T run(Work<T> work) {
    return run(work, Retry.deadline());
  }

  /** Tries twice at least, and again until the deadline while connections are lost. */
  <T> T run(Work<T> work, long deadline) {
    return retry.run(
        repeated -> {
          try (Handle handle = jdbi.open()) {
            return work.on(handle, repeated);
          }
        },
        deadline);
  }

  /** Tries no second time; what fails is thrown as it comes. */
  void runOnce(Consumer<Handle> work) {
    jdbi.useHandle(work::accept);
  }

  /** Tries as often as it does the rest, for work that makes a connection of its own. */
  <T> T retry(Supplier<T> work) {
    return retry.run(repeated -> work.get(), Retry.deadline());
  }

  String address() {
    return settings.address();
  }

  /** A connection outside the pool, which the caller closes. */
  Connection connectAlone(int socketTimeoutSeconds) throws SQLException {
    PGSimpleDataSource source = settings.dataSource();
    source.setSocketTimeout(socketTimeoutSeconds);
    return source.getConnection();
  }

  Timelines timelines() {
    return timelines;
  }

  PeersException closedFailure() {
    return retry.closedFailure();
  }

  @Override
  public void close() {
    retry.close();
    pool.close();
  }

  private static HikariConfig poolConfig(PostgresSettings settings, Timelines timelines) {
    HikariConfig config = new HikariConfig();
    config.setPoolName("peers-store");
    config.setDataSource(new CheckedDataSource(settings.dataSource(), timelines));
    config.setMaximumPoolSize(settings.pool());
    // Hundreds of brokers that have nothing to do shall not hold hundreds of connections.
    config.setMinimumIdle(1);
    config.setIdleTimeout(Duration.ofMinutes(1).toMillis());
    config.setConnectionTimeout(Duration.ofSeconds(2).toMillis());
    config.setValidationTimeout(Duration.ofSeconds(2).toMillis());
    config.setConnectionInitSql(sessionSettings(settings.schema()));
    return config;
  }

  /**
   * What the store relies on, whatever the defaults of server, database and user are. A commit that
   * is confirmed before it is on disk is no commit; stricter settings stay as they are. Plans of
   * functions are kept, and those made while a table is small would read all of it when it is
   * large: every statement has its index.
   */
  private static String sessionSettings(String schema) {
    return """
        SELECT set_config('search_path', '"%s"', false),
               set_config('default_transaction_isolation', 'read committed', false),
               set_config('lock_timeout', '5s', false),
               set_config('enable_seqscan', 'off', false),
               set_config('enable_hashjoin', 'off', false),
               set_config('enable_mergejoin', 'off', false),
               set_config('jit', 'off', false),
               CASE WHEN current_setting('synchronous_commit') = 'off'
                    THEN set_config('synchronous_commit', 'on', false) END
        """
        .formatted(schema);
  }
}
