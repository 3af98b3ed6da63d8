package dev.peers.tck;

import static dev.peers.tck.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.peers.Batch;
import dev.peers.Broker;
import dev.peers.ErrorCode;
import dev.peers.HistoryQuery;
import dev.peers.MessageId;
import dev.peers.OutgoingMessage;
import dev.peers.PeerId;
import dev.peers.PeerQuery;
import dev.peers.PeersException;
import dev.peers.Presence;
import dev.peers.ProcessRef;
import dev.peers.ReceiveRequest;
import dev.peers.Registration;
import dev.peers.SessionKey;
import dev.peers.Summary;
import dev.peers.Workspace;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Which peers are active, and what a closed broker does; part of {@link BrokerContract}.
 *
 * @since 0.1
 */
public interface PresenceContract {
  /**
   * The broker under test, the same one during a test.
   *
   * @return a broker, which the implementer closes after the test
   */
  Broker broker();

  /**
   * The clock that the engine runs on.
   *
   * @return the same clock during a test
   */
  ManualClock clock();

  /** Of two sessions with one key each leaves for itself. */
  @Test
  default void leavesForTheSessionThatLeavesAlone() {
    PeerId eel = join("one");
    assertThat(broker().register(session("two")).id()).isEqualTo(eel);

    broker().unregister(eel, "two");
    broker().unregister(eel, "two");
    broker().unregister(eel, "unheard-of");
    broker().unregister(eel);
    assertThat(presence(eel)).isEqualTo(Presence.ACTIVE);

    broker().unregister(eel, "one");
    assertThat(presence(eel)).isEqualTo(Presence.AWAY);
  }

  /** A session that registers again, as after a broken connection, is the same one. */
  @Test
  default void countsASessionOnceHoweverOftenItRegisters() {
    PeerId eel = join("one");
    broker().register(session("one"));
    broker().heartbeat(eel, "one");
    broker().unregister(eel, "one");
    assertThat(presence(eel)).isEqualTo(Presence.AWAY);
  }

  /** Sessions that name no instance cannot be told apart, and are not those that do. */
  @Test
  default void takesSessionsWithoutAnInstanceForOne() {
    PeerId eel = join(null);
    broker().register(session("one"));
    broker().unregister(eel, "one");
    assertThat(presence(eel)).isEqualTo(Presence.ACTIVE);
    broker().unregister(eel);
    assertThat(presence(eel)).isEqualTo(Presence.AWAY);
  }

  /** A session that died without leaving does not keep its peer active. */
  @Test
  default void forgetsASessionThatDiedWithinAMinute() {
    PeerId eel = join("died");
    clock().advance(Duration.ofSeconds(30));
    broker().register(session("successor"));
    clock().advance(Duration.ofSeconds(31));
    broker().heartbeat(eel, "successor");
    broker().unregister(eel, "successor");
    assertThat(presence(eel)).isEqualTo(Presence.AWAY);
  }

  /** A process that took the place of another does not leave the other's sessions behind. */
  @Test
  default void forgetsTheSessionsOfAProcessThatWasReplaced() {
    ProcessRef former = new ProcessRef(Integer.MAX_VALUE, Instant.EPOCH);
    PeerId eel = broker().register(session("former").toBuilder().process(former).build()).id();
    broker().setSummary(eel, "Mending nets.", Summary.Source.MANUAL);
    Registration successor =
        session("successor").toBuilder()
            .process(new ProcessRef(ProcessHandle.current().pid(), null))
            .build();
    assertThat(broker().register(successor).id()).isEqualTo(eel);

    broker().unregister(eel, "successor");

    assertThat(presence(eel)).isEqualTo(Presence.AWAY);
  }

  /** A session that leaves says nothing about when the other one was heard of. */
  @Test
  default void losesSightOfTheOtherSessionByItsOwnSilence() {
    PeerId eel = join("silent");
    clock().advance(Duration.ofSeconds(30));
    broker().register(session("leaving"));
    broker().unregister(eel, "leaving");
    clock().advance(Duration.ofSeconds(30));
    assertThat(presence(eel)).isEqualTo(Presence.ACTIVE);
    clock().advance(Duration.ofSeconds(1));
    assertThat(presence(eel)).isEqualTo(Presence.AWAY);
  }

  /** What is done in the name of a peer that has left does not bring it back. */
  @Test
  default void staysAwayWhateverIsStillDoneInItsName() {
    PeerId eel = join("one");
    broker().unregister(eel, "one");

    MessageId sent = broker().send(OutgoingMessage.of(eel, eel, "late")).id();
    broker().receive(eel, ReceiveRequest.queued(1, Duration.ofSeconds(30)));
    broker().acknowledge(eel, List.of(sent));
    broker().setSummary(eel, "late", Summary.Source.AUTOMATIC);
    refusal(ErrorCode.UNKNOWN_PEER, () -> broker().heartbeat(eel));
    assertThat(presence(eel)).isEqualTo(Presence.AWAY);

    broker().heartbeat(eel, "two");
    assertThat(presence(eel)).isEqualTo(Presence.ACTIVE);
    broker().unregister(eel, "two");
    broker().register(session("one"));
    assertThat(presence(eel)).isEqualTo(Presence.ACTIVE);
  }

  /** Subscribers learn that the broker was closed. */
  @Test
  default void wakesSubscribersWhenItIsClosed() {
    PeerId eel = join("one");
    AtomicInteger closed = new AtomicInteger();
    AtomicInteger after = new AtomicInteger();
    var open = broker().subscribe(eel, () -> closed.addAndGet(broker().isClosed() ? 1 : 0));
    var former = broker().subscribe(eel, after::incrementAndGet);
    eventually("it listens", () -> broker().find(eel).orElseThrow().listening());
    former.close();
    int before = after.get();

    broker().close();

    eventually("it is woken once more", () -> closed.get() > 0);
    assertThat(after.get()).isEqualTo(before);
    open.close();
  }

  /** A closed broker refuses every call, and says so. */
  @Test
  default void refusesEverythingOnceItIsClosed() {
    PeerId eel = join("one");
    OutgoingMessage draft = OutgoingMessage.of(eel, eel, "late");
    assertThat(broker().isClosed()).isFalse();

    broker().close();
    broker().close();

    assertThat(broker().isClosed()).isTrue();
    refusal(ErrorCode.CLOSED, () -> broker().register(session("two")));
    refusal(ErrorCode.CLOSED, () -> broker().heartbeat(eel));
    refusal(ErrorCode.CLOSED, () -> broker().heartbeat(eel, "one"));
    refusal(ErrorCode.CLOSED, () -> broker().unregister(eel));
    refusal(ErrorCode.CLOSED, () -> broker().unregister(eel, "one"));
    refusal(ErrorCode.CLOSED, () -> broker().setSummary(eel, "x", Summary.Source.MANUAL));
    refusal(ErrorCode.CLOSED, () -> broker().list(PeerQuery.everyone()));
    refusal(ErrorCode.CLOSED, () -> broker().find(eel));
    refusal(ErrorCode.CLOSED, () -> broker().send(draft));
    assertThatThrownBy(broker().sendAsync(draft).toCompletableFuture()::join)
        .cause()
        .isInstanceOfSatisfying(
            PeersException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CLOSED));
    refusal(ErrorCode.CLOSED, () -> broker().receive(eel, ReceiveRequest.queued(1, Duration.ZERO)));
    refusal(ErrorCode.CLOSED, () -> broker().peek(eel, 0, 1));
    refusal(ErrorCode.CLOSED, () -> broker().acknowledge(eel, Batch.EMPTY.ids()));
    refusal(ErrorCode.CLOSED, () -> broker().acknowledge(eel, List.of(new MessageId(1))));
    refusal(ErrorCode.CLOSED, () -> broker().receipt(new MessageId(1)));
    refusal(ErrorCode.CLOSED, () -> broker().history(HistoryQuery.latest(1)));
    refusal(ErrorCode.CLOSED, () -> broker().subscribe(eel, () -> {}));
    refusal(ErrorCode.CLOSED, () -> broker().status());
  }

  /** A peer that has done something, so that it is not forgotten when it leaves. */
  private PeerId join(@Nullable String instance) {
    PeerId id = broker().register(session(instance)).id();
    broker().setSummary(id, "Mending nets.", Summary.Source.MANUAL);
    return id;
  }

  private Presence presence(PeerId id) {
    return broker().find(id).orElseThrow().presence();
  }

  private static Registration session(@Nullable String instance) {
    return Registration.builder(new SessionKey("shared"), Workspace.of("/code/eel"))
        .instance(instance)
        .build();
  }

  private static void refusal(ErrorCode code, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            PeersException.class, e -> assertThat(e.code()).as(e.getMessage()).isEqualTo(code));
  }
}
