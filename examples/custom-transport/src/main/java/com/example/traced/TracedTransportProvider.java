package com.example.traced;

import dev.peers.Broker;
import dev.peers.spi.BrokerServer;
import dev.peers.spi.ClientConfig;
import dev.peers.spi.Providers;
import dev.peers.spi.ServerConfig;
import dev.peers.spi.TransportProvider;

/** The transport {@code traced}: {@code http}, and a line in the log for every call at each end. */
public final class TracedTransportProvider implements TransportProvider {
  @Override
  public String name() {
    return "traced";
  }

  @Override
  public BrokerServer serve(Broker broker, ServerConfig config) {
    return http().serve(TracedBroker.of(broker, "served"), config);
  }

  @Override
  public Broker connect(ClientConfig config) {
    return TracedBroker.of(http().connect(config), "asked");
  }

  /** Not in the constructor: providers are made to be asked their names, this one included. */
  private static TransportProvider http() {
    return Providers.of(TransportProvider.class, TracedTransportProvider.class.getClassLoader())
        .named("http");
  }
}
