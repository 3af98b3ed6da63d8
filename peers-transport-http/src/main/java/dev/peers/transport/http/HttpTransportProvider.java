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
  private static final String CONNECTING = "the HTTP client cannot run";

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
    required("config", config);
    if (!Linkage.isBundled()) {
      Linkage.require(HttpBroker.class, CONNECTING);
    }
    try {
      return new HttpBroker(config);
    } catch (LinkageError e) {
      throw Linkage.refusal(CONNECTING, e);
    }
  }
}
