package dev.peers.transport.http;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.eclipse.jetty.io.Connection;
import org.jspecify.annotations.Nullable;

/**
 * Bounds what connections cost. There are so many at most; one more displaces the oldest that never
 * made an admitted request, so that a crowd of strangers displaces itself and nobody else. A
 * request's head must be complete within a time, however slowly its bytes drop in.
 */
final class ConnectionGuard implements Connection.Listener {
  private static final int MAX_CONNECTIONS = 1_024;
  private static final long HEAD_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final LongSupplier ticker;
  private final Object lock = new Object();
  // All guarded by lock; strangers in the order in which they came.
  private final Map<Connection, State> strangers = new LinkedHashMap<>();
  private final Map<Connection, State> admitted = new LinkedHashMap<>();

  ConnectionGuard(LongSupplier ticker) {
    this.ticker = ticker;
  }

  @Override
  public void onOpened(Connection connection) {
    Connection displaced = null;
    synchronized (lock) {
      strangers.put(connection, new State(ticker.getAsLong()));
      if (strangers.size() + admitted.size() > MAX_CONNECTIONS) {
        displaced = strangers.keySet().iterator().next();
        strangers.remove(displaced);
      }
    }
    close(displaced);
  }

  @Override
  public void onClosed(Connection connection) {
    synchronized (lock) {
      strangers.remove(connection);
      admitted.remove(connection);
    }
  }

  /** A request's head is complete. */
  void begin(Connection connection) {
    synchronized (lock) {
      State state = state(connection);
      if (state != null) {
        state.underWay = true;
      }
    }
  }

  /** A request has shown that it may come in. */
  void admit(Connection connection) {
    synchronized (lock) {
      State state = strangers.remove(connection);
      if (state != null) {
        admitted.put(connection, state);
      }
    }
  }

  /** A request was answered. */
  void end(Connection connection) {
    synchronized (lock) {
      State state = state(connection);
      if (state != null) {
        state.underWay = false;
        state.bytes = connection.getBytesIn();
        state.begun = false;
        state.served = true;
      }
    }
  }

  /** Hangs up on those that are too slow; called every few seconds. */
  void sweep() {
    long now = ticker.getAsLong();
    List<Connection> slow = new ArrayList<>();
    synchronized (lock) {
      collectSlow(strangers, now, slow);
      collectSlow(admitted, now, slow);
    }
    slow.forEach(ConnectionGuard::close);
  }

  private static void collectSlow(Map<Connection, State> all, long now, List<Connection> slow) {
    for (Iterator<Map.Entry<Connection, State>> i = all.entrySet().iterator(); i.hasNext(); ) {
      Map.Entry<Connection, State> entry = i.next();
      State state = entry.getValue();
      if (state.underWay || (state.served && entry.getKey().getBytesIn() == state.bytes)) {
        continue;
      }
      if (!state.begun) {
        state.begun = true;
        state.begunNanos = now;
      } else if (now - state.begunNanos > HEAD_NANOS) {
        slow.add(entry.getKey());
        i.remove();
      }
    }
  }

  private @Nullable State state(Connection connection) {
    State state = admitted.get(connection);
    return state == null ? strangers.get(connection) : state;
  }

  private static void close(@Nullable Connection connection) {
    if (connection != null) {
      connection.getEndPoint().close();
    }
  }

  private static final class State {
    /** How much had been received when the last request ended. */
    long bytes;

    boolean underWay;
    boolean served;

    /** Whether a head is due, which the first one is from the beginning on, and since when. */
    boolean begun = true;

    long begunNanos;

    State(long openedNanos) {
      begunNanos = openedNanos;
    }
  }
}
