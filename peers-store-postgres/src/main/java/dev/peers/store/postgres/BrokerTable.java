package dev.peers.store.postgres;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;

/** The SQL of the table {@code brokers}. */
final class BrokerTable {
  private BrokerTable() {}

  static Map<String, Instant> renew(Handle handle, String broker, Duration lease) {
    return handle
        .createQuery("SELECT id, until FROM renew(:broker, :lease)")
        .bind("broker", broker)
        .bind("lease", lease.toMillis())
        .map(
            (row, context) ->
                Map.entry(row.getString("id"), Instant.ofEpochMilli(row.getLong("until"))))
        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
  }

  static void leave(Handle handle, String broker) {
    handle.execute("DELETE FROM brokers WHERE id = ?", broker);
  }
}
