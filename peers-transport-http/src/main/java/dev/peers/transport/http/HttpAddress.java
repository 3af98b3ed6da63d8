package dev.peers.transport.http;

import dev.peers.ErrorCode;
import dev.peers.PeersException;
import java.net.URI;
import java.util.Locale;
import okhttp3.HttpUrl;
import org.jspecify.annotations.Nullable;

/**
 * What the address of a broker must be to be reached over HTTP. It is checked before anything is
 * sent, so that a slip in a setting is told as that and not as a broker that does not answer.
 */
final class HttpAddress {
  private HttpAddress() {}

  /**
   * Refuses what is no address of a broker.
   *
   * @return the address
   * @throws PeersException {@link ErrorCode#INVALID_ARGUMENT} that says what is wrong with it
   */
  static URI check(URI address) {
    String wrong = problem(address);
    if (wrong != null) {
      throw new PeersException(
          ErrorCode.INVALID_ARGUMENT,
          "'"
              + shown(address)
              + "' "
              + wrong
              + "; expected an address such as http://127.0.0.1:7899");
    }
    return address;
  }

  /** What is wrong with it, for the middle of a sentence; null if nothing is. */
  private static @Nullable String problem(URI address) {
    String scheme = String.valueOf(address.getScheme()).toLowerCase(Locale.ROOT);
    if (!scheme.equals("http") && !scheme.equals("https")) {
      return "is not an address of HTTP";
    }
    if (address.getRawUserInfo() != null || isWithUserInfo(address.getRawAuthority())) {
      return "holds a name or password; a broker wants a token, which is given beside the address";
    }
    if (address.getHost() == null) {
      return "names no host";
    }
    int port = address.getPort();
    if (port == 0 || port > 65_535) {
      return "has the port " + port + ", and ports are 1 to 65535";
    }
    String path = address.getRawPath();
    if ((path != null && !path.isEmpty() && !path.equals("/"))
        || address.getRawQuery() != null
        || address.getRawFragment() != null) {
      return "goes on after the host and port, and a broker is served at '/' alone";
    }
    // The client is stricter than the JDK, about hosts above all.
    try {
      HttpUrl.get(address.toString());
      return null;
    } catch (IllegalArgumentException e) {
      return "is not an address of HTTP (" + e.getMessage() + ")";
    }
  }

  /** Also where the rest is not as it should be, and the parser found no user in it. */
  private static boolean isWithUserInfo(@Nullable String authority) {
    return authority != null && authority.contains("@");
  }

  /** Without what may be a password: this text may reach a log. */
  private static String shown(URI address) {
    String text = address.toString();
    int at = text.indexOf('@');
    int start = text.indexOf("//") + 2;
    return at < 0 || start < 2 || at < start
        ? text
        : text.substring(0, start) + "…" + text.substring(at);
  }
}
