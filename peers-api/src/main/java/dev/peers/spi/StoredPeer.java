package dev.peers.spi;

import static dev.peers.Arguments.required;
import static dev.peers.Arguments.requiredAll;

import dev.peers.Peer;
import dev.peers.SessionKey;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A peer with what makes it that peer again. Unlike a {@link Peer} it holds a secret: it never
 * leaves the broker.
 *
 * @param peer the peer; its presence, route and whether it listens are kept by a {@link
 *     SharedStore}, and may be forgotten by another
 * @param sessionKey its key
 * @param otherKeys further keys that it answers to, the oldest first, without the first one
 * @param broker which of the brokers that share the store has its session; null for none, and
 *     forgotten by a store that is not shared
 * @since 0.1
 */
public record StoredPeer(
    Peer peer, SessionKey sessionKey, List<SessionKey> otherKeys, @Nullable String broker) {
  /** Checks that the required parts are there, and copies the keys. */
  public StoredPeer {
    required("peer", peer);
    required("session key", sessionKey);
    otherKeys = requiredAll("other keys", otherKeys);
  }

  /**
   * A peer with one key.
   *
   * @param peer the peer
   * @param sessionKey its key
   * @param broker which broker has its session; null for none
   */
  public StoredPeer(Peer peer, SessionKey sessionKey, @Nullable String broker) {
    this(peer, sessionKey, List.of(), broker);
  }

  /**
   * A peer with one key, whose session no broker is known to have.
   *
   * @param peer the peer
   * @param sessionKey its key
   */
  public StoredPeer(Peer peer, SessionKey sessionKey) {
    this(peer, sessionKey, List.of(), null);
  }

  // By hand, as in PeerId. On a store of its own a broker mostly compares two with the same peer
  // object, whose own equality, spun too, is then not asked.

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof StoredPeer stored
        && Objects.equals(peer, stored.peer)
        && Objects.equals(sessionKey, stored.sessionKey)
        && otherKeys.equals(stored.otherKeys)
        && Objects.equals(broker, stored.broker);
  }

  @Override
  public int hashCode() {
    return Objects.hashCode(sessionKey);
  }
}
