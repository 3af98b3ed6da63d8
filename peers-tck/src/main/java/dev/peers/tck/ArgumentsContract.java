package dev.peers.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.peers.Broker;
import dev.peers.ErrorCode;
import dev.peers.HistoryQuery;
import dev.peers.MessageId;
import dev.peers.PeerId;
import dev.peers.PeersException;
import dev.peers.ReceiveRequest;
import dev.peers.Registration;
import dev.peers.SessionKey;
import dev.peers.Summary;
import dev.peers.Workspace;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/**
 * What a broker does with arguments that make no sense; part of {@link BrokerContract}.
 *
 * @since 0.1
 */
public interface ArgumentsContract {
  /**
   * The broker under test, the same one during a test.
   *
   * @return a broker, which the implementer closes after the test
   */
  Broker broker();

  /** Null is an invalid argument, and refused before anything else happens. */
  @Test
  default void refusesNull() {
    PeerId eel =
        broker()
            .register(Registration.builder(new SessionKey("eel"), Workspace.of("/eel")).build())
            .id();
    List<ThrowingCallable> calls =
        List.of(
            () -> broker().register(missing()),
            () -> broker().heartbeat(missing()),
            () -> broker().unregister(missing()),
            () -> broker().setSummary(missing(), "x", Summary.Source.MANUAL),
            () -> broker().setSummary(eel, missing(), Summary.Source.MANUAL),
            () -> broker().setSummary(eel, "x", missing()),
            () -> broker().list(missing()),
            () -> broker().find(missing()),
            () -> broker().send(missing()),
            () -> broker().receive(missing(), ReceiveRequest.queued(1, Duration.ZERO)),
            () -> broker().receive(eel, missing()),
            () -> broker().peek(missing(), 0, 1),
            () -> broker().acknowledge(missing(), List.of(new MessageId(1))),
            () -> broker().acknowledge(eel, missing()),
            () -> broker().acknowledge(eel, Collections.singletonList(missing())),
            () -> broker().receipt(missing()),
            () -> broker().history(missing()),
            () -> broker().subscribe(missing(), () -> {}),
            () -> broker().subscribe(eel, missing()));
    for (ThrowingCallable call : calls) {
      assertThatThrownBy(call)
          .isInstanceOfSatisfying(
              PeersException.class,
              e -> assertThat(e.code()).as(e.getMessage()).isEqualTo(ErrorCode.INVALID_ARGUMENT));
    }
  }

  /** A time that no message can have been sent at finds all of them, or none. */
  @Test
  default void readsHistorySinceAnyTime() {
    broker().register(Registration.builder(SessionKey.OPERATOR, Workspace.of("/home")).build());
    for (Instant since : List.of(Instant.MIN, Instant.EPOCH, Instant.MAX)) {
      assertThat(broker().history(new HistoryQuery(null, since, 0, 1)).entries()).isEmpty();
    }
  }

  @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"})
  private static <T> T missing() {
    return null;
  }
}
