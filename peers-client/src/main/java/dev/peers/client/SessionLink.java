package dev.peers.client;

import dev.peers.Broker;
import dev.peers.ErrorCode;
import dev.peers.PeerId;
import dev.peers.PeersException;
import dev.peers.Subscription;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * A session's link to its broker, through which all its calls go: none once the session is closed,
 * and what comes of each tells whether the broker is there. Thread-safe.
 */
final class SessionLink {
  private final Broker broker;
  private final Runnable onBrokerClosed;
  private final StateListeners listeners = new StateListeners();
  private final Object lock = new Object();
  // Written under lock, so that listeners are told in the order of the changes.
  private volatile SessionState state = SessionState.JOINED;

  /**
   * Makes a link of a session that has joined.
   *
   * @param onBrokerClosed ends the session; called when the broker turns out to be closed
   */
  SessionLink(Broker broker, Runnable onBrokerClosed) {
    this.broker = broker;
    this.onBrokerClosed = onBrokerClosed;
  }

  SessionState state() {
    if (state != SessionState.CLOSED && broker.isClosed()) {
      onBrokerClosed.run();
    }
    return state;
  }

  Subscription onChange(Consumer<SessionState> listener) {
    synchronized (lock) {
      requireOpen();
      return listeners.add(listener);
    }
  }

  /** Asks the broker something. */
  <T> T call(Function<Broker, T> question) {
    requireOpen();
    return observed(question);
  }

  private <T> T observed(Function<Broker, T> question) {
    try {
      T answer = question.apply(broker);
      change(SessionState.JOINED);
      return answer;
    } catch (PeersException e) {
      failed(e);
      throw e;
    }
  }

  /** Tells the broker something. */
  void run(Consumer<Broker> statement) {
    requireOpen();
    finish(statement);
  }

  /** Brings to its end what was begun before the session was closed, if it was. */
  void finish(Consumer<Broker> statement) {
    boolean unused =
        observed(
            open -> {
              statement.accept(open);
              return true;
            });
  }

  /** Has a peer woken. That this works does not say that the broker is there. */
  Subscription subscribe(PeerId id, Runnable wakeUp) {
    requireOpen();
    try {
      return broker.subscribe(id, wakeUp);
    } catch (PeersException e) {
      failed(e);
      throw e;
    }
  }

  void requireOpen() {
    if (state == SessionState.CLOSED) {
      throw refusal();
    }
  }

  /** What a closed session has to say. */
  PeersException refusal() {
    return new PeersException(
        ErrorCode.CLOSED,
        broker.isClosed()
            ? "the broker that this session had joined was closed, and the session with it; open a"
                + " broker and join again"
            : "this session has left the broker; join again to go on");
  }

  /** Refuses every call from now on; false if it did so before. */
  boolean close() {
    return change(SessionState.CLOSED);
  }

  private void failed(PeersException e) {
    switch (e.code()) {
      case UNAVAILABLE, UNAUTHORIZED -> change(SessionState.DISCONNECTED);
      case CLOSED -> state();
      // Whatever it refused, it was there.
      default -> change(SessionState.JOINED);
    }
  }

  private boolean change(SessionState next) {
    synchronized (lock) {
      if (state == next || state == SessionState.CLOSED) {
        return false;
      }
      state = next;
      listeners.tell(next);
      return true;
    }
  }
}
