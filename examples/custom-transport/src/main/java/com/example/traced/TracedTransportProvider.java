package com.example.traced;

import dev.peers.Broker;
import dev.peers.spi.ClientConfig;
import dev.peers.spi.Providers;
import dev.peers.spi.TransportProvider;

/** The transport {@code traced}: {@code http}, and a line in the log for every call. */
public final class TracedTransportProvider implements TransportProvider {
  @Override
  public String name() {
    return "traced";
  }

  @Override
  public Broker connect(ClientConfig config) {
    // Not in the constructor: providers are made to be asked their names, this one included.
    TransportProvider http =
        Providers.of(TransportProvider.class, getClass().getClassLoader()).named("http");
    return TracedBroker.of(http.connect(config), "asked");
  }
}
