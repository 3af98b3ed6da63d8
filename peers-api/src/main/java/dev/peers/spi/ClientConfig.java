package dev.peers.spi;

import dev.peers.Arguments;
import dev.peers.ErrorCode;
import dev.peers.PeersException;
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
  private static final int MAX_TOKEN = 4096;

  /**
   * Refuses an address that is no complete one, and a token that no broker can have. What else an
   * address must be, its transport knows.
   */
  public ClientConfig {
    Arguments.required("address", address);
    if (!address.isAbsolute()) {
      throw new PeersException(
          ErrorCode.INVALID_ARGUMENT,
          "'"
              + address
              + "' does not say how to get there; expected an address such as"
              + " http://127.0.0.1:7899");
    }
    if (token != null && !isToken(token)) {
      throw new PeersException(
          ErrorCode.INVALID_ARGUMENT,
          "the token for "
              + address
              + " is blank, longer than "
              + MAX_TOKEN
              + " characters, or has characters other than printable ASCII; take the content of"
              + " the broker's .token file as it is, without the end of its line");
    }
  }

  private static boolean isToken(String token) {
    return !token.isBlank()
        && token.length() <= MAX_TOKEN
        && token.chars().allMatch(c -> c >= ' ' && c <= '~');
  }

  /** Hides the token: this text may reach a log. */
  @Override
  public String toString() {
    return "ClientConfig[" + address + "]";
  }
}
