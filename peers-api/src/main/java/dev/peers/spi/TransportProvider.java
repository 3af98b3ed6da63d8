package dev.peers.spi;

import dev.peers.Broker;

/**
 * Carries a broker over a wire, both ends. Selected with {@code CLAUDE_PEERS_TRANSPORT}.
 *
 * @since 0.1
 */
public interface TransportProvider extends Provider {
  /**
   * Offers a broker to others.
   *
   * @param broker what to serve; the server does not close it
   * @param config where, and who may come in
   * @return a running server, which the caller closes
   * @throws dev.peers.PeersException if the address cannot be had
   */
  BrokerServer serve(Broker broker, ServerConfig config);

  /**
   * Connects to a broker that another process serves. Nothing is sent before the first call.
   *
   * @param config where, and how to be let in
   * @return a broker, which the caller closes
   */
  Broker connect(ClientConfig config);
}
