package dev.peers.server.http;

import java.io.IOException;
import java.nio.channels.SelectableChannel;
import java.util.Comparator;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.SelectorManager;
import org.jspecify.annotations.Nullable;

/**
 * Bounds what connections cost. There are so many at most, those that were accepted and wait to be
 * looked at included; one more displaces the oldest that never made an admitted request, so that a
 * crowd of strangers displaces itself alone. A request's head must be complete within a time,
 * however slowly its bytes drop in; Jetty's own limit is the time between two bytes. {@code
 * docs/adr/0007} says why.
 *
 * <p>A connection is known by its channel from the moment that it is accepted, and by its {@link
 * Connection} once a selector has looked at it. Its flags are written by the thread that handles it
 * and read by the sweep, which may be late by one round.
 */
final class ConnectionGuard implements Connection.Listener, SelectorManager.AcceptListener {
  private static final int MAX_CONNECTIONS = 1_024;

  /** As long a head may take, give or take a round of the sweep. */
  private static final long HEAD_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final LongSupplier ticker;
  // Each request passes here, so nothing that all of them share is locked.
  private final Map<Connection, State> connections = new ConcurrentHashMap<>();
  private final Map<Object, State> channels = new ConcurrentHashMap<>();

  ConnectionGuard(LongSupplier ticker) {
    this.ticker = ticker;
  }

  /** Counted here, not when it is opened: what waits to be looked at has its socket already. */
  @Override
  public void onAccepting(SelectableChannel channel) {
    State state = new State(channel, ticker.getAsLong());
    channels.put(channel, state);
    if (channels.size() > MAX_CONNECTIONS) {
      channels.values().stream()
          .filter(each -> !each.admitted)
          .min(Comparator.comparingLong(each -> each.openedNanos))
          .ifPresent(this::close);
    }
  }

  @Override
  public void onAcceptFailed(SelectableChannel channel, Throwable cause) {
    channels.remove(channel);
  }

  @Override
  public void onOpened(Connection connection) {
    State state = channels.get(connection.getEndPoint().getTransport());
    if (state == null) {
      // Displaced before it was looked at.
      connection.getEndPoint().close();
      return;
    }
    state.connection = connection;
    connections.put(connection, state);
  }

  @Override
  public void onClosed(Connection connection) {
    State state = connections.remove(connection);
    if (state != null) {
      channels.remove(state.channel);
    }
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
          // Handled, or idle: a connection that has been served and sent nothing since may wait.
          if (state.underWay || (state.served && connection.getBytesIn() == state.bytes)) {
            return;
          }
          if (!state.begun) {
            state.begunNanos = now;
            state.begun = true;
          } else if (now - state.begunNanos > HEAD_NANOS) {
            close(state);
          }
        });
  }

  /** Forgets it first, so that it is not counted any more even if its end is slow to come. */
  private void close(State state) {
    channels.remove(state.channel);
    Connection connection = state.connection;
    if (connection != null) {
      connections.remove(connection);
      connection.getEndPoint().close();
      return;
    }
    try {
      state.channel.close();
    } catch (IOException e) {
      // It is closed as far as we are concerned.
    }
  }

  private static final class State {
    final SelectableChannel channel;
    final long openedNanos;

    /** Null until it was looked at. */
    volatile @Nullable Connection connection;

    volatile boolean admitted;

    /** How much had been received when the last request ended. */
    volatile long bytes;

    volatile boolean underWay;
    volatile boolean served;

    /** Whether a head is due, which the first one is from the beginning on, and since when. */
    volatile boolean begun = true;

    volatile long begunNanos;

    State(SelectableChannel channel, long openedNanos) {
      this.channel = channel;
      this.openedNanos = openedNanos;
      this.begunNanos = openedNanos;
    }
  }
}
