package dev.peers.transport.http;

import java.util.Comparator;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.eclipse.jetty.io.Connection;

/**
 * Bounds what connections cost. There are so many at most; one more displaces the oldest that never
 * made an admitted request, so that a crowd of strangers displaces itself and nobody else. A
 * request's head must be complete within a time, however slowly its bytes drop in.
 */
final class ConnectionGuard implements Connection.Listener {
  private static final int MAX_CONNECTIONS = 1_024;
  private static final long HEAD_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final LongSupplier ticker;
  // Each request passes here, so nothing that all of them share is locked.
  private final Map<Connection, State> connections = new ConcurrentHashMap<>();

  ConnectionGuard(LongSupplier ticker) {
    this.ticker = ticker;
  }

  @Override
  public void onOpened(Connection connection) {
    connections.put(connection, new State(ticker.getAsLong()));
    if (connections.size() > MAX_CONNECTIONS) {
      connections.entrySet().stream()
          .filter(entry -> !entry.getValue().admitted)
          .min(Comparator.comparingLong(entry -> entry.getValue().openedNanos))
          .ifPresent(oldest -> close(oldest.getKey()));
    }
  }

  @Override
  public void onClosed(Connection connection) {
    connections.remove(connection);
  }

  /** A request's head is complete. */
  void begin(Connection connection) {
    State state = connections.get(connection);
    if (state != null) {
      state.underWay = true;
    }
  }

  /** A request has shown that it may come in. */
  void admit(Connection connection) {
    State state = connections.get(connection);
    if (state != null) {
      state.admitted = true;
    }
  }

  /** A request was answered. */
  void end(Connection connection) {
    State state = connections.get(connection);
    if (state != null) {
      state.bytes = connection.getBytesIn();
      state.begun = false;
      state.served = true;
      state.underWay = false;
    }
  }

  /** Hangs up on those that are too slow; called every few seconds, by one thread at a time. */
  void sweep() {
    long now = ticker.getAsLong();
    connections.forEach(
        (connection, state) -> {
          if (state.underWay || (state.served && connection.getBytesIn() == state.bytes)) {
            return;
          }
          if (!state.begun) {
            state.begunNanos = now;
            state.begun = true;
          } else if (now - state.begunNanos > HEAD_NANOS) {
            close(connection);
          }
        });
  }

  private void close(Connection connection) {
    connections.remove(connection);
    connection.getEndPoint().close();
  }

  private static final class State {
    final long openedNanos;
    volatile boolean admitted;

    /** How much had been received when the last request ended. */
    volatile long bytes;

    volatile boolean underWay;
    volatile boolean served;

    /** Whether a head is due, which the first one is from the beginning on, and since when. */
    volatile boolean begun = true;

    volatile long begunNanos;

    State(long openedNanos) {
      this.openedNanos = openedNanos;
      this.begunNanos = openedNanos;
    }
  }
}
