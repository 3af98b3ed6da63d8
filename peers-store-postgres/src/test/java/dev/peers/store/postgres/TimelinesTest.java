package dev.peers.store.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.Statement;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class TimelinesTest {
  /**
   * What a former primary says after a promotion elsewhere, as the server has only one timeline.
   */
  private static final String EARLIER =
      """
      CREATE FUNCTION %1$s.pg_walfile_name(pg_lsn) RETURNS text LANGUAGE sql AS
        $$ SELECT '%2$s0000000000000001' $$
      """;

  private final PostgresServer server = PostgresServer.shared();
  private final String schema = PostgresServer.newSchema();

  @Test
  void aFormerPrimaryIsRefusedOnceALaterOneWasSeen() throws Exception {
    AtomicInteger evictions = new AtomicInteger();
    Timelines timelines = new Timelines(evictions::incrementAndGet);
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      int real = timelines.admit(connection);
      assertThat(real).isPositive();
      assertThat(evictions).hasValue(0);

      statement.execute("CREATE SCHEMA " + schema);
      statement.execute(EARLIER.formatted(schema, "00000077"));
      statement.execute("SET search_path = " + schema + ", pg_catalog");
      assertThat(timelines.admit(connection)).isEqualTo(0x77);
      assertThat(evictions).hasValue(1);
      assertThat(timelines.isSuperseded(real)).isTrue();
      assertThat(timelines.isSuperseded(0x77)).isFalse();

      statement.execute("SET search_path = pg_catalog");
      assertThatThrownBy(() -> timelines.admit(connection))
          .hasMessageContaining("former primary")
          .extracting("SQLState")
          .isEqualTo("08004");
    }
  }

  private Connection connect() throws Exception {
    return PostgresSettings.of(Map.of("url", server.url(), "user", "peers"))
        .dataSource()
        .getConnection();
  }
}
