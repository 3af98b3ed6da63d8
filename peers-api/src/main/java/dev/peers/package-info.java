/**
 * The nouns of Peers and the one interface that everything talks to.
 *
 * <p>Start at {@link dev.peers.Broker}: a {@link dev.peers.Registration} makes a session a {@link
 * dev.peers.Peer}, a {@link dev.peers.OutgoingMessage} becomes a durable {@link dev.peers.Message},
 * and a {@link dev.peers.Receipt} tells its sender what became of it. All records are immutable,
 * check their components when they are made, and may be shared between threads.
 *
 * <p><b>What goes wrong.</b> Public methods of Peers throw {@link dev.peers.PeersException} and
 * nothing else. Null is refused at once, with {@link dev.peers.ErrorCode#INVALID_ARGUMENT},
 * wherever a parameter is not marked {@code @Nullable}, and so is a value out of its range. A time
 * to wait is never out of range: zero or less only looks, and what is longer than 146 years is as
 * long as that. {@code compareTo} and what a caller's own code throws are the exceptions to this.
 *
 * <p>Nothing here depends on a third-party library. Those who plug in a store, a transport or a
 * summarizer find the interfaces for it in {@code dev.peers.spi}.
 *
 * @since 0.1
 */
@NullMarked
package dev.peers;

import org.jspecify.annotations.NullMarked;
