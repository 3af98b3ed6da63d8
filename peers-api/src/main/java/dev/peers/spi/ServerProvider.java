package dev.peers.spi;

import dev.peers.Broker;

/**
 * Serves a broker over a wire. Selected with {@code CLAUDE_PEERS_TRANSPORT}; the {@link
 * TransportProvider} of the same name is the other end. The two are apart so that a program that
 * joins a broker needs no server on its class path.
 *
 * @since 0.1
 */
public interface ServerProvider extends Provider {
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
   *     other versions than the server needs, with what is there and what is needed
   */
  BrokerServer serve(Broker broker, ServerConfig config);
}
