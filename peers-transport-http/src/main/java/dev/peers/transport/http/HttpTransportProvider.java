package dev.peers.transport.http;

import static dev.peers.Arguments.required;

import dev.peers.Broker;
import dev.peers.spi.BrokerServer;
import dev.peers.spi.ClientConfig;
import dev.peers.spi.ServerConfig;
import dev.peers.spi.TransportProvider;

/**
 * The transport {@code http}: Jetty serves, OkHttp connects.
 *
 * @since 0.1
 */
public final class HttpTransportProvider implements TransportProvider {
  @Override
  public String name() {
    return "http";
  }

  @Override
  public BrokerServer serve(Broker broker, ServerConfig config) {
    return HttpBrokerServer.start(required("broker", broker), required("config", config));
  }

  @Override
  public Broker connect(ClientConfig config) {
    return new HttpBroker(required("config", config));
  }
}
