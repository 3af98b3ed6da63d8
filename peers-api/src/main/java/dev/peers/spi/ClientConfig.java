package dev.peers.spi;

import dev.peers.Arguments;
import java.net.URI;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Where a broker is reached and how to be let in.
 *
 * @param endpoint tells where the broker serves now; asked once by whoever connects, and again
 *     before each attempt to reach a broker that does not answer any more, by any thread. It may
 *     throw {@link dev.peers.PeersException} when no broker runs: then nothing is sent anywhere
 * @since 0.1
 */
public record ClientConfig(Supplier<BrokerEndpoint> endpoint) {
  /** Refuses null. */
  public ClientConfig {
    Arguments.required("endpoint", endpoint);
  }

  /**
   * Names a broker that stays where it is, possibly behind a tunnel.
   *
   * @param address such as {@code http://127.0.0.1:7899}
   * @param token the secret that the broker wants; null if it wants none
   */
  public ClientConfig(URI address, @Nullable String token) {
    this(fixed(new BrokerEndpoint(address, token, false)));
  }

  private static Supplier<BrokerEndpoint> fixed(BrokerEndpoint endpoint) {
    return () -> endpoint;
  }

  /** Hides the token: this text may reach a log. */
  @Override
  public String toString() {
    return "ClientConfig";
  }
}
