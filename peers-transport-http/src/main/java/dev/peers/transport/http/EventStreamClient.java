package dev.peers.transport.http;

import dev.peers.PeerId;
import dev.peers.PeersException;
import dev.peers.Position;
import dev.peers.Subscription;
import dev.peers.transport.http.wire.Protocol;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import okhttp3.Call;
import okhttp3.Response;
import okio.BufferedSource;
import org.jspecify.annotations.Nullable;

/**
 * Listens to a peer's events and calls its listener for each. What an event says does not matter
 * here, it is a wake-up; its id does, for going on after a broken connection.
 *
 * <p>A listener may be called too often and never too seldom: after each connection, when one is
 * lost, and now and then while all is quiet, since nothing tells of a lease that has ended. All
 * calls come from one thread, the listener's own; {@link #close()} does not wait for it, so that a
 * listener may close itself.
 */
final class EventStreamClient implements Subscription {
  private static final System.Logger LOG = System.getLogger(EventStreamClient.class.getName());

  /** Between two tries, doubled up to the next: a broker is back soon, or away for long. */
  private static final long FIRST_PAUSE_MILLIS = 50;

  private static final long MAX_PAUSE_MILLIS = 5_000;

  /** At every second comment, since a lease that ends makes no sound. */
  private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(Protocol.PING_SECONDS + 10L);

  /** More than the longest message, whose every byte may be written with six. */
  private static final long MAX_LINE = 1 << 20;

  private final HttpCalls calls;
  private final PeerId peer;
  private final Key key;
  private final Runnable wakeUp;
  private final Thread thread;
  private final Object lock = new Object();
  // All guarded by lock.
  private boolean closed;

  /** Whether the listener is called once more though it is closed. */
  private boolean callsLast;

  /** The request that is under way, which a close has to cancel. */
  private @Nullable Call call;

  // The listener's thread alone: the last event's id, when it was called last, and
  // whether there was a connection or a try before.
  private String last = "";
  private long lookedAt;
  private boolean again;

  /** The peer's key, which may end with the token. */
  interface Key {
    String get();

    /**
     * Has it replaced after it was refused, or throws: then the next try will show the same one.
     *
     * @param key the one that was refused, which may have been replaced by then
     */
    default void refused(String key) {}
  }

  EventStreamClient(HttpCalls calls, PeerId peer, Key key, Runnable wakeUp) {
    this.calls = calls;
    this.peer = peer;
    this.key = key;
    this.wakeUp = wakeUp;
    this.thread = new Thread(this::run, "peers-events-" + peer);
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  /** Closed itself, or with the broker that it belongs to. */
  boolean isClosed() {
    synchronized (lock) {
      return closed || calls.isClosed();
    }
  }

  /** Calls for the last time: the broker was closed. */
  void closeWithBroker() {
    synchronized (lock) {
      callsLast |= !closed;
    }
    close();
  }

  @Override
  public void close() {
    Call open;
    synchronized (lock) {
      closed = true;
      open = call;
      lock.notifyAll();
    }
    // Not under the lock: it closes a socket.
    if (open != null) {
      open.cancel();
    }
  }

  /** All of the thread's work. Its last call, if there is one, comes after everything else. */
  private void run() {
    connect();
    boolean callsOnce;
    synchronized (lock) {
      callsOnce = callsLast || !closed;
    }
    if (callsOnce) {
      call();
    }
  }

  /** Connects again and again until it is closed. Whatever breaks off a try begins a next one. */
  private void connect() {
    long pause = FIRST_PAUSE_MILLIS;
    boolean isConnected = false;
    while (!isClosed()) {
      try {
        if (listenOnce()) {
          pause = FIRST_PAUSE_MILLIS;
          isConnected = true;
        }
      } catch (IOException | RuntimeException e) {
        LOG.log(System.Logger.Level.DEBUG, "events of {0} broke off: {1}", peer, e.getMessage());
      }
      if (isConnected && !isClosed()) {
        // A look now shows at once that the broker is gone.
        call();
      }
      isConnected = false;
      pause(pause);
      pause = Math.min(pause * 2, MAX_PAUSE_MILLIS);
    }
  }

  /** Listens as long as a connection lasts; returns whether the broker took this listener. */
  private boolean listenOnce() throws IOException {
    if (again) {
      // Who listens where a broker was need not be one, and a broker that came back may be
      // elsewhere.
      calls.relocate();
    }
    again = true;
    String shown = key.get();
    Call next = calls.stream("/events?id=" + peer, shown, last);
    synchronized (lock) {
      // Closed before this it would not be cancelled, and executed all the same.
      if (closed) {
        return false;
      }
      call = next;
    }
    int status;
    try (Response response = next.execute()) {
      status = response.code();
      if (status == 200) {
        try {
          listen(response.body().source());
        } catch (IOException e) {
          LOG.log(System.Logger.Level.DEBUG, "events of {0} ended: {1}", peer, e.getMessage());
        }
        return true;
      }
    }
    LOG.log(System.Logger.Level.DEBUG, "events of {0}: status {1}", peer, status);
    // The token or the key has ended; any other status may be another one with the next try.
    if (status == 401 || status == 403) {
      key.refused(shown);
    }
    return false;
  }

  /** Reads events to their end, and notes the id of the last one, for going on after it. */
  void listen(BufferedSource source) throws IOException {
    // What came while there was no connection, or while a look failed, is not told again.
    call();
    boolean due = false;
    while (!isClosed()) {
      String line = source.readUtf8LineStrict(MAX_LINE);
      if (line.startsWith(":") && System.nanoTime() - lookedAt >= LOOK_NANOS) {
        call();
      }
      if (line.startsWith("id: ")) {
        try {
          // Only what is a position is sent back to a broker, in a header at that.
          last = Position.parse(line.substring(4)).toString();
        } catch (PeersException e) {
          LOG.log(System.Logger.Level.DEBUG, "an event with a strange id");
        }
      } else if (line.startsWith("data:")) {
        due = true;
      } else if (line.isEmpty() && due && source.getBuffer().exhausted()) {
        // Events that have arrived together are one reason to look.
        due = false;
        call();
      }
    }
  }

  /** Calls the listener, which may fail: that is its own affair, and the next call comes. */
  private void call() {
    lookedAt = System.nanoTime();
    try {
      wakeUp.run();
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.WARNING, "a listener for mail of " + peer + " failed", e);
    }
  }

  /** Waits that long, or until it is closed. An interrupt closes it: the thread is its own. */
  private void pause(long millis) {
    synchronized (lock) {
      long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
      try {
        while (!closed) {
          long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
          if (left <= 0) {
            return;
          }
          lock.wait(left);
        }
      } catch (InterruptedException e) {
        closed = true;
        Thread.currentThread().interrupt();
      }
    }
  }
}
