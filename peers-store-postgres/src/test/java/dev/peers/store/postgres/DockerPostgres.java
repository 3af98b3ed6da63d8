package dev.peers.store.postgres;

import java.util.Optional;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.postgresql.PostgreSQLContainer;

/** A server in Docker, which Testcontainers ends with the JVM. */
final class DockerPostgres {
  private static final String IMAGE = "postgres:17-alpine";

  private DockerPostgres() {}

  /** Its address, or empty where no Docker engine answers. */
  @SuppressWarnings("resource") // Testcontainers ends it.
  static Optional<String> start() {
    if (!DockerClientFactory.instance().isDockerAvailable()) {
      return Optional.empty();
    }
    PostgreSQLContainer container = new PostgreSQLContainer(IMAGE);
    container.start();
    char first = container.getJdbcUrl().indexOf('?') < 0 ? '?' : '&';
    return Optional.of(
        container.getJdbcUrl()
            + first
            + "user="
            + container.getUsername()
            + "&password="
            + container.getPassword());
  }
}
