package dev.peers.spi;

import dev.peers.Broker;

/**
 * Reaches a broker over a wire. Selected with {@code CLAUDE_PEERS_TRANSPORT}; the {@link
 * ServerProvider} of the same name is the other end.
 *
 * @since 0.1
 */
public interface TransportProvider extends Provider {
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
