package dev.peers.transport.http;

import dev.peers.spi.BrokerEndpoint;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import javax.net.SocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * Makes connections to a broker: over its Unix domain socket where there is one that somebody
 * listens on, else to its address, and then only once the broker has proved to know the token.
 */
final class BrokerSocketFactory extends SocketFactory {
  private final BrokerEndpoint endpoint;

  BrokerSocketFactory(BrokerEndpoint endpoint) {
    this.endpoint = endpoint;
  }

  @Override
  public Socket createSocket() {
    Path socket = endpoint.socket();
    if (socket != null && isServed(socket)) {
      return new LocalSocket(socket);
    }
    @Nullable String token = endpoint.token();
    return token == null ? new Socket() : new VerifiedSocket(endpoint, token);
  }

  private static boolean isServed(Path socket) {
    try {
      SocketChannel.open(UnixDomainSocketAddress.of(socket)).close();
      return true;
    } catch (IOException | UnsupportedOperationException e) {
      return false;
    }
  }

  @Override
  public Socket createSocket(String host, int port) {
    throw unused();
  }

  @Override
  public Socket createSocket(String host, int port, InetAddress localHost, int localPort) {
    throw unused();
  }

  @Override
  public Socket createSocket(InetAddress host, int port) {
    throw unused();
  }

  @Override
  public Socket createSocket(InetAddress address, int port, InetAddress local, int localPort) {
    throw unused();
  }

  private static UnsupportedOperationException unused() {
    return new UnsupportedOperationException("the HTTP client connects its sockets itself");
  }
}
