package dev.peers.server.http;

import static dev.peers.Arguments.required;

import dev.peers.Broker;
import dev.peers.spi.BrokerServer;
import dev.peers.spi.ServerConfig;
import dev.peers.spi.ServerProvider;

/**
 * Serves the transport {@code http} with Jetty.
 *
 * @since 0.1
 */
public final class HttpServerProvider implements ServerProvider {
  @Override
  public String name() {
    return "http";
  }

  @Override
  public BrokerServer serve(Broker broker, ServerConfig config) {
    return HttpBrokerServer.start(required("broker", broker), required("config", config));
  }
}
