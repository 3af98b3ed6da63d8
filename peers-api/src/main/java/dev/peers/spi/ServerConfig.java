package dev.peers.spi;

import dev.peers.Arguments;
import dev.peers.ErrorCode;
import dev.peers.PeersException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Where a broker is served and who may come in.
 *
 * @param host the address to listen on, normally {@code 127.0.0.1}
 * @param port 1 to 65535, or 0 for any free one
 * @param token tells the secret that callers must know, asked at every request since it may change;
 *     null lets everybody in, and is refused for any address but the loopback
 * @param peerSecret what the keys of peers are made with, 256 random bits or more, known to the
 *     broker alone; with the same one keys outlive the server. Null for one that ends with it
 * @param onShutdown called once, on another thread, when a caller asks the broker to stop, or when
 *     the server has failed and its port is closed
 * @since 0.1
 */
public record ServerConfig(
    String host,
    int port,
    @Nullable Supplier<String> token,
    @Nullable String peerSecret,
    Runnable onShutdown) {
  /** Checks the port, and that strangers need a token. */
  public ServerConfig {
    Arguments.required("host", host);
    Arguments.required("onShutdown", onShutdown);
    if (host.isBlank()) {
      throw new PeersException(
          ErrorCode.INVALID_ARGUMENT,
          "the host to listen on is blank; expected an address such as 127.0.0.1");
    }
    if (port < 0 || port > 65535) {
      throw new PeersException(
          ErrorCode.INVALID_ARGUMENT, "port " + port + " is out of range; expected 0 to 65535");
    }
    if (token == null && !isLoopback(host)) {
      throw new PeersException(
          ErrorCode.INVALID_ARGUMENT,
          "refusing to serve on " + host + " without a token; only loopback may go without");
    }
  }

  /**
   * Serves with keys of peers that end with the server.
   *
   * @param host the address to listen on
   * @param port 1 to 65535, or 0 for any free one
   * @param token tells the secret that callers must know; null lets everybody in
   * @param onShutdown called once when a caller asks the broker to stop
   */
  public ServerConfig(
      String host, int port, @Nullable Supplier<String> token, Runnable onShutdown) {
    this(host, port, token, null, onShutdown);
  }

  /**
   * Serves with a token that stays the same, and with keys of peers that end with the server.
   *
   * @param host the address to listen on
   * @param port 1 to 65535, or 0 for any free one
   * @param token the secret that callers must know
   * @param onShutdown called once when a caller asks the broker to stop
   * @return the configuration
   */
  public static ServerConfig withToken(String host, int port, String token, Runnable onShutdown) {
    Arguments.required("token", token);
    return new ServerConfig(host, port, () -> token, onShutdown);
  }

  /**
   * Whether nobody but programs on this machine can get in.
   *
   * @return true for the loopback addresses
   */
  public boolean isLoopback() {
    return isLoopback(host);
  }

  private static boolean isLoopback(String host) {
    return host.equals("127.0.0.1") || host.equals("localhost") || host.equals("::1");
  }

  /** Hides the token: this text may reach a log. */
  @Override
  public String toString() {
    return "ServerConfig[" + host + ":" + port + (token == null ? ", open" : ", token") + "]";
  }
}
