package dev.peers.mcp.wake;

import dev.peers.PeersException;
import dev.peers.Subscription;
import dev.peers.UntrustedText;
import dev.peers.mcp.link.LineConnection;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One shell that waits at the socket until there is mail for a session. It gets one answer, and
 * costs nothing but its connection until then.
 */
public final class WaitingHook implements LineConnection.Handler {
  private static final System.Logger LOG = System.getLogger(WaitingHook.class.getName());

  private final LineConnection connection;
  private final IdleSessionWaker wakes;

  // One thread at a time, until the head has ended.
  private @Nullable WakeRequest request;
  private @Nullable String problem;
  private boolean headEnded;

  private final Object lock = new Object();
  // All guarded by lock.
  private boolean over;
  private @Nullable Subscription subscription;
  private @Nullable Future<?> look;

  public WaitingHook(LineConnection connection, IdleSessionWaker wakes) {
    this.connection = connection;
    this.wakes = wakes;
  }

  @Override
  public void line(byte[] line) {
    if (headEnded) {
      return;
    }
    if (request == null && problem == null) {
      try {
        request = WakeRequest.parse(line);
      } catch (PeersException e) {
        problem = e.getMessage();
      }
    } else if (line.length == 0 || (line.length == 1 && line[0] == '\r')) {
      headEnded = true;
      if (problem != null) {
        answer("400 Bad Request", UntrustedText.forAgent(problem) + "\n");
      } else {
        connection.establish();
        wakes.arm(this);
      }
    }
  }

  @Override
  public void lineTooLong() {
    connection.close();
  }

  @Override
  public void end() {
    finish();
  }

  WakeRequest request() {
    return Objects.requireNonNull(request);
  }

  boolean isOver() {
    synchronized (lock) {
      return over;
    }
  }

  /** Goes by this subscription from now on, and ends it with itself. */
  void owns(Subscription wakeUps) {
    Subscription surplus;
    synchronized (lock) {
      surplus = over ? wakeUps : subscription;
      if (!over) {
        subscription = wakeUps;
      }
    }
    if (surplus != null) {
      surplus.close();
    }
  }

  /** Has it look at its mail, unless it is about to. */
  void lookSoon(Supplier<Future<?>> schedule) {
    synchronized (lock) {
      if (!over && look == null) {
        look = schedule.get();
      }
    }
  }

  /** The look that was due is being taken. */
  void looks() {
    synchronized (lock) {
      look = null;
    }
  }

  /** There is mail, as this text says. Returns whether it could still be told. */
  boolean tell(String text) {
    return answer("200 OK", text + "\n");
  }

  /** There is no reason to wait any longer. */
  void dismiss() {
    answer("410 Gone", "");
  }

  private boolean answer(String status, String text) {
    if (!finish()) {
      return false;
    }
    byte[] body = text.getBytes(StandardCharsets.UTF_8);
    String head =
        "HTTP/1.1 "
            + status
            + "\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\nContent-Length: "
            + body.length
            + "\r\n\r\n";
    try {
      connection.send((head + text).getBytes(StandardCharsets.UTF_8));
      return true;
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "the waiting hook is gone: {0}", e.getMessage());
      return false;
    } finally {
      connection.close();
    }
  }

  /** Returns whether it was this call that ended it. */
  private boolean finish() {
    Subscription wakeUps;
    Future<?> due;
    synchronized (lock) {
      if (over) {
        return false;
      }
      over = true;
      wakeUps = subscription;
      due = look;
    }
    if (wakeUps != null) {
      wakeUps.close();
    }
    if (due != null) {
      due.cancel(false);
    }
    wakes.forget(this);
    return true;
  }
}
