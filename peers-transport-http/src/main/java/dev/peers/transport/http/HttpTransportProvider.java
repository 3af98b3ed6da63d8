package dev.peers.transport.http;

import static dev.peers.Arguments.required;

import dev.peers.Broker;
import dev.peers.spi.ClientConfig;
import dev.peers.spi.TransportProvider;
import dev.peers.transport.http.linkage.Library;
import dev.peers.transport.http.linkage.Linkage;
import java.util.EnumSet;

/**
 * The transport {@code http}, of which OkHttp is the client. The artifact {@code peers-server-http}
 * serves it.
 *
 * @since 0.1
 */
public final class HttpTransportProvider implements TransportProvider {
  private static final String PURPOSE = "the HTTP client cannot run";

  @Override
  public String name() {
    return "http";
  }

  @Override
  public Broker connect(ClientConfig config) {
    required("config", config);
    if (!Linkage.isBundled()) {
      Linkage.require(HttpBroker.class, PURPOSE);
    }
    try {
      return new HttpBroker(config);
    } catch (LinkageError e) {
      throw Linkage.refusal(PURPOSE, EnumSet.complementOf(EnumSet.of(Library.JETTY)), e);
    }
  }
}
