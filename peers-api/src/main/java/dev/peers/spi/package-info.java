/**
 * What others implement to extend Peers, found through {@link java.util.ServiceLoader}.
 *
 * <p>Start at {@link dev.peers.spi.StoreProvider} to keep mail somewhere else, at {@link
 * dev.peers.spi.TransportProvider} and {@link dev.peers.spi.ServerProvider} to reach a broker by
 * other means, at {@link dev.peers.spi.SummarizerProvider} to describe sessions in other words.
 * {@link dev.peers.spi.Providers} selects among those on the class path by name.
 *
 * @since 0.1
 */
@NullMarked
package dev.peers.spi;

import org.jspecify.annotations.NullMarked;
