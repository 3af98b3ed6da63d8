package dev.peers.mcp.relay;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The way to a running broker: connects to its socket, and starts one first if none is there. Of
 * many that find none at the same time one starts it, and the others wait.
 */
public final class BrokerDoor {
  private static final long START_NANOS = TimeUnit.SECONDS.toNanos(20);
  private static final long PAUSE_MILLIS = 10;

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
    SocketChannel channel = connect();
    return channel != null ? channel : startAndConnect();
  }

  private @Nullable SocketChannel connect() {
    try {
      return SocketChannel.open(UnixDomainSocketAddress.of(files.socket()));
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
      SocketChannel channel = connect();
      if (channel != null) {
        return channel;
      }
    }
    throw new IOException("no broker came up within 20 s" + lastWords());
  }

  /** Called by one process at a time. */
  private SocketChannel startAlone(BrokerLock starting, long end)
      throws IOException, InterruptedException {
    Process started = null;
    while (System.nanoTime() - end < 0) {
      SocketChannel channel = connect();
      if (channel != null) {
        return channel;
      }
      if (started == null) {
        // One that runs already is just starting, or ending; either is soon over.
        if (!starting.seesRunning()) {
          started = BrokerStart.start(files, environment);
        }
      } else if (!started.isAlive()) {
        if (started.exitValue() != 0) {
          throw new IOException("the broker could not start" + lastWords());
        }
        started = null;
      }
      Thread.sleep(PAUSE_MILLIS);
    }
    throw new IOException("no broker came up within 20 s" + lastWords());
  }

  /** The last line of the broker's log, where it says why it ended. */
  private String lastWords() {
    try (RandomAccessFile log = new RandomAccessFile(files.log().toFile(), "r")) {
      byte[] tail = new byte[(int) Math.min(4096, log.length())];
      log.seek(log.length() - tail.length);
      log.readFully(tail);
      String text = new String(tail, StandardCharsets.UTF_8).strip();
      String line = text.substring(text.lastIndexOf('\n') + 1);
      return line.isEmpty() ? "; see " + files.log() : ": " + line;
    } catch (IOException e) {
      return "; its log " + files.log() + " cannot be read";
    }
  }
}
