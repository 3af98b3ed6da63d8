package dev.peers.broker;

import dev.peers.ErrorCode;
import dev.peers.Peer;
import dev.peers.PeerId;
import dev.peers.PeersException;
import dev.peers.Presence;
import dev.peers.SessionKey;
import dev.peers.Workspace;
import dev.peers.spi.StoredPeer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The members of a broker: everybody it knows, who of them is there, and how each looks at the
 * moment. In memory alone.
 *
 * <p>What changes is guarded by the roster's monitor. Who needs several answers, or the fields of a
 * member, to be of one moment holds it around all of that, and never while a store writes or
 * searches. What is asked of each member in turn does not take it again, as that would cost a
 * listing more than the rest of it: for {@link #isActive}, {@link #view} and {@link #stored} the
 * caller holds it.
 */
final class Roster {
  static final Duration ACTIVE_FOR = Duration.ofSeconds(60);
  private static final int MAX_OTHER_KEYS = 32;
  private static final long ACTIVE_NANOS = ACTIVE_FOR.toNanos();

  private final InstantSource clock;
  private final LongSupplier ticker;
  private final Predicate<PeerId> listening;
  private final @Nullable String host;
  private final @Nullable BrokerLeases neighbours;

  // In order of registration.
  private final Map<PeerId, Member> byId = new LinkedHashMap<>();
  private final Map<SessionKey, Member> byKey = new HashMap<>();

  // From then on nobody is here any more.
  private boolean closing;

  /**
   * Begins with those that a store knows.
   *
   * @param clock the time of day
   * @param ticker nanoseconds that stand still while the machine sleeps
   * @param listening who would be woken by mail
   * @param host the machine's name; null for none
   * @param neighbours the other brokers on the store; null on a store of our own
   */
  Roster(
      Collection<StoredPeer> stored,
      InstantSource clock,
      LongSupplier ticker,
      Predicate<PeerId> listening,
      @Nullable String host,
      @Nullable BrokerLeases neighbours) {
    this.clock = clock;
    this.ticker = ticker;
    this.listening = listening;
    this.host = host;
    this.neighbours = neighbours;
    stored.forEach(this::addKnown);
  }

  Instant now() {
    return clock.instant();
  }

  /** The machine's name; null for none. */
  @Nullable String host() {
    return host;
  }

  /** The other brokers on the store; null on a store of our own. */
  @Nullable BrokerLeases neighbours() {
    return neighbours;
  }

  /**
   * All members in order of registration, to be read and not changed; only for as long as the
   * monitor is held.
   */
  synchronized Collection<Member> members() {
    return byId.values();
  }

  synchronized @Nullable Member find(PeerId id) {
    return byId.get(id);
  }

  synchronized @Nullable Member find(SessionKey key) {
    return byKey.get(key);
  }

  synchronized Member require(PeerId id) {
    Member member = byId.get(id);
    if (member == null) {
      throw new PeersException(
          ErrorCode.UNKNOWN_PEER,
          "peer '" + id + "' is not known to this broker; list the peers, or register again");
    }
    return member;
  }

  /**
   * A peer whose session is not at another broker. One that has moved there, or was resumed there
   * while this broker was cut off, has to register to be told who it is now.
   */
  synchronized Member requireOwn(PeerId id) {
    Member member = require(id);
    if (!member.joined && isElsewhere(member)) {
      throw new PeersException(
          ErrorCode.UNKNOWN_PEER,
          "peer '" + id + "' is a session on another machine by now; register again");
    }
    return member;
  }

  synchronized void add(Member member) {
    byId.put(member.peer.id(), member);
    index(member);
  }

  private void index(Member member) {
    byKey.put(member.key, member);
    member.otherKeys.forEach(key -> byKey.putIfAbsent(key, member));
  }

  private void unindex(Member member) {
    byKey.remove(member.key, member);
    member.otherKeys.forEach(key -> byKey.remove(key, member));
    endLoan(member);
  }

  /** Adds one that the store knows and that has not joined yet. */
  synchronized void addKnown(StoredPeer stored) {
    Member member = new Member(stored.peer(), stored.sessionKey());
    member.otherKeys.addAll(stored.otherKeys());
    if (neighbours != null) {
      member.become(stored);
    }
    add(member);
  }

  synchronized void remove(Member member) {
    byId.remove(member.peer.id(), member);
    unindex(member);
  }

  /**
   * A peer that is away is another session's from now on, until one with a key of its own comes.
   */
  synchronized void lend(Member member, SessionKey heir) {
    endLoan(member);
    member.heir = heir;
    byKey.put(heir, member);
  }

  /** Whoever had a peer because of its name has it no more. */
  synchronized void endLoan(Member member) {
    if (member.heir != null) {
      byKey.remove(member.heir, member);
      member.heir = null;
    }
  }

  /** Whether a key is one of those that a peer belongs to, and not its heir's. */
  static boolean owns(SessionKey key, Member member) {
    return !key.equals(member.heir);
  }

  /** Has a member answer to a key more, unless somebody does already; whether it does now. */
  synchronized boolean addKey(Member member, SessionKey key) {
    if (byKey.putIfAbsent(key, member) != null) {
      return false;
    }
    member.otherKeys.add(key);
    if (member.otherKeys.size() > MAX_OTHER_KEYS) {
      byKey.remove(member.otherKeys.remove(0), member);
    }
    return true;
  }

  /** What another broker wrote of a member takes the place of what is here. */
  synchronized void replace(Member member, StoredPeer stored) {
    unindex(member);
    member.become(stored);
    index(member);
  }

  /**
   * A member was heard of now. One that has left stays away: what was under way when it left, or is
   * done in its name by others, does not bring it back.
   */
  synchronized void touch(Member member) {
    member.joined = !member.departed;
    member.left = member.departed;
    member.heardAtNanos = ticker.getAsLong();
    member.heardAt = clock.instant();
  }

  /** A session of a member is here, and was heard of now. */
  synchronized void touch(Member member, @Nullable String instance) {
    member.departed = false;
    touch(member);
    member.sessions.heard(instance, member.heardAtNanos);
  }

  /**
   * A session of a member has left.
   *
   * @return whether the member is away with that, since no other of its sessions is here
   */
  synchronized boolean leave(Member member, @Nullable String instance) {
    if (!member.joined) {
      // Nothing was heard of it since this broker started, and nothing under way changes that.
      member.departed |= !isElsewhere(member);
      return false;
    }
    member.sessions.leave(instance);
    OptionalLong last = member.sessions.lastHeard();
    if (last.isPresent() && ticker.getAsLong() - last.getAsLong() <= ACTIVE_NANOS) {
      member.heardAtNanos = last.getAsLong();
      return false;
    }
    member.sessions.clear();
    member.joined = false;
    member.left = true;
    member.departed = true;
    member.heardAt = clock.instant();
    return true;
  }

  /** Nobody is here from now on. */
  synchronized void close() {
    closing = true;
  }

  /** Now, on the ticker. */
  long ticks() {
    return ticker.getAsLong();
  }

  /** Whether a member is there, with this broker or another. */
  boolean isActive(Member member) {
    return isActive(member, ticks());
  }

  /** The same for who asks of many, with the ticks of now. */
  boolean isActive(Member member, long ticks) {
    if (!member.joined) {
      return isElsewhere(member);
    }
    return !closing && ticks - member.heardAtNanos <= ACTIVE_NANOS && !member.isOperator();
  }

  /** Whether a member would be woken by mail. */
  boolean isListening(Member member) {
    return listening.test(member.peer.id());
  }

  @Nullable String hostOf(Workspace workspace) {
    return workspace.host() == null ? host : workspace.host();
  }

  /**
   * A member as it is now: the same object as before if nothing has changed, for those who keep
   * things by it.
   */
  Peer view(Member member) {
    return view(member, isActive(member));
  }

  /** The same for who has asked already whether it is active. */
  Peer view(Member member, boolean isActive) {
    Presence presence = isActive ? Presence.ACTIVE : Presence.AWAY;
    boolean elsewhere = !member.joined && isActive;
    boolean hears = elsewhere ? member.peer.listening() : isListening(member);
    Instant seen = elsewhere ? vouchedFor(member) : member.heardAt;
    Peer last = member.cachedSnapshot;
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
    member.cachedSnapshot = shown;
    return shown;
  }

  /** A member as it is to be written; with what other brokers want to know where there are any. */
  StoredPeer stored(Member member) {
    if (neighbours == null) {
      return new StoredPeer(member.peer, member.key, member.otherKeys, null);
    }
    Peer peer = view(member).toBuilder().lastSeen(member.peer.lastSeen()).build();
    boolean here = member.joined && peer.presence() == Presence.ACTIVE;
    return new StoredPeer(peer, member.key, member.otherKeys, here ? neighbours.self() : null);
  }

  /** Whether another broker, which is there, has its session. */
  private boolean isElsewhere(Member member) {
    return neighbours != null
        && member.peer.presence() == Presence.ACTIVE
        && neighbours.heardOf(member.broker) != null;
  }

  /** A broker that is there speaks for all its peers. */
  private Instant vouchedFor(Member member) {
    Instant heard = neighbours == null ? null : neighbours.heardOf(member.broker);
    return heard != null && heard.isAfter(member.heardAt) ? heard : member.heardAt;
  }
}
