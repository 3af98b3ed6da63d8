/**
 * The nouns of Peers and the one interface that everything talks to.
 *
 * <p>Start at {@link dev.peers.Broker}: a {@link dev.peers.Registration} makes a session a {@link
 * dev.peers.Peer}, a {@link dev.peers.Draft} becomes a durable {@link dev.peers.Message}, and a
 * {@link dev.peers.Receipt} tells its sender what became of it. All records are immutable, check
 * their components when they are made, and may be shared between threads.
 *
 * <p>Nothing here depends on a third-party library. Those who plug in a store, a transport or a
 * summarizer find the interfaces for it in {@code dev.peers.spi}.
 *
 * @since 0.1
 */
@NullMarked
package dev.peers;

import org.jspecify.annotations.NullMarked;
