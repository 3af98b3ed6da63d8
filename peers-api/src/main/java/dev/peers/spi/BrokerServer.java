package dev.peers.spi;

import java.net.URI;

/**
 * A broker that is being served. Thread-safe.
 *
 * @since 0.1
 */
public interface BrokerServer extends AutoCloseable {
  /**
   * Where it is reached, the port filled in.
   *
   * @return for example {@code http://127.0.0.1:7899}
   */
  URI address();

  /** Stops listening, ends open connections, and waits a few seconds at most; may be repeated. */
  @Override
  void close();
}
