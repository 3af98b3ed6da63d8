package dev.peers.transport.http;

import dev.peers.spi.BrokerEndpoint;
import java.net.InetAddress;
import java.net.Socket;
import javax.net.SocketFactory;

/** Makes sockets that are connected only once the broker behind them has proved who it is. */
final class VerifiedSocketFactory extends SocketFactory {
  private final BrokerEndpoint endpoint;
  private final String token;

  VerifiedSocketFactory(BrokerEndpoint endpoint, String token) {
    this.endpoint = endpoint;
    this.token = token;
  }

  @Override
  public Socket createSocket() {
    return new VerifiedSocket(endpoint, token);
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
