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
 * Makes connections to a broker: over its Unix domain socket where there is one that is listened
 * on, else to its address, and then only once the broker has proved to know the token.
 *
 * <p>The socket comes first because a command may run in another network than the broker, a
 * container's say, where the same address is another program's. The choice is made again for each
 * connection: a broker that was replaced may have the one and not the other.
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

  /** By trying: the file of a broker that was killed is still there. */
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

  /** The client resolves names, chooses among addresses and sets time limits before it connects. */
  private static UnsupportedOperationException unused() {
    return new UnsupportedOperationException("the HTTP client connects its sockets itself");
  }
}
