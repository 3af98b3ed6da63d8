package dev.peers.client;

import dev.peers.Broker;
import dev.peers.ErrorCode;
import dev.peers.Peer;
import dev.peers.PeerId;
import dev.peers.PeerQuery;
import dev.peers.PeersException;
import dev.peers.Presence;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Finds a peer by what people call it: its id, its name, or the beginning of its id.
 *
 * @since 0.1
 */
public final class PeerLookup {
  private static final int MIN_PREFIX = 4;
  private static final int MAX_CANDIDATES = 5;

  private PeerLookup() {}

  /**
   * Finds the one peer that is meant. Of peers that are there and peers that are away, those that
   * are there go first.
   *
   * @param broker who to ask
   * @param reference an id, a name, or at least 4 characters of the beginning of an id
   * @return the peer
   * @throws PeersException {@link ErrorCode#UNKNOWN_PEER} or {@link ErrorCode#AMBIGUOUS_PEER}, with
   *     those that may have been meant
   */
  public static Peer resolve(Broker broker, String reference) {
    String wanted = reference.strip();
    Optional<Peer> exact = byId(broker, wanted.toLowerCase(Locale.ROOT));
    if (exact.isPresent()) {
      return exact.get();
    }
    List<Peer> all = broker.list(PeerQuery.everyone());
    List<Peer> active = all.stream().filter(p -> p.presence() == Presence.ACTIVE).toList();
    String prefix = wanted.toLowerCase(Locale.ROOT);
    List<Predicate<Peer>> ways =
        List.of(
            peer -> wanted.equals(peer.name()),
            peer -> wanted.equalsIgnoreCase(peer.name()),
            peer -> prefix.length() >= MIN_PREFIX && peer.id().value().startsWith(prefix));
    for (List<Peer> peers : List.of(active, all)) {
      for (Predicate<Peer> way : ways) {
        List<Peer> found = peers.stream().filter(way).toList();
        if (found.size() == 1) {
          return found.get(0);
        }
        if (found.size() > 1) {
          throw new PeersException(
              ErrorCode.AMBIGUOUS_PEER,
              "'" + wanted + "' fits more than one peer: " + names(found) + ". Use the full id");
        }
      }
    }
    throw unknown(wanted, active);
  }

  private static Optional<Peer> byId(Broker broker, String text) {
    try {
      return broker.find(new PeerId(text));
    } catch (PeersException e) {
      if (e.code() == ErrorCode.INVALID_ARGUMENT) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private static PeersException unknown(String wanted, List<Peer> active) {
    String shown = wanted.length() > 80 ? wanted.substring(0, 80) + "…" : wanted;
    List<Peer> near =
        active.stream().filter(peer -> near(peer, wanted.toLowerCase(Locale.ROOT))).toList();
    String hint;
    if (!near.isEmpty()) {
      hint = "did you mean " + names(near) + "?";
    } else if (!active.isEmpty()) {
      hint = "there are " + names(active);
    } else {
      hint = "nobody else is there at the moment";
    }
    return new PeersException(ErrorCode.UNKNOWN_PEER, "no peer is called '" + shown + "'; " + hint);
  }

  /** Whether the two could be one with a slip: a shared beginning, or one within the other. */
  private static boolean near(Peer peer, String wanted) {
    String id = peer.id().value();
    String name = peer.displayName().toLowerCase(Locale.ROOT);
    int shared = Math.min(3, wanted.length());
    return !wanted.isEmpty()
        && (id.startsWith(wanted.substring(0, shared))
            || name.contains(wanted)
            || wanted.contains(name));
  }

  private static String names(List<Peer> peers) {
    String names =
        peers.stream()
            .limit(MAX_CANDIDATES)
            .map(peer -> peer.id() + " (" + peer.displayName() + ")")
            .collect(Collectors.joining(", "));
    int more = peers.size() - MAX_CANDIDATES;
    return more > 0 ? names + " and " + more + " more" : names;
  }
}
