package dev.peers.broker;

import dev.peers.ErrorCode;
import dev.peers.Peer;
import dev.peers.PeerId;
import dev.peers.PeersException;
import dev.peers.ProcessRef;
import dev.peers.Registration;
import dev.peers.RegistrationResult;
import dev.peers.SessionKey;
import dev.peers.Summary;
import dev.peers.Workspace;
import dev.peers.spi.StoredPeer;
import java.time.DateTimeException;
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

  RegistrationResult register(Registration registration) {
    while (true) {
      sync.learn(registration.sessionKey());
      Claim claim;
      synchronized (roster) {
        claim = claim(registration);
      }
      // Asking the system takes its time; what it says holds only if nothing has changed meanwhile.
      SessionKey key = decide(claim, registration);
      Member member;
      boolean isNew;
      synchronized (roster) {
        if (!claim.isSame(claim(registration))) {
          continue;
        }
        int before = roster.members().size();
        member = join(registration, key);
        if (member.peer.id().equals(PeerId.OPERATOR)) {
          return new RegistrationResult(PeerId.OPERATOR, member.peer.name());
        }
        isNew = roster.members().size() > before;
      }
      if (isNew && !claimed(member)) {
        continue;
      }
      writer.saveIfChanged(member.peer.id());
      synchronized (roster) {
        return new RegistrationResult(member.peer.id(), member.peer.name());
      }
    }
  }

  /**
   * Who a registration asks to be.
   *
   * @param key the key it names; or, if it has one of its own already, that
   * @param ownKey the key to take if that one is held by another agent
   * @param isHeld whether another process has it and has not left
   * @param holder that process; null if unknown
   * @param parent the process that started the holder; null if unknown
   * @param isHere whether the holder is a process of this broker's machine, which can be looked at
   */
  private record Claim(
      SessionKey key,
      SessionKey ownKey,
      boolean isHeld,
      @Nullable ProcessRef holder,
      @Nullable ProcessRef parent,
      boolean isHere) {
    static Claim free(SessionKey key) {
      return new Claim(key, key, false, null, null, true);
    }

    /** Not the record's own equality, which would be spun while a broker starts. */
    boolean isSame(Claim other) {
      return key.equals(other.key)
          && ownKey.equals(other.ownKey)
          && isHeld == other.isHeld
          && Objects.equals(holder, other.holder)
          && Objects.equals(parent, other.parent);
    }
  }

  /**
   * Two live processes can claim one key. Where two agents have resumed one session, the second
   * gets a key, and so a mailbox, of its own; each keeps what it has, in whatever order they come
   * back. Where one agent has started its server anew, the newer process is the session. A claimant
   * that does not name its process is another agent than one that does.
   */
  private Claim claim(Registration registration) {
    SessionKey key = registration.sessionKey();
    ProcessRef claimant = registration.process();
    Member member = roster.find(key);
    if (member == null
        || isProcess(member, registration)
        || (claimant == null && member.peer.process() == null)
        || (member.heir != null && Roster.owns(key, member))) {
      return Claim.free(key);
    }
    String stem = key.value().substring(0, Math.min(MAX_STEM, key.value().length())) + "#";
    if (claimant == null) {
      SessionKey unnamed = new SessionKey(stem + "unnamed");
      return roster.find(unnamed) == null
          ? claim(member, key, unnamed, registration)
          : Claim.free(unnamed);
    }
    ProcessRef agent = registration.parent() == null ? claimant : registration.parent();
    for (Member other : roster.members()) {
      if (other.key.value().startsWith(stem)
          && roster.find(other.key) == other
          && isSameHost(other, registration)
          && (isProcess(other, registration) || isNamedBy(other.key, stem, agent))) {
        return claim(other, other.key, other.key, registration);
      }
    }
    SessionKey ownKey =
        new SessionKey(stem + agent.pid() + "@" + agent.started().orElse(Instant.EPOCH));
    return claim(member, key, ownKey, registration);
  }

  private Claim claim(Member member, SessionKey key, SessionKey ownKey, Registration registration) {
    ProcessRef holder = member.peer.process();
    boolean isHere = Objects.equals(roster.hostOf(member.peer.workspace()), roster.host());
    boolean isHeld =
        !isProcess(member, registration)
            && (isHere ? holder != null && !member.left : roster.isActive(member));
    ProcessRef parent = isSameHost(member, registration) ? member.parent : null;
    return new Claim(key, ownKey, isHeld, holder, parent, isHere);
  }

  /** Whether an own key was made for a process. */
  private static boolean isNamedBy(SessionKey key, String stem, ProcessRef process) {
    String name = key.value().substring(stem.length());
    int at = name.indexOf('@');
    try {
      Instant start = Instant.parse(name.substring(at + 1));
      return process.isSame(
          new ProcessRef(
              Long.parseLong(name.substring(0, at)), start.equals(Instant.EPOCH) ? null : start));
    } catch (IndexOutOfBoundsException
        | NumberFormatException
        | DateTimeException
        | PeersException e) {
      return false;
    }
  }

  /**
   * The key that a registration gets.
   *
   * @throws PeersException {@link ErrorCode#SUPERSEDED} if a newer process of its agent has it
   */
  private SessionKey decide(Claim claim, Registration registration) {
    ProcessRef holder = claim.holder();
    if (!claim.isHeld() || (claim.isHere() && holder != null && !probe.isAlive(holder))) {
      return claim.key();
    }
    if (registration.process() == null) {
      return claim.ownKey();
    }
    ProcessRef agent = registration.parent();
    ProcessRef other = claim.parent();
    if (other == null && claim.isHere() && holder != null) {
      // It has not come back since this broker started.
      other = probe.parentOf(holder).orElse(null);
    }
    if (agent == null || other == null || !agent.isSame(other)) {
      return claim.ownKey();
    }
    if (isOlder(registration.process(), holder)) {
      throw new PeersException(
          ErrorCode.SUPERSEDED,
          "a newer process of the same agent has this session now; use that one, or end it");
    }
    return claim.key();
  }

  private static boolean isOlder(@Nullable ProcessRef process, @Nullable ProcessRef other) {
    Instant start = process == null ? null : process.startInstant();
    Instant otherStart = other == null ? null : other.startInstant();
    return start != null && otherStart != null && start.isBefore(otherStart);
  }

  private static boolean isReplaced(Member member, Registration registration) {
    ProcessRef former = member.peer.process();
    ProcessRef present = registration.process();
    return former != null && present != null && !former.isSame(present);
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
      member = inherited(registration);
      if (member != null) {
        roster.lend(member, key);
      }
    } else if (Roster.owns(key, member)) {
      roster.endLoan(member);
    }
    if (member != null && isReplaced(member, registration)) {
      // Those of the former process speak for this peer no longer, and do not say goodbye.
      member.sessions.clear();
    }
    if (member == null) {
      PeerId id = ids.next(registration.workspace().project(), taken -> roster.find(taken) != null);
      Peer peer = Peer.builder(id, registration.workspace(), roster.now()).build();
      member = new Member(peer, key);
      member.used = false;
      roster.add(member);
    }
    roster.touch(member, registration.instance());
    member.parent = registration.parent();
    member.joinedAt = member.heardAt;
    member.become(
        member.peer.toBuilder()
            .workspace(registration.workspace())
            .name(uniqueName(registration.name(), member.peer))
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

  /** See {@link dev.peers.Broker#addKey}. */
  void addKey(PeerId id, SessionKey key) {
    sync.learn(key);
    synchronized (roster) {
      Member member = roster.requireOwn(id);
      member.used = true;
      if (member.heir != null || member.isOperator() || !roster.addKey(member, key)) {
        return;
      }
    }
    writer.save(id);
  }

  /**
   * A peer that is away and whose name and directory the registration carries on; first of all the
   * one that this very process had, before the broker was replaced.
   */
  private @Nullable Member inherited(Registration registration) {
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
          && !roster.isActive(member)) {
        if (registration.process() != null && isProcess(member, registration)) {
          return member;
        }
        if (latest == null || member.heardAt.isAfter(latest.heardAt)) {
          latest = member;
        }
      }
    }
    return latest;
  }

  /** The wanted name, or the one with a suffix that the peer has been granted before. */
  private @Nullable String uniqueName(@Nullable String wanted, Peer owner) {
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
