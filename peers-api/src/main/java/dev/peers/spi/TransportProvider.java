package dev.peers.spi;

import dev.peers.Broker;

/**
 * Carries a broker over a wire, both ends. Selected with {@code CLAUDE_PEERS_TRANSPORT}.
 *
 * @since 0.1
 */
public interface TransportProvider extends Provider {
  /**
   * Offers a broker to others. What keeps the server from running is known when this returns;
   * should it fail later all the same, its port is closed, and {@link ServerConfig#onShutdown()}
   * called.
   *
   * @param broker what to serve; the server does not close it
   * @param config where, and who may come in
   * @return a running server, which the caller closes
   * @throws dev.peers.PeersException {@link dev.peers.ErrorCode#UNAVAILABLE} if the address cannot
   *     be had; {@link dev.peers.ErrorCode#PROVIDER_UNAVAILABLE} if libraries are missing or have
   *     other versions than the transport needs, with what is there and what is needed
   */
  BrokerServer serve(Broker broker, ServerConfig config);

  /**
   * Connects to a broker that another process serves. Nothing is sent before the first call.
   *
   * @param config where, and how to be let in
   * @return a broker, which the caller closes
   * @throws dev.peers.PeersException {@link dev.peers.ErrorCode#PROVIDER_UNAVAILABLE} if libraries
   *     are missing or have other versions than the transport needs
   */
  Broker connect(ClientConfig config);
}
