package dev.peers.mcp.relay;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The way to a running broker: connects to its socket, and starts one first if none is there. Of
 * many that find none at the same time one starts it, and the others wait.
 *
 * @since 0.1
 */
public final class BrokerDoor {
  private static final long START_NANOS = TimeUnit.SECONDS.toNanos(20);
  private static final long STEP_DOWN_NANOS = TimeUnit.SECONDS.toNanos(5);
  private static final long ASK_MILLIS = 100;
  private static final long PAUSE_MILLIS = 10;

  /** Exit codes beyond this are signals' numbers. */
  private static final int SIGNALLED = 128;

  private static final int MAX_KILLS = 4;

  private final BrokerFiles files;
  private final Map<String, String> environment;

  /**
   * Makes a door; nothing is opened yet.
   *
   * @param files where the broker's files are
   * @param environment what a broker is started with
   */
  public BrokerDoor(BrokerFiles files, Map<String, String> environment) {
    this.files = files;
    this.environment = environment;
  }

  /**
   * Connects.
   *
   * @return a connected channel, which the caller closes
   * @throws IOException if no broker could be started within 20 seconds, with the reason it gave
   * @throws InterruptedException if the thread was interrupted while it waited
   */
  public SocketChannel enter() throws IOException, InterruptedException {
    String card = BrokerLock.card(files.lock());
    SocketChannel channel = connect(card);
    if (channel != null && Version.ownIsNewer(card)) {
      // One of an older installation: it makes room for ours.
      channel.close();
      channel = null;
    }
    return channel != null ? channel : startAndConnect();
  }

  /** Connects to where a broker should be, or else to where the last one said it is. */
  private @Nullable SocketChannel connect(String card) throws IOException {
    SocketChannel channel = connect(files.socket());
    if (channel != null) {
      return channel;
    }
    String told = Version.member(card, "socket");
    return told.isEmpty() || told.equals(files.socket().toString()) ? null : connect(Path.of(told));
  }

  private @Nullable SocketChannel connect(Path socket) throws IOException {
    // Without a lock file nobody who serves here could be told from anybody else.
    if (!Files.exists(socket) || !Files.exists(files.lock())) {
      return null;
    }
    OwnFiles.requireOwn(files.lock());
    OwnFiles.requireOwn(socket);
    try {
      return SocketChannel.open(UnixDomainSocketAddress.of(socket));
    } catch (IOException e) {
      return null;
    }
  }

  private SocketChannel startAndConnect() throws IOException, InterruptedException {
    long end = System.nanoTime() + START_NANOS;
    while (System.nanoTime() - end < 0) {
      BrokerLock starting = BrokerLock.starting(files.lock());
      if (starting != null) {
        try (starting) {
          return startAlone(starting, end);
        }
      }
      Thread.sleep(PAUSE_MILLIS);
      String card = BrokerLock.card(files.lock());
      SocketChannel channel = connect(card);
      if (channel != null) {
        if (!Version.ownIsNewer(card)) {
          return channel;
        }
        channel.close();
      }
    }
    throw new IOException("no broker came up within 20 s" + lastWords());
  }

  /** Called by one process at a time. */
  private SocketChannel startAlone(BrokerLock starting, long end)
      throws IOException, InterruptedException {
    Process started = null;
    int kills = 0;
    long patience = 0;
    while (System.nanoTime() - end < 0) {
      String card = starting.card();
      SocketChannel channel = connect(card);
      if (channel != null) {
        if (patience == 0) {
          patience = System.nanoTime() + STEP_DOWN_NANOS;
        }
        // One that does not make room is served with: better an old broker than none.
        if (!Version.ownIsNewer(card) || System.nanoTime() - patience > 0) {
          return channel;
        }
        // No answer is waited for: a broker that hangs must not hold up everybody behind the lock.
        askToStepDown(channel);
        Thread.sleep(ASK_MILLIS);
        continue;
      }
      if (started == null) {
        // One that runs already is just starting, or ending; either is soon over.
        if (!starting.seesRunning()) {
          started = BrokerStart.start(files, environment);
          getReadyToConnect();
        }
      } else if (!started.isAlive()) {
        // One that a signal has ended did not fail: somebody killed it, and the next may live.
        boolean killed = started.exitValue() > SIGNALLED && ++kills < MAX_KILLS;
        if (started.exitValue() != 0 && !killed) {
          throw new IOException("the broker could not start" + lastWords());
        }
        started = null;
      }
      Thread.sleep(PAUSE_MILLIS);
    }
    throw new IOException("no broker came up within 20 s" + lastWords());
  }

  /** What a connection needs is loaded while the broker starts, not when it is there. */
  private static void getReadyToConnect() throws IOException {
    SocketChannel.open(StandardProtocolFamily.UNIX).close();
  }

  private static void askToStepDown(SocketChannel channel) {
    StringBuilder json = new StringBuilder("{\"peers_step_down\":1");
    HelloLine.member(json, "version", Version.own());
    json.append("}\n");
    ByteBuffer line = ByteBuffer.wrap(json.toString().getBytes(StandardCharsets.UTF_8));
    try (channel) {
      while (line.hasRemaining()) {
        channel.write(line);
      }
    } catch (IOException e) {
      // It is gone, which is what was asked for.
    }
  }

  /** The last line of the broker's log, where it says why it ended. */
  private String lastWords() {
    try (RandomAccessFile log = new RandomAccessFile(files.log().toFile(), "r")) {
      byte[] tail = new byte[(int) Math.min(4096, log.length())];
      log.seek(log.length() - tail.length);
      log.readFully(tail);
      String text = new String(tail, StandardCharsets.UTF_8).strip();
      String line = text.substring(text.lastIndexOf('\n') + 1);
      // Without the time, the level and the logger's name.
      int start = line.indexOf("Z SEVERE ");
      line = start < 0 ? line : line.substring(line.indexOf(": ", start) + 2);
      return line.isEmpty() ? "; see " + files.log() : ": " + line;
    } catch (IOException e) {
      return "; its log " + files.log() + " cannot be read";
    }
  }
}
