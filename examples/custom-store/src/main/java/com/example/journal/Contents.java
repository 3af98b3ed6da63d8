package com.example.journal;

import dev.peers.HistoryQuery;
import dev.peers.MessageId;
import dev.peers.PeerId;
import dev.peers.SessionKey;
import dev.peers.spi.StoredPeer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * What the lines of a journal amount to, with an index for every question. It changes through
 * {@link #apply} alone, so that lines that are read again lead to the same. Not thread-safe.
 */
final class Contents {
  private final Map<PeerId, StoredPeer> peers = new LinkedHashMap<>();
  private final Map<SessionKey, StoredPeer> peersByKey = new HashMap<>();
  private final NavigableMap<Long, Letter> letters = new TreeMap<>();
  private final Map<PeerId, NavigableMap<Long, Letter>> mailboxes = new HashMap<>();
  private final Map<List<String>, Letter> lettersByKey = new HashMap<>();
  private long lastId;
  private String identity;

  /** Takes a line in; what makes no sense is refused with an exception. */
  void apply(Line line) {
    switch (line.kind()) {
      case "begin" -> lastId = line.number();
      case "identity" -> identity = line.text();
      case "peer" -> put(PeerLine.read(line));
      case "mail" -> add(Letter.read(line));
      case "state" -> each(line, letter -> letter.readState(line));
      case "offer" -> {
        Instant now = line.time();
        Instant leaseEnd = line.time();
        each(line, letter -> letter.offer(now, leaseEnd));
      }
      case "deliver" -> {
        Instant now = line.time();
        each(line, letter -> letter.deliver(now));
      }
      case "expire" -> each(line, Letter::expire);
      case "purge" -> each(line, this::remove);
      case "forget" -> {
        while (line.hasNext()) {
          forget(new PeerId(line.text()));
        }
      }
      default -> throw new IllegalArgumentException("no line begins with '" + line.kind() + "'");
    }
  }

  /** How many lines {@link #toLines} has at most. */
  int size() {
    return 2 + peers.size() + 2 * letters.size();
  }

  /** The fewest lines that lead here. */
  List<Line> toLines() {
    List<Line> lines = new ArrayList<>();
    lines.add(new Line("begin").add(lastId));
    lines.add(new Line("identity").add(identity));
    peers.values().forEach(peer -> lines.add(PeerLine.of(peer)));
    for (Letter letter : letters.values()) {
      lines.add(letter.toLine());
      if (!letter.isNew()) {
        lines.add(letter.stateLine());
      }
    }
    return lines;
  }

  /** Which database this is; null for one that does not say yet. */
  String identity() {
    return identity;
  }

  MessageId nextId() {
    return new MessageId(lastId + 1);
  }

  Collection<StoredPeer> peers() {
    return peers.values();
  }

  Optional<StoredPeer> peer(PeerId id) {
    return Optional.ofNullable(peers.get(id));
  }

  Optional<StoredPeer> peer(SessionKey key) {
    return Optional.ofNullable(peersByKey.get(key));
  }

  Optional<Letter> letter(MessageId id) {
    return Optional.ofNullable(letters.get(id.value()));
  }

  Optional<Letter> letter(PeerId sender, String idempotencyKey) {
    return Optional.ofNullable(lettersByKey.get(List.of(sender.value(), idempotencyKey)));
  }

  /** What is neither delivered nor expired, oldest first. */
  NavigableMap<Long, Letter> mailbox(PeerId owner) {
    return mailboxes.getOrDefault(owner, Collections.emptyNavigableMap());
  }

  /** What waits in any mailbox and has outlived its time. */
  List<Letter> overdue(Instant now) {
    return mailboxes.values().stream()
        .flatMap(mailbox -> mailbox.values().stream())
        .filter(letter -> letter.isOverdue(now))
        .toList();
  }

  /** What waits no more and was sent before a time. */
  List<Letter> finished(Instant sentBefore) {
    return letters.values().stream()
        .filter(letter -> letter.isFinished() && letter.content.sentAt().isBefore(sentBefore))
        .toList();
  }

  /** Who was last seen before a time and has no mail. */
  List<PeerId> forgettable(Collection<PeerId> ids, Instant seenBefore) {
    return ids.stream()
        .distinct()
        .filter(id -> peers.containsKey(id) && mailbox(id).isEmpty())
        .filter(id -> peers.get(id).peer().lastSeen().isBefore(seenBefore))
        .toList();
  }

  /** The newest that match, newest first. */
  List<Letter> history(HistoryQuery query) {
    List<Letter> found = new ArrayList<>();
    NavigableMap<Long, Letter> behind = letters.tailMap(query.after().id(), false);
    NavigableMap<Long, Letter> between =
        query.before() == 0 ? behind : behind.headMap(query.before(), false);
    for (Letter letter : between.descendingMap().values()) {
      boolean old = query.since() != null && letter.content.sentAt().isBefore(query.since());
      if (old || found.size() == query.limit()) {
        break;
      }
      if (query.peer() == null
          || query.peer().equals(letter.content.to())
          || query.peer().equals(letter.content.from().id())) {
        found.add(letter);
      }
    }
    return found;
  }

  private void put(StoredPeer peer) {
    StoredPeer before = peers.put(peer.peer().id(), peer);
    if (before != null) {
      removeKeys(before);
    }
    peersByKey.put(peer.sessionKey(), peer);
    peer.otherKeys().forEach(key -> peersByKey.put(key, peer));
  }

  private void removeKeys(StoredPeer peer) {
    peersByKey.remove(peer.sessionKey(), peer);
    peer.otherKeys().forEach(key -> peersByKey.remove(key, peer));
  }

  private void forget(PeerId id) {
    StoredPeer peer = peers.remove(id);
    removeKeys(peer);
    mailboxes.remove(id);
  }

  private void add(Letter letter) {
    lastId = Math.max(lastId, letter.id.value());
    letters.put(letter.id.value(), letter);
    mailboxes
        .computeIfAbsent(letter.content.to(), owner -> new TreeMap<>())
        .put(letter.id.value(), letter);
    if (letter.content.idempotencyKey() != null) {
      lettersByKey.put(key(letter), letter);
    }
  }

  private void remove(Letter letter) {
    letters.remove(letter.id.value());
    if (letter.content.idempotencyKey() != null) {
      lettersByKey.remove(key(letter));
    }
  }

  /** Does something to each of the letters that the rest of a line names. */
  private void each(Line line, Consumer<Letter> change) {
    while (line.hasNext()) {
      Letter letter = letter(MessageId.parse(line.text())).orElseThrow();
      change.accept(letter);
      if (letter.isFinished()) {
        mailboxes.get(letter.content.to()).remove(letter.id.value());
      }
    }
  }

  private static List<String> key(Letter letter) {
    return List.of(letter.content.from().id().value(), letter.content.idempotencyKey());
  }
}
