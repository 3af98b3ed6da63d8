package dev.peers.spi;

import static dev.peers.Arguments.required;

import dev.peers.Peer;
import dev.peers.SessionKey;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A peer with what makes it that peer again. Unlike a {@link Peer} it holds a secret: it never
 * leaves the broker.
 *
 * @param peer the peer; its presence, route and whether it listens are kept by a {@link
 *     SharedStore}, and may be forgotten by another
 * @param sessionKey its key
 * @param broker which of the brokers that share the store has its session; null for none, and
 *     forgotten by a store that is not shared
 * @since 0.1
 */
public record StoredPeer(Peer peer, SessionKey sessionKey, @Nullable String broker) {
  /** Checks that the required parts are there. */
  public StoredPeer {
    required("peer", peer);
    required("session key", sessionKey);
  }

  /**
   * A peer whose session no broker is known to have.
   *
   * @param peer the peer
   * @param sessionKey its key
   */
  public StoredPeer(Peer peer, SessionKey sessionKey) {
    this(peer, sessionKey, null);
  }

  // By hand, as in PeerId. On a store of its own a broker mostly compares two with the same peer
  // object, whose own equality, spun too, is then not asked.

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof StoredPeer stored
        && Objects.equals(peer, stored.peer)
        && Objects.equals(sessionKey, stored.sessionKey)
        && Objects.equals(broker, stored.broker);
  }

  @Override
  public int hashCode() {
    return Objects.hashCode(sessionKey);
  }
}
