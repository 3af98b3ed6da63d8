package dev.peers.spi;

import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * Where a broker is reached and how to be let in.
 *
 * @param address such as {@code http://127.0.0.1:7899}
 * @param token the secret the broker wants; null if it wants none
 * @since 0.1
 */
public record ClientConfig(URI address, @Nullable String token) {
  /** Hides the token: this text may reach a log. */
  @Override
  public String toString() {
    return "ClientConfig[" + address + "]";
  }
}
