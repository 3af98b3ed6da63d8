package dev.peers.client;

import static dev.peers.Arguments.required;

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
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Finds a peer by what people call it: its id, its name, the beginning of its id, or the project
 * that it works on.
 *
 * @since 0.1
 */
public final class PeerLookup {
  private static final int MIN_PREFIX = 4;
  private static final int MAX_CANDIDATES = 5;

  private PeerLookup() {}

  /**
   * Finds the one peer that is meant, for somebody who is no peer; see {@link #resolve(Broker,
   * String, PeerId)}.
   *
   * @param broker who to ask
   * @param reference an id, a name, at least 4 characters of the beginning of an id, or a project
   * @return the peer
   * @throws PeersException {@link ErrorCode#UNKNOWN_PEER} or {@link ErrorCode#AMBIGUOUS_PEER}, with
   *     those that may have been meant
   */
  public static Peer resolve(Broker broker, String reference) {
    return resolve(broker, reference, null);
  }

  /**
   * Finds the one peer that is meant. Ids win over names, names over beginnings of ids, and those
   * over projects; of peers that are there and peers that are away, those that are there go first.
   * A project is the name of a peer's repository or directory, in capitals or not, and means the
   * one peer that is there and works on it; where a beginning of ids leaves a choice, a project of
   * that very name makes it.
   *
   * @param broker who to ask
   * @param reference an id, a name, at least 4 characters of the beginning of an id, or a project
   * @param self the peer that asks, which is found by its id and its name but never meant by a
   *     project, nor where another fits as well; null if none does
   * @return the peer
   * @throws PeersException {@link ErrorCode#UNKNOWN_PEER} or {@link ErrorCode#AMBIGUOUS_PEER}, with
   *     those that may have been meant, the peer that asks not among them
   */
  public static Peer resolve(Broker broker, String reference, @Nullable PeerId self) {
    required("broker", broker);
    String wanted = required("reference", reference).strip();
    String lower = wanted.toLowerCase(Locale.ROOT);
    Optional<Peer> exact = byId(broker, lower);
    if (exact.isPresent()) {
      return exact.get();
    }
    List<Peer> all = broker.list(PeerQuery.everyone());
    List<Peer> active = all.stream().filter(p -> p.presence() == Presence.ACTIVE).toList();
    List<Peer> others = active.stream().filter(p -> !p.id().equals(self)).toList();
    List<Peer> away =
        all.stream()
            .filter(p -> p.presence() == Presence.AWAY && !p.id().equals(PeerId.OPERATOR))
            .toList();
    List<Peer> ofProject =
        others.stream().filter(p -> wanted.equalsIgnoreCase(p.workspace().project())).toList();
    List<Predicate<Peer>> ways =
        List.of(
            peer -> wanted.equals(peer.name()),
            peer -> wanted.equalsIgnoreCase(peer.name()),
            peer -> lower.length() >= MIN_PREFIX && peer.id().value().startsWith(lower));
    for (List<Peer> peers : List.of(others, active, all)) {
      for (Predicate<Peer> way : ways) {
        List<Peer> found = peers.stream().filter(way).toList();
        if (found.size() == 1) {
          return found.get(0);
        }
        if (found.size() > 1 && ofProject.size() != 1) {
          throw ambiguous(wanted, found);
        }
      }
    }
    if (ofProject.size() == 1) {
      return ofProject.get(0);
    }
    throw ofProject.isEmpty() ? unknown(wanted, others, away) : ambiguous(wanted, ofProject);
  }

  private static PeersException ambiguous(String wanted, List<Peer> found) {
    return new PeersException(
        ErrorCode.AMBIGUOUS_PEER,
        "'" + shown(wanted) + "' fits more than one peer: " + names(found) + ". Use the full id");
  }

  private static String shown(String wanted) {
    return wanted.length() > 80 ? wanted.substring(0, 80) + "…" : wanted;
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

  private static PeersException unknown(String wanted, List<Peer> active, List<Peer> away) {
    List<Peer> near =
        Stream.concat(active.stream(), away.stream())
            .filter(peer -> near(peer, wanted.toLowerCase(Locale.ROOT)))
            .toList();
    String hint;
    if (!near.isEmpty()) {
      hint = "did you mean " + names(near) + "?";
    } else if (!active.isEmpty()) {
      hint = "there are " + names(active);
    } else {
      hint = "no other peer is active" + (away.isEmpty() ? "" : "; away are " + names(away));
    }
    return new PeersException(
        ErrorCode.UNKNOWN_PEER, "no peer is called '" + shown(wanted) + "'; " + hint);
  }

  /** Whether the two could be one with a slip: a shared beginning, or one within the other. */
  private static boolean near(Peer peer, String wanted) {
    String id = peer.id().value();
    String name = peer.displayName().toLowerCase(Locale.ROOT);
    String project = peer.workspace().project().toLowerCase(Locale.ROOT);
    int shared = Math.min(3, wanted.length());
    return !wanted.isEmpty()
        && (id.startsWith(wanted.substring(0, shared))
            || name.contains(wanted)
            || wanted.contains(name)
            || project.contains(wanted));
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
