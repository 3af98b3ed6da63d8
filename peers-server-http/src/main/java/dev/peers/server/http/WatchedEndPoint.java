package dev.peers.server.http;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.io.SocketChannelEndPoint;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.Scheduler;

/**
 * A connection that can tell, while it handles a request, whether the client has closed its side.
 * To find out one has to read; what comes then belongs to a next request and is kept for it.
 *
 * <p>Jetty itself reads again only after the answer. But the answer to a poll counts as a delivery,
 * and the system accepts what is written to a connection whose other end is closed.
 */
final class WatchedEndPoint extends SocketChannelEndPoint {
  /** At most so much is read ahead, once: a client that sends more is there. */
  private static final int AHEAD_BYTES = 1_024;

  private final Object lock = new Object();
  // Guarded by lock: what was read ahead; empty for nothing.
  private ByteBuffer ahead = BufferUtil.EMPTY_BUFFER;

  WatchedEndPoint(
      SocketChannel channel, ManagedSelector selector, SelectionKey key, Scheduler scheduler) {
    super(channel, selector, key, scheduler);
  }

  /** Whether who sent a request, whose body has been read, has closed the connection since. */
  static boolean hasHungUp(Request request) {
    return request.getConnectionMetaData().getConnection().getEndPoint()
            instanceof WatchedEndPoint endPoint
        && endPoint.hasHungUp();
  }

  private boolean hasHungUp() {
    // Under the lock: a read of Jetty's comes before this one or finds what it has kept.
    synchronized (lock) {
      if (!isOpen() || isInputShutdown()) {
        return true;
      }
      if (ahead.hasRemaining()) {
        return false;
      }
      ByteBuffer room = BufferUtil.allocate(AHEAD_BYTES);
      try {
        if (super.fill(room) < 0) {
          return true;
        }
      } catch (IOException e) {
        return true;
      }
      ahead = room;
      return false;
    }
  }

  /** Gives what was read ahead first, and never both at once. */
  @Override
  public int fill(ByteBuffer buffer) throws IOException {
    synchronized (lock) {
      if (ahead.hasRemaining()) {
        int position = BufferUtil.flipToFill(buffer);
        int count = BufferUtil.put(ahead, buffer);
        BufferUtil.flipToFlush(buffer, position);
        return count;
      }
    }
    return super.fill(buffer);
  }

  /** What was read ahead arrives for Jetty now, which waits for more. */
  @Override
  public void fillInterested(Callback callback) {
    super.fillInterested(callback);
    wakeIfAhead();
  }

  @Override
  public boolean tryFillInterested(Callback callback) {
    boolean interested = super.tryFillInterested(callback);
    if (interested) {
      wakeIfAhead();
    }
    return interested;
  }

  /** The system reports what is still in the socket only. */
  private void wakeIfAhead() {
    boolean due;
    synchronized (lock) {
      due = ahead.hasRemaining();
    }
    if (due) {
      getFillInterest().fillable();
    }
  }
}
