package dev.peers.broker;

import dev.peers.Membership;
import dev.peers.Peer;
import dev.peers.PeerId;
import dev.peers.ProcessRef;
import dev.peers.Registration;
import dev.peers.SessionKey;
import dev.peers.Summary;
import dev.peers.Workspace;
import dev.peers.spi.StoredPeer;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Decides who a session is: under which key, id and name it joins. */
final class Registrar {
  /** How much of a key a key made from it begins with, so that it does not get too long. */
  private static final int MAX_STEM = 120;

  private final Roster roster;
  private final RosterWriter writer;
  private final RosterSync sync;
  private final ProcessProbe probe;
  private final PeerIds ids;

  /** The operator is a member from the first start on. */
  Registrar(Roster roster, RosterWriter writer, RosterSync sync, ProcessProbe probe, PeerIds ids) {
    this.roster = roster;
    this.writer = writer;
    this.sync = sync;
    this.probe = probe;
    this.ids = ids;
    if (roster.find(PeerId.OPERATOR) == null) {
      Peer operator =
          Peer.builder(PeerId.OPERATOR, Workspace.of("/"), roster.now()).name("operator").build();
      Member member = new Member(operator, SessionKey.OPERATOR);
      roster.add(member);
      if (claimed(member)) {
        writer.save(PeerId.OPERATOR);
      }
    }
  }

  Membership register(Registration registration) {
    while (true) {
      sync.learn(registration.sessionKey());
      Claim claim;
      synchronized (roster) {
        claim = claim(registration);
      }
      // Asking the system takes its time; what it says holds only if nothing has changed meanwhile.
      ProcessRef holder = claim.holder();
      boolean held = holder != null && probe.isAlive(holder);
      Member member;
      boolean isNew;
      synchronized (roster) {
        if (!claim.isSame(claim(registration))) {
          continue;
        }
        int before = roster.members().size();
        member = join(registration, held ? claim.ownKey() : claim.key());
        if (member.peer.id().equals(PeerId.OPERATOR)) {
          return new Membership(PeerId.OPERATOR, member.peer.name());
        }
        isNew = roster.members().size() > before;
      }
      if (isNew && !claimed(member)) {
        continue;
      }
      writer.save(member.peer.id());
      synchronized (roster) {
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
  private record Claim(SessionKey key, SessionKey ownKey, @Nullable ProcessRef holder) {
    /** Not the record's own equality, which would be spun while a broker starts. */
    boolean isSame(Claim other) {
      return key.equals(other.key)
          && ownKey.equals(other.ownKey)
          && Objects.equals(holder, other.holder);
    }
  }

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
    Member member = roster.find(key);
    if (member == null || isProcess(member, registration)) {
      return new Claim(key, key, null);
    }
    for (Member other : roster.members()) {
      if (other.key.value().startsWith(stem)
          && roster.find(other.key) == other
          && isProcess(other, registration)) {
        return new Claim(other.key, other.key, null);
      }
    }
    if (!Objects.equals(roster.hostOf(member.peer.workspace()), roster.host())) {
      // Its process cannot be looked at from here.
      SessionKey free = roster.isActive(member) ? ownKey : key;
      return new Claim(free, free, null);
    }
    return new Claim(key, ownKey, member.left ? null : member.peer.process());
  }

  private boolean isProcess(Member member, Registration registration) {
    return Objects.equals(registration.process(), member.peer.process())
        && isSameHost(member, registration);
  }

  private boolean isSameHost(Member member, Registration registration) {
    return Objects.equals(
        roster.hostOf(member.peer.workspace()), roster.hostOf(registration.workspace()));
  }

  private Member join(Registration registration, SessionKey key) {
    Member member = roster.find(key);
    if (member != null && member.peer.id().equals(PeerId.OPERATOR)) {
      // Where the operator stands tells the receiver what a message is about.
      member.become(member.peer.toBuilder().workspace(registration.workspace()).build());
      return member;
    }
    if (member == null) {
      member = heir(registration);
    }
    if (member == null) {
      PeerId id = ids.next(registration.workspace().project(), taken -> roster.find(taken) != null);
      Peer peer = Peer.builder(id, registration.workspace(), roster.now()).build();
      member = new Member(peer, key);
      roster.add(member);
    }
    roster.giveKey(member, key);
    roster.hear(member, registration.instance());
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

  /**
   * Makes sure that no other broker has given the id or the key of a new member away at the same
   * time. If one has, the member is forgotten, and what the other wrote is known.
   */
  private boolean claimed(Member member) {
    StoredPeer wanted;
    synchronized (roster) {
      wanted = roster.stored(member);
    }
    if (writer.claim(wanted)) {
      return true;
    }
    roster.remove(member);
    sync.learn(wanted.peer().id());
    sync.learn(wanted.sessionKey());
    return false;
  }

  /** A peer that is away and whose name and directory the registration carries on. */
  private @Nullable Member heir(Registration registration) {
    String name = registration.name();
    if (name == null) {
      return null;
    }
    Member latest = null;
    for (Member member : roster.members()) {
      if (name.equals(member.peer.name())
          && member.peer.workspace().cwd().equals(registration.workspace().cwd())
          && isSameHost(member, registration)
          && !member.peer.id().equals(PeerId.OPERATOR)
          && !roster.isActive(member)
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
    for (Member member : roster.members()) {
      if (!member.peer.id().equals(owner)
          && name.equals(member.peer.name())
          && roster.isActive(member)) {
        return true;
      }
    }
    return false;
  }

  private @Nullable Summary firstSummary(@Nullable Summary old, @Nullable String text) {
    if (text == null || (old != null && old.source() == Summary.Source.MANUAL)) {
      return old;
    }
    return new Summary(text, Summary.Source.AUTOMATIC, roster.now());
  }
}
