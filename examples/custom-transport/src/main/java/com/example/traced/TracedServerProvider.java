package com.example.traced;

import dev.peers.Broker;
import dev.peers.spi.BrokerServer;
import dev.peers.spi.Providers;
import dev.peers.spi.ServerConfig;
import dev.peers.spi.ServerProvider;

/** The other end of the transport {@code traced}, with its own line in the log for every call. */
public final class TracedServerProvider implements ServerProvider {
  @Override
  public String name() {
    return "traced";
  }

  @Override
  public BrokerServer serve(Broker broker, ServerConfig config) {
    ServerProvider http =
        Providers.of(ServerProvider.class, getClass().getClassLoader()).named("http");
    return http.serve(TracedBroker.of(broker, "served"), config);
  }
}
