package dev.peers.spi;

import dev.peers.Peer;
import dev.peers.SessionKey;

/**
 * A peer with what makes it that peer again. Unlike a {@link Peer} it holds a secret: it never
 * leaves the broker.
 *
 * @param peer the peer; a store may forget its presence
 * @param sessionKey its key
 */
public record StoredPeer(Peer peer, SessionKey sessionKey) {}
