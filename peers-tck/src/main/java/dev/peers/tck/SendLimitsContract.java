package dev.peers.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.peers.Broker;
import dev.peers.ErrorCode;
import dev.peers.MessageId;
import dev.peers.OutgoingMessage;
import dev.peers.PeerId;
import dev.peers.PeersException;
import dev.peers.Receipt;
import dev.peers.Registration;
import dev.peers.SessionKey;
import dev.peers.Workspace;
import java.time.Duration;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/**
 * How a broker keeps senders from flooding others; part of {@link BrokerContract}.
 *
 * @since 0.1
 */
public interface SendLimitsContract {
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

  /** A repeated send is answered as the first one was, whatever limits there are by now. */
  @Test
  default void answersARepeatedSendThatWouldBeRefusedAnew() {
    PeerId eel = peer("eel");
    OutgoingMessage draft = OutgoingMessage.of(eel, eel, "once").idempotent("key");
    Receipt receipt = broker().send(draft);
    for (int i = 0; i < 59; i++) {
      broker().send(OutgoingMessage.of(eel, eel, "burst " + i));
    }
    refusal(ErrorCode.RATE_LIMITED, () -> broker().send(OutgoingMessage.of(eel, eel, "too much")));
    assertThat(broker().send(draft).id()).isEqualTo(receipt.id());
  }

  /** A sender that runs wild is told so, and may go on later. */
  @Test
  default void slowsASenderThatRunsWild() {
    PeerId eel = peer("eel");
    for (int i = 0; i < 60; i++) {
      broker().send(OutgoingMessage.of(eel, eel, "burst " + i));
    }
    refusal(ErrorCode.RATE_LIMITED, () -> broker().send(OutgoingMessage.of(eel, eel, "too much")));
    clock().advance(Duration.ofMillis(500));
    broker().send(OutgoingMessage.of(eel, eel, "later"));
    assertThat(broker().peek(eel, 0, 0).remaining()).isEqualTo(61);
  }

  /** Two peers have together what one of them has. */
  @Test
  default void limitsWhatTwoPeersSendEachOther() {
    PeerId eel = peer("eel");
    PeerId owl = peer("owl");
    PeerId elk = peer("elk");
    for (int i = 0; i < 30; i++) {
      broker().send(OutgoingMessage.of(eel, owl, "there " + i));
    }
    for (int i = 0; i < 30; i++) {
      broker().send(OutgoingMessage.of(owl, eel, "back " + i));
    }
    refusal(ErrorCode.RATE_LIMITED, () -> broker().send(OutgoingMessage.of(owl, eel, "too much")));
    broker().send(OutgoingMessage.of(owl, elk, "to somebody else"));
  }

  /** Agents that only answer each other are slowed, then stopped, and may go on after an hour. */
  @Test
  default void stopsPeersThatAnswerEachOtherForEver() {
    PeerId eel = peer("eel");
    PeerId owl = peer("owl");
    broker().send(OutgoingMessage.of(eel, owl, "0"));
    for (int i = 1; i <= 100; i++) {
      OutgoingMessage answer =
          i % 2 == 0
              ? OutgoingMessage.of(eel, owl, "thanks")
              : OutgoingMessage.of(owl, eel, "thank you");
      clock().advance(Duration.ofSeconds(1));
      if (i > 50) {
        PeersException early = refusal(ErrorCode.RATE_LIMITED, () -> broker().send(answer));
        clock().advance(early.retryAfter().orElseThrow());
      }
      broker().send(answer);
    }
    clock().advance(Duration.ofMinutes(1));
    OutgoingMessage answer = OutgoingMessage.of(owl, eel, "thank you");
    PeersException stopped = refusal(ErrorCode.LOOP_DETECTED, () -> broker().send(answer));
    assertThat(stopped).hasMessageContaining("the most is 100");
    clock().advance(stopped.retryAfter().orElseThrow());
    broker().send(answer);
  }

  /** A chain of answers is one, however many peers it leads through. */
  @Test
  default void stopsAChainOfAnswersThroughManyPeers() {
    List<PeerId> ring = List.of(peer("eel"), peer("owl"), peer("elk"));
    MessageId last = broker().send(OutgoingMessage.of(ring.get(0), ring.get(1), "0")).id();
    for (int i = 1; i <= 100; i++) {
      clock().advance(Duration.ofSeconds(11));
      OutgoingMessage next =
          OutgoingMessage.of(ring.get(i % 3), ring.get((i + 1) % 3), "on").inReplyTo(last);
      last = broker().send(next).id();
    }
    clock().advance(Duration.ofSeconds(11));
    OutgoingMessage next = OutgoingMessage.of(ring.get(2), ring.get(0), "on").inReplyTo(last);
    PeersException stopped = refusal(ErrorCode.LOOP_DETECTED, () -> broker().send(next));
    broker().send(OutgoingMessage.of(ring.get(2), ring.get(0), "something else"));
    clock().advance(stopped.retryAfter().orElseThrow());
    broker().send(next);
  }

  private PeerId peer(String name) {
    return broker()
        .register(Registration.builder(new SessionKey(name), Workspace.of("/code/" + name)).build())
        .id();
  }

  private static PeersException refusal(ErrorCode code, ThrowingCallable call) {
    PeersException refusal = catchThrowableOfType(PeersException.class, call);
    assertThat(refusal).isNotNull();
    assertThat(refusal.code()).as(refusal.getMessage()).isEqualTo(code);
    return refusal;
  }
}
