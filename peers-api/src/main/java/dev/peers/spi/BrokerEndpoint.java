package dev.peers.spi;

import dev.peers.Arguments;
import dev.peers.ErrorCode;
import dev.peers.PeersException;
import java.net.URI;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Where a broker serves at present, and the secret that it shares with its clients.
 *
 * @param address such as {@code http://127.0.0.1:7899}
 * @param token the secret that the broker wants; null if it wants none
 * @param direct whether the broker itself listens at the address, as its own card on this machine
 *     says; false where a tunnel, a proxy or a port mapping may lie between. A client trusts a
 *     direct address only if the broker proves that it listens at exactly this one
 * @param socket the Unix domain socket of a broker of the same user, over which it takes what it
 *     takes at its address; tried first. The caller has made sure that no other user can have put
 *     it there. Null for none
 * @since 0.1
 */
public record BrokerEndpoint(
    URI address, @Nullable String token, boolean direct, @Nullable Path socket) {
  private static final int MAX_TOKEN = 4096;

  /**
   * Refuses an address that is no complete one, and a token that no broker can have. What else an
   * address must be, its transport knows.
   */
  public BrokerEndpoint {
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

  /**
   * A broker that is reached at its address alone.
   *
   * @param address such as {@code http://127.0.0.1:7899}
   * @param token the secret that the broker wants; null if it wants none
   * @param direct whether the broker itself listens at the address
   */
  public BrokerEndpoint(URI address, @Nullable String token, boolean direct) {
    this(address, token, direct, null);
  }

  private static boolean isToken(String token) {
    return !token.isBlank()
        && token.length() <= MAX_TOKEN
        && token.chars().allMatch(c -> c >= ' ' && c <= '~');
  }

  /** Hides the token: this text may reach a log. */
  @Override
  public String toString() {
    return "BrokerEndpoint[" + address + (direct ? ", direct" : "") + "]";
  }
}
