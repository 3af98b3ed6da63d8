package dev.peers.broker;

import dev.peers.ErrorCode;
import dev.peers.Membership;
import dev.peers.Peer;
import dev.peers.PeerId;
import dev.peers.PeerQuery;
import dev.peers.PeersException;
import dev.peers.Presence;
import dev.peers.Registration;
import dev.peers.SessionKey;
import dev.peers.Summary;
import dev.peers.Workspace;
import dev.peers.spi.BrokerStore;
import dev.peers.spi.StoredPeer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Who is a peer, who is there, and under which id and name. Answers from memory; what must outlive
 * the process is written to the store before a call returns. Presence is known to memory alone.
 */
final class PeerRegistry {
  static final Duration ACTIVE_FOR = Duration.ofSeconds(60);

  private final Object lock = new Object();
  private final BrokerStore store;
  private final InstantSource clock;
  private final LongSupplier ticker;
  private final ProcessProbe probe;
  private final PeerIds ids;

  // Guarded by lock, in order of registration.
  private final Map<PeerId, Member> byId = new LinkedHashMap<>();
  // Guarded by lock.
  private final Map<SessionKey, Member> byKey = new HashMap<>();

  PeerRegistry(
      BrokerStore store,
      InstantSource clock,
      LongSupplier ticker,
      ProcessProbe probe,
      PeerIds ids) {
    this.store = store;
    this.clock = clock;
    this.ticker = ticker;
    this.probe = probe;
    this.ids = ids;
    for (StoredPeer stored : store.peers()) {
      add(new Member(stored.peer(), stored.sessionKey()));
    }
    if (!byId.containsKey(PeerId.OPERATOR)) {
      Peer operator =
          Peer.builder(PeerId.OPERATOR, Workspace.of("/"), clock.instant())
              .name("operator")
              .build();
      add(new Member(operator, SessionKey.OPERATOR));
      save(PeerId.OPERATOR);
    }
  }

  Membership register(Registration registration) {
    SessionKey key = keyOf(registration);
    PeerId id;
    @Nullable String name;
    synchronized (lock) {
      Member member = byKey.get(key);
      if (member != null && member.peer.id().equals(PeerId.OPERATOR)) {
        // Where the operator stands tells the receiver what a message is about.
        member.peer = member.peer.toBuilder().workspace(registration.workspace()).build();
        return new Membership(PeerId.OPERATOR, member.peer.name());
      }
      if (member == null) {
        member = heir(registration);
      }
      if (member == null) {
        Peer peer =
            Peer.builder(
                    ids.next(registration.workspace().project(), byId::containsKey),
                    registration.workspace(),
                    clock.instant())
                .build();
        member = new Member(peer, key);
        add(member);
      }
      byKey.remove(member.key);
      member.key = key;
      byKey.put(key, member);
      id = member.peer.id();
      name = freeName(registration.name(), id);
      hear(member);
      member.peer =
          member.peer.toBuilder()
              .workspace(registration.workspace())
              .name(name)
              .process(registration.process())
              .agent(registration.agent())
              .tty(registration.tty())
              .summary(firstSummary(member.peer.summary(), registration.summary()))
              .lastSeen(member.heardAt)
              .build();
    }
    save(id);
    return new Membership(id, name);
  }

  /** Marks a peer as heard of now, whatever it did. */
  void heard(PeerId id) {
    synchronized (lock) {
      hear(known(id));
    }
  }

  void unregister(PeerId id) {
    synchronized (lock) {
      Member member = byId.get(id);
      if (member == null || !member.joined) {
        return;
      }
      member.joined = false;
      member.heardAt = clock.instant();
      member.peer = member.peer.toBuilder().lastSeen(member.heardAt).build();
    }
    save(id);
  }

  void summarize(PeerId id, String text, Summary.Source source) {
    synchronized (lock) {
      Member member = known(id);
      hear(member);
      Summary old = member.peer.summary();
      if (source == Summary.Source.AUTOMATIC
          && old != null
          && old.source() == Summary.Source.MANUAL) {
        return;
      }
      Summary summary = text.isBlank() ? null : new Summary(text.strip(), source, clock.instant());
      member.peer = member.peer.toBuilder().summary(summary).lastSeen(member.heardAt).build();
    }
    save(id);
  }

  List<Peer> list(PeerQuery query) {
    List<Peer> active = new ArrayList<>();
    List<Peer> away = new ArrayList<>();
    synchronized (lock) {
      for (Member member : byId.values()) {
        PeerId id = member.peer.id();
        if (id.equals(PeerId.OPERATOR)
            || id.equals(query.excluding())
            || !query.scope().includes(member.peer.workspace())) {
          continue;
        }
        if (isActive(member)) {
          active.add(view(member));
        } else if (query.includeAway()) {
          away.add(view(member));
        }
      }
    }
    away.sort(Comparator.comparing(Peer::lastSeen).reversed());
    active.addAll(away);
    return active;
  }

  Optional<Peer> find(PeerId id) {
    synchronized (lock) {
      return Optional.ofNullable(byId.get(id)).map(this::view);
    }
  }

  int activeCount() {
    synchronized (lock) {
      return (int) byId.values().stream().filter(this::isActive).count();
    }
  }

  /** Writes when each peer was last seen, for the next broker on this store. */
  void saveAll() {
    List<PeerId> joined = new ArrayList<>();
    synchronized (lock) {
      for (Member member : byId.values()) {
        if (member.joined) {
          member.peer = member.peer.toBuilder().lastSeen(member.heardAt).build();
          joined.add(member.peer.id());
        }
      }
    }
    joined.forEach(this::save);
  }

  /**
   * The key to register under. Two live processes can claim one key, as when a session is resumed
   * twice; the second gets a key, and so a mailbox, of its own.
   */
  private SessionKey keyOf(Registration registration) {
    SessionKey key = registration.sessionKey();
    var claimant = registration.process();
    if (claimant == null) {
      return key;
    }
    @Nullable Peer holder;
    synchronized (lock) {
      Member member = byKey.get(key);
      holder = member != null && isActive(member) ? member.peer : null;
    }
    if (holder == null || holder.process() == null || holder.process().pid() == claimant.pid()) {
      return key;
    }
    return probe.isAlive(holder.process())
        ? new SessionKey(key.value() + "#" + claimant.pid() + "@" + claimant.startInstant())
        : key;
  }

  /** A peer that is away and whose name and directory the registration carries on. */
  private @Nullable Member heir(Registration registration) {
    String name = registration.name();
    if (name == null) {
      return null;
    }
    Member latest = null;
    for (Member member : byId.values()) {
      if (name.equals(member.peer.name())
          && member.peer.workspace().cwd().equals(registration.workspace().cwd())
          && !member.peer.id().equals(PeerId.OPERATOR)
          && !isActive(member)
          && (latest == null || member.heardAt.isAfter(latest.heardAt))) {
        latest = member;
      }
    }
    return latest;
  }

  private @Nullable String freeName(@Nullable String wanted, PeerId owner) {
    if (wanted == null) {
      return null;
    }
    String name = wanted;
    for (int n = 2; nameTaken(name, owner); n++) {
      String suffix = "-" + n;
      int stem = Math.min(wanted.length(), Peer.MAX_NAME_LENGTH - suffix.length());
      name = wanted.substring(0, stem) + suffix;
    }
    return name;
  }

  private boolean nameTaken(String name, PeerId owner) {
    if (name.equalsIgnoreCase("operator")) {
      return true;
    }
    for (Member member : byId.values()) {
      if (!member.peer.id().equals(owner) && name.equals(member.peer.name()) && isActive(member)) {
        return true;
      }
    }
    return false;
  }

  private @Nullable Summary firstSummary(@Nullable Summary old, @Nullable String text) {
    if (text == null || (old != null && old.source() == Summary.Source.MANUAL)) {
      return old;
    }
    return new Summary(text, Summary.Source.AUTOMATIC, clock.instant());
  }

  private Member known(PeerId id) {
    Member member = byId.get(id);
    if (member == null) {
      throw new PeersException(
          ErrorCode.UNKNOWN_PEER,
          "peer '" + id + "' is not known to this broker; list the peers, or register again");
    }
    return member;
  }

  private void add(Member member) {
    byId.put(member.peer.id(), member);
    byKey.put(member.key, member);
  }

  private void hear(Member member) {
    member.joined = true;
    member.heardAtNanos = ticker.getAsLong();
    member.heardAt = clock.instant();
  }

  private boolean isActive(Member member) {
    return member.joined
        && ticker.getAsLong() - member.heardAtNanos <= ACTIVE_FOR.toNanos()
        && !member.peer.id().equals(PeerId.OPERATOR);
  }

  private Peer view(Member member) {
    Instant seen = member.heardAt;
    return member.peer.toBuilder()
        .presence(isActive(member) ? Presence.ACTIVE : Presence.AWAY)
        .lastSeen(seen)
        .build();
  }

  /**
   * Writes a peer's present state. Whoever finds after the write that the state has moved on writes
   * again, so that the latest state is what stays, without a lock around the store.
   */
  private void save(PeerId id) {
    StoredPeer written = null;
    while (true) {
      StoredPeer present;
      synchronized (lock) {
        Member member = known(id);
        present = new StoredPeer(member.peer, member.key);
      }
      if (present.equals(written)) {
        return;
      }
      store.save(present);
      written = present;
    }
  }
}
