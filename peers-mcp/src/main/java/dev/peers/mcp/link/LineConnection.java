package dev.peers.mcp.link;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;

/**
 * One connection that speaks in lines. What comes in is handled in order, one line at a time, on a
 * worker; what goes out never blocks. A partner that talks faster than it is served is not read
 * from for a while; one that does not read what it is sent is hung up on in the end.
 */
public final class LineConnection implements LineSink {
  /** The longest line taken; one that is longer is passed over and reported. */
  public static final int MAX_LINE = (1 << 20) + 1024;

  private static final System.Logger LOG = System.getLogger(LineConnection.class.getName());

  /** The longest first line: before it nobody knows who is talking. */
  private static final int MAX_HELLO = 64 * 1024;

  private static final int MAX_INBOX = 128;
  private static final int MAX_INBOX_BYTES = 2 << 20;
  private static final int MAX_OUTBOX_BYTES = 8 << 20;
  private static final int KEPT_BYTES = 64 * 1024;
  private static final byte[] TOO_LONG = new byte[0];

  private final SocketChannel channel;
  private final SelectionKey key;
  private final Executor workers;
  private final SessionMemory memory;
  private final SessionMemory.Account account;
  private final Handler handler;

  // The selector's thread alone.
  private ByteArrayOutputStream partial = new ByteArrayOutputStream(512);
  private boolean skipping;
  private boolean first = true;
  private boolean passing;

  private volatile boolean established;

  private final Object inLock = new Object();
  // All guarded by inLock.
  private final Queue<byte[]> inbox = new ArrayDeque<>();
  private int inboxBytes;
  private boolean handling;
  private boolean inputEnded;
  private boolean paused;

  private final Object outLock = new Object();
  // All guarded by outLock. Channels here never block, so writing under it is no wait.
  private final Queue<ByteBuffer> outbox = new ArrayDeque<>();
  private int outboxBytes;
  private boolean closed;

  /** What is done with a connection's lines; called in order, never twice at the same time. */
  public interface Handler {
    void line(byte[] line);

    /**
     * Whether what follows this first line, and the line itself, is handed over as it comes, ends
     * of lines included.
     */
    default boolean takesBytes(byte[] firstLine) {
      return false;
    }

    void lineTooLong();

    /** Nothing more will come; called last and once. */
    void end();
  }

  LineConnection(
      SocketChannel channel,
      SelectionKey key,
      Executor workers,
      SessionMemory memory,
      Function<LineConnection, Handler> handler) {
    this.channel = channel;
    this.key = key;
    this.workers = workers;
    this.memory = memory;
    this.account = memory.open(this::close);
    this.handler = handler.apply(this);
  }

  /** Sends a line with its end, or throws if the connection is closed. */
  @Override
  public void send(byte[] line) throws IOException {
    synchronized (outLock) {
      if (closed) {
        throw new IOException("the session has ended");
      }
      ByteBuffer bytes = ByteBuffer.wrap(line);
      if (outbox.isEmpty()) {
        channel.write(bytes);
      }
      if (bytes.hasRemaining()) {
        if (outboxBytes > MAX_OUTBOX_BYTES) {
          close();
          throw new IOException("the session does not read what it is sent");
        }
        outbox.add(bytes);
        outboxBytes += bytes.remaining();
        account.add(bytes.remaining());
        interest(SelectionKey.OP_WRITE, true);
      }
    }
    memory.relieve();
  }

  /** The partner has said who it is. */
  public void establish() {
    established = true;
  }

  boolean isEstablished() {
    return established;
  }

  /** Waits until no more than so many bytes wait for the partner to read, or it has gone. */
  void awaitRoom(int most) throws InterruptedException {
    synchronized (outLock) {
      while (outboxBytes > most && !closed) {
        outLock.wait();
      }
    }
  }

  /** How many bytes wait for the partner to read. */
  int backlog() {
    synchronized (outLock) {
      return outboxBytes;
    }
  }

  /** Whether it was ended here, and not by the partner. */
  public boolean isHungUp() {
    synchronized (outLock) {
      return closed;
    }
  }

  @Override
  public void close() {
    synchronized (outLock) {
      closed = true;
      outbox.clear();
      outboxBytes = 0;
      outLock.notifyAll();
      key.cancel();
      try {
        channel.close();
      } catch (IOException e) {
        // It is closed as far as we are concerned.
      }
    }
    account.close();
    endInput();
  }

  /**
   * The selector found something to read.
   *
   * @param bytes room to read into, free again afterwards
   */
  void readable(byte[] bytes) {
    int n;
    try {
      n = channel.read(ByteBuffer.wrap(bytes));
    } catch (IOException e) {
      n = -1;
    }
    if (n < 0) {
      interest(SelectionKey.OP_READ, false);
      endInput();
      return;
    }
    int from = 0;
    for (int i = 0; i < n && !passing; i++) {
      if (bytes[i] == '\n') {
        keep(bytes, from, i);
        byte[] line = skipping ? TOO_LONG : partial.toByteArray();
        empty();
        passing = first && !skipping && handler.takesBytes(line);
        take(passing ? withEnd(line) : line);
        skipping = false;
        first = false;
        from = i + 1;
      }
    }
    if (passing) {
      if (from < n) {
        take(Arrays.copyOfRange(bytes, from, n));
      }
    } else {
      keep(bytes, from, n);
    }
    memory.relieve();
  }

  /** From a first line of HTTP on bytes are handed over as they come, ends of lines included. */
  private static byte[] withEnd(byte[] line) {
    byte[] whole = Arrays.copyOf(line, line.length + 1);
    whole[line.length] = '\n';
    return whole;
  }

  /** The selector found room to write. */
  void writable() {
    synchronized (outLock) {
      try {
        while (!outbox.isEmpty()) {
          ByteBuffer next = outbox.peek();
          int before = next.remaining();
          channel.write(next);
          outboxBytes -= before - next.remaining();
          account.add(next.remaining() - before);
          outLock.notifyAll();
          if (next.hasRemaining()) {
            return;
          }
          outbox.remove();
        }
        interest(SelectionKey.OP_WRITE, false);
      } catch (IOException e) {
        // The partner has gone.
        outbox.clear();
        outboxBytes = 0;
        outLock.notifyAll();
        interest(SelectionKey.OP_WRITE, false);
        endInput();
      }
    }
  }

  private void keep(byte[] bytes, int from, int to) {
    if (skipping || partial.size() + to - from > (first ? MAX_HELLO : MAX_LINE)) {
      skipping = true;
      empty();
    } else {
      partial.write(bytes, from, to - from);
      account.add(to - from);
    }
  }

  /** One long line shall not cost its memory for ever. */
  private void empty() {
    account.add(-partial.size());
    if (partial.size() > KEPT_BYTES) {
      partial = new ByteArrayOutputStream(512);
    } else {
      partial.reset();
    }
  }

  private void take(byte[] line) {
    synchronized (inLock) {
      if (inputEnded) {
        return;
      }
      inbox.add(line);
      inboxBytes += line.length;
      account.add(line.length);
      if ((inbox.size() > MAX_INBOX || inboxBytes > MAX_INBOX_BYTES) && !paused) {
        paused = true;
        interest(SelectionKey.OP_READ, false);
      }
      handleNext();
    }
  }

  private void endInput() {
    synchronized (inLock) {
      if (!inputEnded) {
        inputEnded = true;
        handleNext();
      }
    }
  }

  /** Called with inLock held: has the inbox emptied by one worker. */
  private void handleNext() {
    if (handling) {
      return;
    }
    handling = true;
    try {
      workers.execute(this::handle);
    } catch (RejectedExecutionException e) {
      handling = false;
    }
  }

  private void handle() {
    while (true) {
      byte[] line;
      synchronized (inLock) {
        line = inbox.poll();
        if (line == null) {
          // After the end, "handling" stays set: the handler's end is called once.
          handling = inputEnded;
          if (!inputEnded) {
            return;
          }
        } else {
          inboxBytes -= line.length;
          if (paused && inbox.isEmpty() && !inputEnded) {
            paused = false;
            interest(SelectionKey.OP_READ, true);
          }
        }
      }
      if (line == null) {
        handler.end();
        close();
        return;
      }
      try {
        if (line == TOO_LONG) {
          handler.lineTooLong();
        } else {
          handler.line(line);
        }
      } catch (RuntimeException | Error e) {
        // The session cannot be trusted any more; its relay begins another.
        LOG.log(System.Logger.Level.ERROR, "a session failed and is closed", e);
        close();
        Exhaustion.report(e);
      } finally {
        account.add(-line.length);
      }
    }
  }

  private void interest(int operation, boolean wanted) {
    try {
      if (wanted) {
        key.interestOpsOr(operation);
        key.selector().wakeup();
      } else {
        key.interestOpsAnd(~operation);
      }
    } catch (CancelledKeyException e) {
      // Closed meanwhile.
    }
  }
}
