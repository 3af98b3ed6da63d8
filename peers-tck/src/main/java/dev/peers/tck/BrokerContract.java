package dev.peers.tck;

import static dev.peers.tck.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.peers.Batch;
import dev.peers.Broker;
import dev.peers.BrokerStatus;
import dev.peers.BuildInfo;
import dev.peers.ErrorCode;
import dev.peers.HistoryQuery;
import dev.peers.Message;
import dev.peers.MessageId;
import dev.peers.MessageState;
import dev.peers.OutgoingMessage;
import dev.peers.Peer;
import dev.peers.PeerId;
import dev.peers.PeerQuery;
import dev.peers.PeersException;
import dev.peers.Presence;
import dev.peers.ProcessRef;
import dev.peers.Receipt;
import dev.peers.ReceiveRequest;
import dev.peers.Registration;
import dev.peers.RegistrationResult;
import dev.peers.Scope;
import dev.peers.SessionKey;
import dev.peers.Subscription;
import dev.peers.Summary;
import dev.peers.Workspace;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * What every {@link Broker} must do, near or far. Implement it in a test class that gives each test
 * a broker with the default limits, on an empty store, whose engine runs on {@link #clock()}.
 *
 * @since 0.1
 */
public interface BrokerContract extends SendLimitsContract, PresenceContract, ArgumentsContract {
  /** How long mail that a test takes stays under its lease. */
  Duration LEASE = Duration.ofSeconds(30);

  /** One key, one peer: through leaving and coming back. */
  @Test
  default void yieldsTheSameIdForTheSameKey() {
    RegistrationResult first = join("key", "/code/eel");
    look(first.id());
    broker().unregister(first.id());
    RegistrationResult second = join("key", "/code/elsewhere");
    assertThat(second.id()).isEqualTo(first.id());
    assertThat(join("other", "/code/eel").id()).isNotEqualTo(first.id());
  }

  /** An id says where its peer works. */
  @Test
  default void makesIdsOutOfProjectNames() {
    assertThat(join("a", "/code/Ëel Farm!").id().value()).matches("eel-farm-[a-z2-9]{4}");
    Workspace worktree =
        new Workspace("/w/feature-x/src", "/w/feature-x", "/w/main repo/.git", "feature");
    RegistrationResult member =
        broker().register(Registration.builder(new SessionKey("b"), worktree).build());
    assertThat(member.id().value()).matches("main-repo-[a-z2-9]{4}");
  }

  /** A peer is listed with all that it told. */
  @Test
  default void listsWhatAPeerTold() {
    Workspace workspace = new Workspace("/w/eel/src", "/w/eel", "/w/eel/.git", "main");
    ProcessRef process = self();
    RegistrationResult member =
        broker()
            .register(
                Registration.builder(new SessionKey("a"), workspace)
                    .name("Eel")
                    .process(process)
                    .agent("claude-code")
                    .tty("pts/1")
                    .summary("first words")
                    .build());
    assertThat(member.grantedName()).contains("Eel");

    Peer peer = broker().list(PeerQuery.active(Scope.machine())).get(0);

    assertThat(peer.id()).isEqualTo(member.id());
    // Which machine that is, the broker may know better.
    assertThat(peer.workspace().onHost(null)).isEqualTo(workspace);
    assertThat(peer.name()).isEqualTo("Eel");
    assertThat(peer.process()).isEqualTo(process);
    assertThat(peer.agent()).isEqualTo("claude-code");
    assertThat(peer.tty()).isEqualTo("pts/1");
    assertThat(peer.summary())
        .isEqualTo(new Summary("first words", Summary.Source.AUTOMATIC, clock().instant()));
    assertThat(peer.presence()).isEqualTo(Presence.ACTIVE);
    assertThat(peer.registeredAt()).isEqualTo(clock().instant());
    assertThat(broker().find(member.id())).contains(peer);
    assertThat(broker().find(new PeerId("nobody-2222"))).isEmpty();
  }

  /** Each scope shows its own. */
  @Test
  default void listsByScope() {
    PeerId top = join("a", new Workspace("/w/eel", "/w/eel", "/w/eel/.git", "main"));
    PeerId tree = join("b", new Workspace("/w/eel-2/x", "/w/eel-2", "/w/eel/.git", "side"));
    PeerId out = join("c", "/w/owl").id();

    assertThat(idsIn(Scope.machine())).containsExactly(top, tree, out);
    assertThat(idsIn(Scope.repository("/w/eel/.git"))).containsExactly(top, tree);
    assertThat(idsIn(Scope.directory("/w/owl"))).containsExactly(out);
    assertThat(broker().list(PeerQuery.active(Scope.machine()).without(top)))
        .extracting(Peer::id)
        .containsExactly(tree, out);
  }

  /** Two live peers never have one name. */
  @Test
  default void givesAClashingNameASuffix() {
    assertThat(joinNamed("a", "/w/a", "eel").name()).isEqualTo("eel");
    assertThat(joinNamed("b", "/w/b", "eel").name()).isEqualTo("eel-2");
    assertThat(joinNamed("c", "/w/c", "operator").name()).isEqualTo("operator-2");
    assertThat(joinNamed("a", "/w/a", "eel").name()).isEqualTo("eel");
  }

  /** A name in its directory carries on where the one before it left. */
  @Test
  default void inheritsAMailboxByNameAndDirectory() {
    RegistrationResult old = joinNamed("old", "/w/a", "eel");
    PeerId sender = join("s", "/w/s").id();
    broker().send(OutgoingMessage.of(sender, old.id(), "for whoever is eel"));
    assertThat(joinNamed("live", "/w/a", "eel").id()).isNotEqualTo(old.id());
    broker().unregister(old.id());
    assertThat(joinNamed("elsewhere", "/w/b", "eel").id()).isNotEqualTo(old.id());
    assertThat(joinNamed("heir", "/w/a", "eel").id()).isEqualTo(old.id());
    assertThat(broker().peek(old.id(), 0, 10).messages())
        .extracting(Message::text)
        .containsExactly("for whoever is eel");
  }

  /** A name inherits a peer until its own session comes back. */
  @Test
  default void givesAnInheritedPeerBackToItsKey() {
    Registration owner = named("owner", "eel").process(parent()).build();
    Registration heir = named("heir", "eel").process(self()).build();
    PeerId id = broker().register(owner).id();
    look(id);
    PeerId sender = join("s", "/w/s").id();
    broker().unregister(id);
    assertThat(broker().register(heir).id()).isEqualTo(id);
    assertThat(broker().register(heir).id()).isEqualTo(id);
    broker().send(OutgoingMessage.of(sender, id, "to the id"));

    assertThat(broker().register(owner).id()).isEqualTo(id);
    RegistrationResult apart = broker().register(heir);
    assertThat(apart.id()).isNotEqualTo(id);
    assertThat(apart.name()).isEqualTo("eel-2");
    assertThat(broker().register(heir).id()).isEqualTo(apart.id());
    assertThat(broker().register(owner).id()).isEqualTo(id);
    assertThat(broker().peek(id, 0, 0).remaining()).isEqualTo(1);
    assertThat(broker().peek(apart.id(), 0, 0).remaining()).isZero();
  }

  /** A session that its agent calls by another name later is the same peer by either. */
  @Test
  default void answersToEachOfItsKeys() {
    PeerId id = join("first", "/w/a").id();
    PeerId other = join("taken", "/w/b").id();
    broker().addKey(id, new SessionKey("second"));
    broker().addKey(id, new SessionKey("taken"));
    broker().addKey(id, SessionKey.OPERATOR);
    broker().unregister(id);
    assertThat(join("second", "/w/elsewhere").id()).isEqualTo(id);
    assertThat(join("first", "/w/a").id()).isEqualTo(id);
    assertThat(join("taken", "/w/b").id()).isEqualTo(other);
    assertRefused(
        ErrorCode.UNKNOWN_PEER,
        () -> broker().addKey(new PeerId("nobody-2222"), new SessionKey("third")));
  }

  /** A conversation that is open in another process meanwhile is a peer of its own there. */
  @Test
  default void takesNoPeerFromItsProcessByAnotherKey() {
    Registration first = named("first", null).process(parent()).build();
    PeerId id = broker().register(first).id();
    broker().addKey(id, new SessionKey("second"));
    Registration second = named("second", null).process(self()).build();
    PeerId apart = broker().register(second).id();
    assertThat(apart).isNotEqualTo(id);
    broker().unregister(apart);
    broker().unregister(id);
    assertThat(broker().register(first.toBuilder().process(null).build()).id()).isEqualTo(id);
  }

  /** A key that a live process holds is not taken from it. */
  @Test
  default void givesASecondLiveProcessWithTheSameKeyItsOwnMailbox() {
    Registration first =
        Registration.builder(new SessionKey("resumed"), Workspace.of("/w")).process(self()).build();
    PeerId held = broker().register(first).id();
    PeerId second = broker().register(first.toBuilder().process(parent()).build()).id();
    assertThat(second).isNotEqualTo(held);
    assertThat(broker().register(first).id()).isEqualTo(held);
    assertThat(broker().register(first.toBuilder().process(parent()).build()).id())
        .isEqualTo(second);
  }

  /** Each of two processes with one key keeps its id, though the first one leaves or moves. */
  @Test
  default void keepsEachProcessItsIdWhateverTheOtherDoes() {
    Registration first =
        Registration.builder(new SessionKey("resumed"), Workspace.of("/w")).process(self()).build();
    Registration second = first.toBuilder().process(parent()).build();
    PeerId held = broker().register(first).id();
    PeerId own = broker().register(second).id();
    look(held);
    broker().unregister(held);
    Registration moved = second.toBuilder().workspace(Workspace.of("/elsewhere")).build();
    assertThat(broker().register(moved).id()).isEqualTo(own);
    assertThat(broker().register(first).id()).isEqualTo(held);
  }

  /** An agent that starts its server anew is one session, that of the newest process. */
  @Test
  default void theNewestProcessOfAnAgentIsItsSession() {
    ProcessRef agent = new ProcessRef(42, Instant.parse("2026-01-01T00:00:00Z"));
    Registration older =
        Registration.builder(new SessionKey("one"), Workspace.of("/w"))
            .process(parent())
            .parent(agent)
            .build();
    PeerId id = broker().register(older).id();
    Registration newer = older.toBuilder().process(self()).build();
    assertThat(broker().register(newer).id()).isEqualTo(id);
    assertRefused(ErrorCode.SUPERSEDED, () -> broker().register(older));
    assertThat(broker().register(newer).id()).isEqualTo(id);
    assertThat(broker().find(id).orElseThrow().process()).isEqualTo(self());
    look(id);
    broker().unregister(id);
    assertThat(broker().register(older).id()).isEqualTo(id);
  }

  /** The second of two agents with one session starts its server anew, and stays who it is. */
  @Test
  default void theNewestProcessOfASecondAgentIsThatOnesSession() {
    Registration first =
        Registration.builder(new SessionKey("one"), Workspace.of("/w"))
            .process(parent())
            .parent(new ProcessRef(42, Instant.parse("2026-01-01T00:00:00Z")))
            .build();
    PeerId held = broker().register(first).id();
    // Which process it is does not matter, as long as it lives.
    Registration second =
        first.toBuilder()
            .process(grandparent())
            .parent(new ProcessRef(42, Instant.parse("2026-01-01T00:00:02Z")))
            .build();
    PeerId own = broker().register(second).id();
    assertThat(own).isNotEqualTo(held);
    Registration anew = second.toBuilder().process(self()).build();
    assertThat(broker().register(anew).id()).isEqualTo(own);
    assertRefused(ErrorCode.SUPERSEDED, () -> broker().register(second));
    assertThat(broker().register(first).id()).isEqualTo(held);
  }

  /** Who is silent for longer than a minute is away; who is heard of is there again. */
  @Test
  default void losesSightOfASilentPeerAfterAMinute() {
    PeerId id = join("a", "/w").id();
    clock().advance(Duration.ofSeconds(60));
    assertThat(idsIn(Scope.machine())).containsExactly(id);
    clock().advance(Duration.ofSeconds(1));
    assertThat(idsIn(Scope.machine())).isEmpty();
    assertThat(broker().list(PeerQuery.everyone()))
        .extracting(Peer::presence)
        .containsExactly(Presence.AWAY);
    broker().heartbeat(id);
    assertThat(idsIn(Scope.machine())).containsExactly(id);
  }

  /** A machine that slept, or whose clock was set, loses nobody. */
  @Test
  default void keepsPeersWhenTheClockLeaps() {
    PeerId id = join("a", "/w").id();
    clock().leap(Duration.ofHours(8));
    assertThat(idsIn(Scope.machine())).containsExactly(id);
    clock().leap(Duration.ofHours(-20));
    assertThat(idsIn(Scope.machine())).containsExactly(id);
  }

  /** Who leaves is gone at once; its mail stays. */
  @Test
  default void keepsTheMailOfAPeerThatLeft() {
    PeerId sender = join("s", "/w/s").id();
    PeerId id = join("a", "/w/a").id();
    look(id);
    broker().unregister(id);
    broker().unregister(id);
    assertThat(idsIn(Scope.machine())).containsExactly(sender);
    broker().send(OutgoingMessage.of(sender, id, "while you were out"));
    join("a", "/w/a");
    assertThat(broker().receive(id, ReceiveRequest.queued(10, LEASE)).messages())
        .extracting(Message::text)
        .containsExactly("while you were out");
  }

  /** Who never did anything leaves nothing. */
  @Test
  default void forgetsAPeerThatLeavesWithoutHavingDoneAnything() {
    PeerId unused = join("unused", "/w/a").id();
    PeerId described = join("described", "/w/b").id();
    PeerId looked = join("looked", "/w/c").id();
    PeerId sent = join("sent", "/w/d").id();
    PeerId received = join("received", "/w/e").id();
    broker().heartbeat(unused);
    broker().setSummary(unused, "what git says", Summary.Source.AUTOMATIC);
    broker().setSummary(described, "what it says", Summary.Source.MANUAL);
    look(looked);
    broker().send(OutgoingMessage.of(sent, received, "hello"));
    List<PeerId> all = List.of(unused, described, looked, sent, received);

    all.forEach(broker()::unregister);

    assertThat(broker().list(PeerQuery.everyone()))
        .extracting(Peer::id)
        .containsExactlyInAnyOrder(described, looked, sent, received);
    assertThat(broker().find(unused)).isEmpty();
    assertRefused(
        ErrorCode.UNKNOWN_PEER, () -> broker().send(OutgoingMessage.of(sent, unused, "x")));
    assertThat(join("unused", "/w/a").id()).isNotEqualTo(unused);
    assertThat(join("received", "/w/e").id()).isEqualTo(received);
  }

  /** The operator forgets who is away for good, and nobody else. */
  @Test
  default void forgetsAPeerForTheOperator() {
    broker().register(Registration.builder(SessionKey.OPERATOR, Workspace.of("/home")).build());
    PeerId eel = join("eel", "/w/eel").id();
    PeerId owl = join("owl", "/w/owl").id();
    broker().send(OutgoingMessage.of(eel, owl, "hello"));
    assertRefused(ErrorCode.PEER_IN_USE, () -> broker().forget(eel));
    broker().unregister(eel);
    broker().unregister(owl);
    assertRefused(ErrorCode.PEER_IN_USE, () -> broker().forget(owl));
    assertRefused(ErrorCode.INVALID_ARGUMENT, () -> broker().forget(PeerId.OPERATOR));

    broker().forget(eel);

    assertThat(broker().find(eel)).isEmpty();
    assertRefused(ErrorCode.UNKNOWN_PEER, () -> broker().forget(eel));
    assertThat(join("eel", "/w/eel").id()).isNotEqualTo(eel);
    assertThat(broker().peek(owl, 0, 10).messages()).hasSize(1);
    assertThat(broker().history(HistoryQuery.latest(10)).entries()).hasSize(1);
  }

  /** A summary that somebody wrote is not replaced by one that something made. */
  @Test
  default void neverReplacesAManualSummaryByAnAutomaticOne() {
    PeerId id = join("a", "/w").id();
    broker().setSummary(id, "made", Summary.Source.AUTOMATIC);
    assertThat(summaryOf(id)).isEqualTo("made");
    broker().setSummary(id, "  written\n", Summary.Source.MANUAL);
    broker().setSummary(id, "made again", Summary.Source.AUTOMATIC);
    broker()
        .register(
            Registration.builder(new SessionKey("a"), Workspace.of("/w")).summary("third").build());
    assertThat(summaryOf(id)).isEqualTo("written");
    broker().setSummary(id, " ", Summary.Source.MANUAL);
    assertThat(broker().find(id).orElseThrow().summary()).isNull();
  }

  /** From send to acknowledgement, with a receipt at each step. */
  @Test
  default void tellsTheSenderEachStep() {
    PeerId eel = join("a", "/code/eel").id();
    PeerId owl = join("b", "/code/owl").id();
    broker().setSummary(eel, "reading", Summary.Source.MANUAL);

    Receipt sent = broker().send(OutgoingMessage.of(eel, owl, "What are you\nediting? 🙂"));
    assertThat(sent.state()).isEqualTo(MessageState.QUEUED);
    assertThat(sent.sentAt()).isEqualTo(clock().instant());
    assertThat(sent.expiresAt()).isEqualTo(clock().instant().plus(Duration.ofDays(7)));
    broker().setSummary(eel, "writing", Summary.Source.MANUAL);

    Batch batch = broker().receive(owl, ReceiveRequest.queued(10, LEASE));
    Message message = batch.messages().get(0);
    assertThat(message.id()).isEqualTo(sent.id());
    assertThat(message.text()).isEqualTo("What are you\nediting? 🙂");
    assertThat(message.from().id()).isEqualTo(eel);
    assertThat(message.from().name()).isEqualTo("eel");
    assertThat(message.from().project()).isEqualTo("eel");
    assertThat(message.from().cwd()).isEqualTo("/code/eel");
    assertThat(message.from().summary()).isEqualTo("reading");
    assertThat(broker().receipt(sent.id()).orElseThrow().state()).isEqualTo(MessageState.OFFERED);

    clock().advance(Duration.ofSeconds(5));
    broker().acknowledge(owl, batch.ids());
    Receipt delivered = broker().receipt(sent.id()).orElseThrow();
    assertThat(delivered.state()).isEqualTo(MessageState.DELIVERED);
    assertThat(delivered.deliveredAt()).isEqualTo(clock().instant());
    assertThat(delivered.attempts()).isEqualTo(1);
    assertThat(broker().receipt(new MessageId(424242))).isEmpty();
  }

  /** What nobody acknowledges comes again, as the same message. */
  @Test
  default void offersAgainWhatWasNotAcknowledged() {
    PeerId eel = join("a", "/code/eel").id();
    Receipt sent = broker().send(OutgoingMessage.of(eel, eel, "to myself"));
    assertThat(broker().receive(eel, ReceiveRequest.queued(10, LEASE)).ids())
        .containsExactly(sent.id());
    assertThat(broker().receive(eel, ReceiveRequest.queued(10, LEASE)).isEmpty()).isTrue();
    assertThat(broker().receive(eel, ReceiveRequest.undelivered(10, LEASE)).ids())
        .containsExactly(sent.id());
    clock().advance(LEASE);
    Batch again = broker().receive(eel, ReceiveRequest.queued(10, LEASE));
    assertThat(again.ids()).containsExactly(sent.id());
    assertThat(again.deliveries().get(0).redelivered()).isTrue();
  }

  /** An answer names what it answers. */
  @Test
  default void carriesTheMessageThatIsAnswered() {
    PeerId eel = join("a", "/code/eel").id();
    MessageId question = broker().send(OutgoingMessage.of(eel, eel, "q")).id();
    broker().send(OutgoingMessage.of(eel, eel, "a").inReplyTo(question));
    assertThat(broker().peek(eel, question.value(), 10).messages().get(0).repliesTo())
        .contains(question);
  }

  /** An answer proves that its sender has what it answers, where that was offered to it. */
  @Test
  default void acknowledgesWhatAnAnswerAnswers() {
    PeerId eel = join("a", "/code/eel").id();
    PeerId owl = join("b", "/code/owl").id();
    PeerId crab = join("c", "/code/crab").id();
    MessageId question = broker().send(OutgoingMessage.of(eel, owl, "q")).id();
    MessageId second = broker().send(OutgoingMessage.of(eel, owl, "q 2")).id();
    broker().receive(owl, ReceiveRequest.queued(1, LEASE));

    broker().send(OutgoingMessage.of(owl, crab, "not to who asked").inReplyTo(question));
    assertThat(broker().receipt(question).orElseThrow().state()).isEqualTo(MessageState.OFFERED);

    broker().send(OutgoingMessage.of(owl, eel, "a").inReplyTo(question));
    assertThat(broker().receipt(question).orElseThrow().state()).isEqualTo(MessageState.DELIVERED);

    broker().send(OutgoingMessage.of(owl, eel, "a slip").inReplyTo(second));
    assertThat(broker().receipt(second).orElseThrow().state()).isEqualTo(MessageState.QUEUED);

    MessageId third = broker().send(OutgoingMessage.of(eel, owl, "q 3")).id();
    broker().receive(owl, ReceiveRequest.undelivered(9, LEASE));
    broker().send(OutgoingMessage.of(owl, eel, "a 3").inReplyTo(third).withoutAcknowledging());
    assertThat(broker().receipt(third).orElseThrow().state()).isEqualTo(MessageState.OFFERED);
    broker()
        .sendAsync(OutgoingMessage.of(owl, eel, "a 3").inReplyTo(third))
        .toCompletableFuture()
        .join();
    assertThat(broker().receipt(third).orElseThrow().state()).isEqualTo(MessageState.DELIVERED);
  }

  /**
   * An answer to a message that its sender neither sent nor received is refused, and not stored.
   */
  @Test
  default void refusesAnAnswerToWhatItsSenderNeverSaw() {
    PeerId eel = join("a", "/code/eel").id();
    PeerId owl = join("b", "/code/owl").id();
    MessageId question = broker().send(OutgoingMessage.of(eel, eel, "q")).id();

    assertRefused(
        ErrorCode.UNKNOWN_MESSAGE,
        () -> broker().send(OutgoingMessage.of(owl, eel, "a").inReplyTo(new MessageId(99_999))));
    assertRefused(
        ErrorCode.INVALID_ARGUMENT,
        () -> broker().send(OutgoingMessage.of(owl, eel, "a").inReplyTo(question)));
    assertThat(broker().peek(eel, 0, 10).messages()).hasSize(1);
    broker().send(OutgoingMessage.of(eel, owl, "more").inReplyTo(question));
    assertThat(broker().peek(owl, 0, 10).messages()).hasSize(1);
  }

  /** A send that is repeated is one message. */
  @Test
  default void storesARepeatedSendOnce() {
    PeerId eel = join("a", "/code/eel").id();
    OutgoingMessage draft = OutgoingMessage.of(eel, eel, "once").idempotent("k1");
    Receipt first = broker().send(draft);
    assertThat(broker().send(draft).id()).isEqualTo(first.id());
    assertThat(broker().peek(eel, 0, 10).messages()).hasSize(1);
  }

  /** Who does not wait for the disk is told the same. */
  @Test
  default void sendsWithoutWaiting() {
    PeerId eel = join("a", "/code/eel").id();
    OutgoingMessage draft = OutgoingMessage.of(eel, eel, "text").idempotent("k1");
    Receipt receipt = broker().sendAsync(draft).toCompletableFuture().join();
    assertThat(receipt.state()).isEqualTo(MessageState.QUEUED);
    assertThat(broker().sendAsync(draft).toCompletableFuture().join().id()).isEqualTo(receipt.id());
    assertThat(broker().peek(eel, 0, 10).ids()).containsExactly(receipt.id());
    OutgoingMessage lost = OutgoingMessage.of(eel, new PeerId("nobody-2222"), "text");
    assertThatThrownBy(broker().sendAsync(lost).toCompletableFuture()::join)
        .cause()
        .isInstanceOfSatisfying(
            PeersException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNKNOWN_PEER));
  }

  /** A target that nobody knows fails the send, and says so. */
  @Test
  default void refusesUnknownPeers() {
    PeerId eel = join("a", "/code/eel").id();
    PeerId nobody = new PeerId("nobody-2222");
    assertRefused(
        ErrorCode.UNKNOWN_PEER, () -> broker().send(OutgoingMessage.of(eel, nobody, "x")));
    assertRefused(ErrorCode.UNKNOWN_PEER, () -> broker().heartbeat(nobody));
    assertRefused(
        ErrorCode.UNKNOWN_PEER, () -> broker().setSummary(nobody, "x", Summary.Source.MANUAL));
    assertRefused(
        ErrorCode.UNKNOWN_PEER, () -> broker().receive(nobody, ReceiveRequest.queued(1, LEASE)));
  }

  /** The operator has a mailbox and is never listed. */
  @Test
  default void keepsTheOperatorsMailWithoutListingHim() {
    PeerId eel = join("a", "/code/eel").id();
    RegistrationResult operator =
        broker().register(Registration.builder(SessionKey.OPERATOR, Workspace.of("/home")).build());
    assertThat(operator.id()).isEqualTo(PeerId.OPERATOR);
    broker().send(OutgoingMessage.of(eel, PeerId.OPERATOR, "done"));
    broker().send(OutgoingMessage.of(PeerId.OPERATOR, eel, "thanks"));
    assertThat(broker().receive(PeerId.OPERATOR, ReceiveRequest.queued(1, LEASE)).messages())
        .extracting(Message::text)
        .containsExactly("done");
    assertThat(broker().list(PeerQuery.everyone())).extracting(Peer::id).containsExactly(eel);
    assertThat(broker().find(PeerId.OPERATOR)).isPresent();
    assertThat(broker().history(HistoryQuery.latest(10)).entries())
        .extracting(entry -> entry.message().text() + " " + entry.receipt().state())
        .containsExactly("done OFFERED", "thanks QUEUED");
  }

  /** A peer is listening while something waits for its mail. */
  @Test
  default void tellsWhoIsToldOfMail() {
    PeerId eel = join("a", "/code/eel").id();
    assertThat(broker().find(eel).orElseThrow().listening()).isFalse();
    Subscription subscription = broker().subscribe(eel, () -> {});
    Eventually.eventually(
        "somebody waits", () -> broker().list(PeerQuery.everyone()).get(0).listening());
    subscription.close();
  }

  /** A subscriber is woken by what comes, and by what is there already. */
  @Test
  default void wakesASubscriber() {
    PeerId eel = join("a", "/code/eel").id();
    broker().send(OutgoingMessage.of(eel, eel, "before"));
    AtomicInteger seen = new AtomicInteger();
    Runnable look =
        () -> seen.addAndGet(broker().receive(eel, ReceiveRequest.queued(10, LEASE)).ids().size());
    try (Subscription subscription = broker().subscribe(eel, look)) {
      assertThat(subscription).isNotNull();
      eventually("mail that was there is seen", () -> seen.get() == 1);
      broker().send(OutgoingMessage.of(eel, eel, "after"));
      eventually("new mail is seen", () -> seen.get() == 2);
    }
  }

  /** A subscriber that fails is woken again, and others are not disturbed. */
  @Test
  default void survivesASubscriberThatFails() {
    PeerId eel = join("a", "/code/eel").id();
    AtomicInteger calls = new AtomicInteger();
    AtomicInteger others = new AtomicInteger();
    Subscription bad =
        broker()
            .subscribe(
                eel,
                () -> {
                  calls.incrementAndGet();
                  throw new IllegalStateException("a listener that fails on purpose");
                });
    Subscription good = broker().subscribe(eel, others::incrementAndGet);
    broker().send(OutgoingMessage.of(eel, eel, "1"));
    eventually("both are woken", () -> calls.get() > 0 && others.get() > 0);
    int before = calls.get();
    broker().send(OutgoingMessage.of(eel, eel, "2"));
    eventually("the failed one is woken again", () -> calls.get() > before);
    bad.close();
    good.close();
    good.close();
  }

  /** A broker can be asked how it is. */
  @Test
  default void tellsItsStatus() {
    join("a", "/w");
    BrokerStatus status = broker().status();
    assertThat(status.activePeers()).isEqualTo(1);
    assertThat(status.version()).isEqualTo(BuildInfo.version());
    assertThat(status.protocol()).isEqualTo(1);
    assertThat(status.pid()).isPositive();
  }

  /** Does something, so that the peer is remembered when it leaves. */
  private void look(PeerId id) {
    broker().receive(id, ReceiveRequest.queued(1, LEASE));
  }

  private RegistrationResult join(String key, String cwd) {
    return broker().register(Registration.builder(new SessionKey(key), Workspace.of(cwd)).build());
  }

  private PeerId join(String key, Workspace workspace) {
    return broker().register(Registration.builder(new SessionKey(key), workspace).build()).id();
  }

  private RegistrationResult joinNamed(String key, String cwd, String name) {
    return broker()
        .register(Registration.builder(new SessionKey(key), Workspace.of(cwd)).name(name).build());
  }

  private static Registration.Builder named(String key, @Nullable String name) {
    return Registration.builder(new SessionKey(key), Workspace.of("/w/a")).name(name);
  }

  private List<PeerId> idsIn(Scope scope) {
    return broker().list(PeerQuery.active(scope)).stream().map(Peer::id).toList();
  }

  private String summaryOf(PeerId id) {
    return Optional.ofNullable(broker().find(id).orElseThrow().summary()).orElseThrow().text();
  }

  private static ProcessRef self() {
    return refer(ProcessHandle.current());
  }

  private static ProcessRef parent() {
    return refer(ProcessHandle.current().parent().orElseThrow());
  }

  /** Or the parent again, where that is the first of all. */
  private static ProcessRef grandparent() {
    ProcessHandle parent = ProcessHandle.current().parent().orElseThrow();
    return refer(parent.parent().orElse(parent));
  }

  private static ProcessRef refer(ProcessHandle handle) {
    return new ProcessRef(handle.pid(), handle.info().startInstant().orElse(null));
  }

  private static void assertRefused(ErrorCode code, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(PeersException.class, e -> assertThat(e.code()).isEqualTo(code));
  }
}
