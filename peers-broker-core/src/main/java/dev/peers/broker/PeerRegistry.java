package dev.peers.broker;

import dev.peers.ErrorCode;
import dev.peers.Membership;
import dev.peers.Peer;
import dev.peers.PeerId;
import dev.peers.PeerQuery;
import dev.peers.PeersException;
import dev.peers.Presence;
import dev.peers.ProcessRef;
import dev.peers.Registration;
import dev.peers.Scope;
import dev.peers.SessionKey;
import dev.peers.Summary;
import dev.peers.Workspace;
import dev.peers.spi.BrokerStore;
import dev.peers.spi.SharedStore;
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
import java.util.Objects;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Who is a peer, who is there, and under which id and name. Answers from memory; what must outlive
 * the process is written to the store before a call returns. Presence is known to memory alone.
 */
final class PeerRegistry {
  static final Duration ACTIVE_FOR = Duration.ofSeconds(60);

  private static final System.Logger LOG = System.getLogger(PeerRegistry.class.getName());

  /** How much of a key a key made from it begins with, so that it does not get too long. */
  private static final int MAX_STEM = 120;

  /** As many as a store forgets in one step. */
  private static final int FORGOTTEN_AT_ONCE = 1_000;

  private final Object lock = new Object();
  private final BrokerStore store;
  private final InstantSource clock;
  private final LongSupplier ticker;
  private final ProcessProbe probe;
  private final PeerIds ids;
  private final Predicate<PeerId> listening;
  private final @Nullable String host;
  private final @Nullable Neighbours neighbours;

  // Guarded by lock: from then on nobody is here any more.
  private boolean closing;

  // Guarded by lock, in order of registration.
  private final Map<PeerId, Member> byId = new LinkedHashMap<>();
  // Guarded by lock.
  private final Map<SessionKey, Member> byKey = new HashMap<>();

  PeerRegistry(
      BrokerStore store,
      InstantSource clock,
      LongSupplier ticker,
      ProcessProbe probe,
      PeerIds ids,
      Predicate<PeerId> listening,
      @Nullable String host,
      @Nullable Neighbours neighbours) {
    this.store = store;
    this.clock = clock;
    this.ticker = ticker;
    this.probe = probe;
    this.ids = ids;
    this.listening = listening;
    this.host = host;
    this.neighbours = neighbours;
    for (StoredPeer stored : store.peers()) {
      add(known(stored));
    }
    if (!byId.containsKey(PeerId.OPERATOR)) {
      Peer operator =
          Peer.builder(PeerId.OPERATOR, Workspace.of("/"), clock.instant())
              .name("operator")
              .build();
      insert(operator, SessionKey.OPERATOR);
    }
  }

  Membership register(Registration registration) {
    while (true) {
      lookUp(registration.sessionKey());
      Claim claim;
      synchronized (lock) {
        claim = claim(registration);
      }
      // Asking the system takes its time; what it says holds only if nothing has changed meanwhile.
      ProcessRef holder = claim.holder();
      boolean held = holder != null && probe.isAlive(holder);
      Member member;
      boolean isNew;
      synchronized (lock) {
        if (!claim.equals(claim(registration))) {
          continue;
        }
        int before = byId.size();
        member = join(registration, held ? claim.ownKey() : claim.key());
        if (member.peer.id().equals(PeerId.OPERATOR)) {
          return new Membership(PeerId.OPERATOR, member.peer.name());
        }
        isNew = byId.size() > before;
      }
      if (isNew && !claimed(member)) {
        continue;
      }
      save(member.peer.id());
      synchronized (lock) {
        return new Membership(member.peer.id(), member.peer.name());
      }
    }
  }

  /**
   * Who a registration asks to be.
   *
   * @param key the key it has already, if this process registers again; else the one it names
   * @param ownKey the key to take if that one is held
   * @param holder the other process that has the key and has not left; null for none
   */
  private record Claim(SessionKey key, SessionKey ownKey, @Nullable ProcessRef holder) {}

  /**
   * Two live processes can claim one key, as when a session is resumed twice; the second gets a
   * key, and so a mailbox, of its own. Each keeps what it has, in whatever order they come back.
   */
  private Claim claim(Registration registration) {
    SessionKey key = registration.sessionKey();
    ProcessRef claimant = registration.process();
    if (claimant == null) {
      return new Claim(key, key, null);
    }
    String stem = key.value().substring(0, Math.min(MAX_STEM, key.value().length())) + "#";
    SessionKey ownKey =
        new SessionKey(stem + claimant.pid() + "@" + claimant.started().orElse(Instant.EPOCH));
    Member member = byKey.get(key);
    if (member == null || isProcess(member, registration)) {
      return new Claim(key, key, null);
    }
    for (Member other : byKey.values()) {
      if (other.key.value().startsWith(stem) && isProcess(other, registration)) {
        return new Claim(other.key, other.key, null);
      }
    }
    if (!Objects.equals(hostOf(member.peer.workspace()), host)) {
      // Its process cannot be looked at from here.
      SessionKey free = isActive(member) ? ownKey : key;
      return new Claim(free, free, null);
    }
    return new Claim(key, ownKey, member.left ? null : member.peer.process());
  }

  private boolean isProcess(Member member, Registration registration) {
    return Objects.equals(registration.process(), member.peer.process())
        && isSameHost(member, registration);
  }

  private boolean isSameHost(Member member, Registration registration) {
    return Objects.equals(hostOf(member.peer.workspace()), hostOf(registration.workspace()));
  }

  private @Nullable String hostOf(Workspace workspace) {
    return workspace.host() == null ? host : workspace.host();
  }

  private Member join(Registration registration, SessionKey key) {
    Member member = byKey.get(key);
    if (member != null && member.peer.id().equals(PeerId.OPERATOR)) {
      // Where the operator stands tells the receiver what a message is about.
      member.become(member.peer.toBuilder().workspace(registration.workspace()).build());
      return member;
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
    hear(member);
    member.joinedAt = member.heardAt;
    member.become(
        member.peer.toBuilder()
            .workspace(registration.workspace())
            .name(freeName(registration.name(), member.peer))
            .process(registration.process())
            .agent(registration.agent())
            .tty(registration.tty())
            .route(registration.route())
            .summary(firstSummary(member.peer.summary(), registration.summary()))
            .lastSeen(member.heardAt)
            .build());
    return member;
  }

  /** Marks a peer as heard of now, whatever it did. */
  void heard(PeerId id) {
    synchronized (lock) {
      hear(own(id));
    }
  }

  /**
   * A peer whose session is not at another broker. One that has moved there, or was resumed there
   * while this broker was cut off, has to register to be told who it is now.
   */
  private Member own(PeerId id) {
    Member member = known(id);
    if (!member.joined && isElsewhere(member)) {
      throw new PeersException(
          ErrorCode.UNKNOWN_PEER,
          "peer '" + id + "' is a session on another machine by now; register again");
    }
    return member;
  }

  void unregister(PeerId id) {
    synchronized (lock) {
      Member member = byId.get(id);
      if (member == null || !member.joined) {
        return;
      }
      member.joined = false;
      member.left = true;
      member.heardAt = clock.instant();
      member.become(member.peer.toBuilder().lastSeen(member.heardAt).build());
    }
    save(id);
  }

  void summarize(PeerId id, String text, Summary.Source source) {
    synchronized (lock) {
      Member member = own(id);
      hear(member);
      Summary old = member.peer.summary();
      if (source == Summary.Source.AUTOMATIC
          && old != null
          && old.source() == Summary.Source.MANUAL) {
        return;
      }
      Summary summary = text.isBlank() ? null : new Summary(text.strip(), source, clock.instant());
      member.become(member.peer.toBuilder().summary(summary).lastSeen(member.heardAt).build());
    }
    save(id);
  }

  List<Peer> list(PeerQuery query) {
    Scope scope = query.scope().on(host);
    List<Peer> active = new ArrayList<>();
    List<Peer> away = new ArrayList<>();
    synchronized (lock) {
      for (Member member : byId.values()) {
        PeerId id = member.peer.id();
        if (id.equals(PeerId.OPERATOR)
            || id.equals(query.excluding())
            || !(query.includeAway() || isActive(member))) {
          continue;
        }
        Peer peer = view(member);
        if (scope.includes(peer.workspace())) {
          (peer.presence() == Presence.ACTIVE ? active : away).add(peer);
        }
      }
    }
    away.sort(Comparator.comparing(Peer::lastSeen).reversed());
    active.addAll(away);
    return active;
  }

  Optional<Peer> find(PeerId id) {
    Optional<Peer> here = remembered(id);
    if (here.isEmpty() && neighbours != null) {
      // Another broker may have known it for a moment only.
      learn(id);
      return remembered(id);
    }
    return here;
  }

  private Optional<Peer> remembered(PeerId id) {
    synchronized (lock) {
      return Optional.ofNullable(byId.get(id)).map(this::view);
    }
  }

  int activeCount() {
    synchronized (lock) {
      return (int) byId.values().stream().filter(this::isActive).count();
    }
  }

  /** Looks in the store for what another broker has just written of a peer. */
  void learn(PeerId id) {
    store
        .findPeer(id)
        .ifPresent(
            stored -> {
              if (neighbours != null) {
                neighbours.meet(stored.broker());
              }
              learn(stored);
            });
  }

  /** Looks in the store for what other brokers have written. */
  void learnAll() {
    store.peers().forEach(this::learn);
  }

  private void lookUp(SessionKey key) {
    if (neighbours == null) {
      return;
    }
    synchronized (lock) {
      if (byKey.containsKey(key)) {
        return;
      }
    }
    store.findPeer(key).ifPresent(this::learn);
  }

  /** The broker where a session registered last has it. */
  private void learn(StoredPeer stored) {
    synchronized (lock) {
      Member member = byId.get(stored.peer().id());
      if (member == null) {
        add(known(stored));
      } else if (!member.joined || hasMoved(member, stored)) {
        byKey.remove(member.key, member);
        member.become(stored);
        byKey.put(member.key, member);
      }
    }
  }

  private boolean hasMoved(Member member, StoredPeer stored) {
    return neighbours != null
        && stored.broker() != null
        && !stored.broker().equals(neighbours.self())
        && (member.joinedAt == null || stored.peer().lastSeen().isAfter(member.joinedAt));
  }

  /** Tells the other brokers what has changed by the passing of time alone. */
  void publish() {
    List<PeerId> due = new ArrayList<>();
    synchronized (lock) {
      for (Member member : byId.values()) {
        if (member.joined && !stored(member).equals(member.told)) {
          due.add(member.peer.id());
        }
      }
    }
    due.forEach(this::save);
  }

  /** Tells the other brokers of one peer, if there is news of it. */
  void publish(PeerId id) {
    if (neighbours != null) {
      boolean news;
      synchronized (lock) {
        Member member = known(id);
        news = member.joined && !stored(member).equals(member.told);
      }
      if (news) {
        save(id);
      }
    }
  }

  /** Writes when each peer was last seen, for the next broker on this store. */
  void saveAll() {
    List<PeerId> joined = new ArrayList<>();
    synchronized (lock) {
      closing = true;
      for (Member member : byId.values()) {
        if (member.joined) {
          member.become(member.peer.toBuilder().lastSeen(member.heardAt).build());
          joined.add(member.peer.id());
        }
      }
    }
    for (PeerId id : joined) {
      try {
        save(id);
      } catch (PeersException e) {
        LOG.log(System.Logger.Level.WARNING, "could not write when " + id + " was last seen", e);
      }
    }
  }

  /**
   * Forgets who has been away for long, here and in the store, unless there is mail for it.
   *
   * <p>Memory says who may go, as it alone knows who is there; the store says who goes, as it alone
   * can look at mail and remove in one step; then memory follows. In this order nobody can join
   * anew under a key that the store has still given to another. Who is heard of while the store is
   * at it, or gets mail, stays in memory and is written again.
   */
  void forget(Duration after) {
    saveSeen(after.dividedBy(30));
    List<PeerId> old = new ArrayList<>();
    Instant seenBefore;
    synchronized (lock) {
      seenBefore = clock.instant().minus(after);
      for (Member member : byId.values()) {
        if (isForgettable(member, seenBefore)) {
          member.kept = false;
          old.add(member.peer.id());
        }
      }
    }
    for (int i = 0; i < old.size(); i += FORGOTTEN_AT_ONCE) {
      List<PeerId> some = old.subList(i, Math.min(i + FORGOTTEN_AT_ONCE, old.size()));
      store.forget(some, seenBefore).forEach(id -> follow(id, seenBefore));
    }
  }

  /** Forgets a peer that the store has forgotten, or has the store know it again. */
  private void follow(PeerId id, Instant seenBefore) {
    synchronized (lock) {
      Member member = byId.get(id);
      if (member == null) {
        return;
      }
      if (!member.kept && isForgettable(member, seenBefore)) {
        byId.remove(id);
        byKey.remove(member.key, member);
        return;
      }
    }
    restore(id);
  }

  /**
   * Keeps a peer that may be about to be forgotten. To be called when a message for it is in the
   * store: by then either the store does not remove it, or it is told of it here.
   *
   * @throws PeersException {@link ErrorCode#UNKNOWN_PEER} if it has been forgotten
   */
  void keep(PeerId id, Duration after) {
    synchronized (lock) {
      Member member = known(id);
      if (!isOld(member, clock.instant().minus(after))) {
        return;
      }
      member.kept = true;
    }
    restore(id);
  }

  /** Writes a peer that the store may not have, over nothing that another broker wrote of it. */
  private void restore(PeerId id) {
    if (store instanceof SharedStore shared) {
      StoredPeer present;
      synchronized (lock) {
        present = stored(known(id));
      }
      shared.add(present);
    } else {
      save(id);
    }
  }

  /** Keeps what the store says of when peers were last seen from getting old, for after a crash. */
  private void saveSeen(Duration atMost) {
    List<PeerId> due = new ArrayList<>();
    synchronized (lock) {
      for (Member member : byId.values()) {
        if (member.joined && member.peer.lastSeen().isBefore(member.heardAt.minus(atMost))) {
          member.become(member.peer.toBuilder().lastSeen(member.heardAt).build());
          due.add(member.peer.id());
        }
      }
    }
    due.forEach(this::save);
  }

  private boolean isForgettable(Member member, Instant seenBefore) {
    return isOld(member, seenBefore) && !isActive(member) && !listening.test(member.peer.id());
  }

  private static boolean isOld(Member member, Instant seenBefore) {
    return member.heardAt.isBefore(seenBefore) && !member.peer.id().equals(PeerId.OPERATOR);
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
          && isSameHost(member, registration)
          && !member.peer.id().equals(PeerId.OPERATOR)
          && !isActive(member)
          && (latest == null || member.heardAt.isAfter(latest.heardAt))) {
        latest = member;
      }
    }
    return latest;
  }

  /** The wanted name, or the one with a suffix that the peer has been granted before. */
  private @Nullable String freeName(@Nullable String wanted, Peer owner) {
    if (wanted == null) {
      return null;
    }
    String former = owner.name();
    if (former != null
        && former.startsWith(wanted + "-")
        && former.substring(wanted.length() + 1).chars().allMatch(Character::isDigit)
        && !nameTaken(former, owner.id())) {
      return former;
    }
    String name = wanted;
    for (int n = 2; nameTaken(name, owner.id()); n++) {
      String suffix = "-" + n;
      int stem = Math.min(wanted.length(), Peer.MAX_NAME_LENGTH - suffix.length());
      if (Character.isHighSurrogate(wanted.charAt(stem - 1))) {
        stem--;
      }
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

  private Member known(StoredPeer stored) {
    Member member = new Member(stored.peer(), stored.sessionKey());
    if (neighbours != null) {
      member.become(stored);
    }
    return member;
  }

  private void insert(Peer peer, SessionKey key) {
    Member member = new Member(peer, key);
    synchronized (lock) {
      add(member);
    }
    if (claimed(member)) {
      save(peer.id());
    }
  }

  /**
   * Makes sure that no other broker has given the id or the key of a new member away at the same
   * time. If one has, the member is forgotten, and what the other wrote is known.
   */
  private boolean claimed(Member member) {
    if (!(store instanceof SharedStore shared)) {
      return true;
    }
    StoredPeer wanted;
    synchronized (lock) {
      wanted = stored(member);
    }
    if (shared.add(wanted)) {
      return true;
    }
    synchronized (lock) {
      byId.remove(wanted.peer().id(), member);
      byKey.remove(wanted.sessionKey(), member);
    }
    learn(wanted.peer().id());
    store.findPeer(wanted.sessionKey()).ifPresent(this::learn);
    return false;
  }

  private void add(Member member) {
    byId.put(member.peer.id(), member);
    byKey.put(member.key, member);
  }

  private void hear(Member member) {
    member.joined = true;
    member.left = false;
    member.heardAtNanos = ticker.getAsLong();
    member.heardAt = clock.instant();
  }

  private boolean isActive(Member member) {
    if (!member.joined) {
      return isElsewhere(member);
    }
    return !closing
        && ticker.getAsLong() - member.heardAtNanos <= ACTIVE_FOR.toNanos()
        && !member.peer.id().equals(PeerId.OPERATOR);
  }

  /** Whether another broker, which is there, has its session. */
  private boolean isElsewhere(Member member) {
    return neighbours != null
        && member.peer.presence() == Presence.ACTIVE
        && neighbours.heardOf(member.broker) != null;
  }

  /**
   * As it is now: the same object as before if nothing has changed, for those who keep things by
   * it.
   */
  private Peer view(Member member) {
    Presence presence = isActive(member) ? Presence.ACTIVE : Presence.AWAY;
    boolean elsewhere = !member.joined && presence == Presence.ACTIVE;
    boolean hears = elsewhere ? member.peer.listening() : listening.test(member.peer.id());
    Instant seen = elsewhere ? vouchedFor(member) : member.heardAt;
    Peer last = member.shown;
    if (last != null
        && last.presence() == presence
        && last.listening() == hears
        && last.lastSeen().equals(seen)) {
      return last;
    }
    Peer shown =
        member.peer.toBuilder()
            .workspace(member.peer.workspace().onHost(hostOf(member.peer.workspace())))
            .presence(presence)
            .listening(hears)
            .lastSeen(seen)
            .build();
    member.shown = shown;
    return shown;
  }

  /** A broker that is there speaks for all its peers. */
  private Instant vouchedFor(Member member) {
    Instant heard = neighbours == null ? null : neighbours.heardOf(member.broker);
    return heard != null && heard.isAfter(member.heardAt) ? heard : member.heardAt;
  }

  /** As it is to be written; with what other brokers want to know where there are any. */
  private StoredPeer stored(Member member) {
    if (neighbours == null) {
      return new StoredPeer(member.peer, member.key);
    }
    Peer peer = view(member).toBuilder().lastSeen(member.peer.lastSeen()).build();
    boolean here = member.joined && peer.presence() == Presence.ACTIVE;
    return new StoredPeer(peer, member.key, here ? neighbours.self() : null);
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
        present = stored(member);
        if (present.equals(written)) {
          member.told = written;
          return;
        }
      }
      store.save(present);
      written = present;
    }
  }
}
