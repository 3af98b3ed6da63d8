package dev.peers;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which peers to list. The operator is never listed.
 *
 * @param scope where the peers work
 * @param excluding a peer to leave out, usually the one that asks; null for none
 * @param includeAway whether peers that are gone are listed too, after those that are there
 * @since 0.1
 */
public record PeerQuery(Scope scope, @Nullable PeerId excluding, boolean includeAway) {
  /** Checks that there is a scope. */
  public PeerQuery {
    Checks.required("scope", scope);
  }

  /**
   * The active peers of a scope.
   *
   * @param scope where they work
   * @return the query
   */
  public static PeerQuery active(Scope scope) {
    return new PeerQuery(scope, null, false);
  }

  /**
   * Every peer that the broker knows, active or away, on whatever machine.
   *
   * @return the query
   */
  public static PeerQuery everyone() {
    return new PeerQuery(Scope.network(), null, true);
  }

  /**
   * The same without one peer.
   *
   * @param id who to leave out
   * @return the query
   */
  public PeerQuery without(PeerId id) {
    return new PeerQuery(scope, Arguments.required("id", id), includeAway);
  }

  /**
   * The peer to leave out.
   *
   * @return its id, or empty
   */
  public Optional<PeerId> excluded() {
    return Optional.ofNullable(excluding);
  }
}
