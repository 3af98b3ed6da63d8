package dev.peers.store.postgres;

import dev.peers.spi.SharedStore;
import dev.peers.spi.StoreConfig;
import dev.peers.spi.StoreProvider;

/**
 * Opens stores in PostgreSQL 13 or newer; the name is {@code postgres}. The database must be there;
 * schema and tables are made where they are missing. The path of the configuration is ignored, its
 * options are:
 *
 * <ul>
 *   <li>{@code url}: the JDBC address, {@code jdbc:postgresql://host:port/database}, with the
 *       driver's parameters, such as {@code sslmode}; required
 *   <li>{@code user} and {@code password}: who connects, if the address does not say
 *   <li>{@code schema}: where the tables are, {@code peers} if not set; 1 to 40 of {@code a-z},
 *       {@code 0-9} and {@code _}
 *   <li>{@code pool}: the most connections, 1 to 64, 4 if not set; there is one more that listens
 * </ul>
 */
public final class PostgresStoreProvider implements StoreProvider {
  @Override
  public String name() {
    return "postgres";
  }

  @Override
  public SharedStore open(StoreConfig config) {
    return PostgresStore.open(PostgresSettings.of(config.options()));
  }
}
