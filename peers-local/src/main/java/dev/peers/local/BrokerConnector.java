package dev.peers.local;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
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
public final class BrokerConnector {
  private static final long START_NANOS = TimeUnit.SECONDS.toNanos(20);
  private static final long STEP_DOWN_NANOS = TimeUnit.SECONDS.toNanos(5);
  private static final long ASK_MILLIS = 100;
  private static final long PAUSE_MILLIS = 10;

  /** How long a stopped broker may take to go on; some agents wait 10 s for a server. */
  private static final long STOPPED_NANOS = TimeUnit.SECONDS.toNanos(8);

  /** How many may end without a word, as those do that a signal ends. */
  private static final int MAX_KILLS = 4;

  private final BrokerFiles files;
  private final Map<String, String> environment;

  /**
   * Makes a door; nothing is opened yet.
   *
   * @param files where the broker's files are
   * @param environment what a broker is started with
   */
  public BrokerConnector(BrokerFiles files, Map<String, String> environment) {
    this.files = files;
    this.environment = environment;
  }

  /**
   * Connects.
   *
   * @return a connected channel, which the caller closes
   * @throws IOException if no broker could be started within 20 seconds, with the reason it gave,
   *     or if the one that runs has been stopped for 8 seconds
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
    if (channel == null) {
      channel = startAndConnect();
    }
    try {
      awaitGoingOn(null);
      return channel;
    } catch (IOException | InterruptedException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  /**
   * Why the broker answers nothing.
   *
   * @return a sentence if its process is stopped, else null
   */
  public @Nullable String stopped() {
    try {
      return stopped(null);
    } catch (IOException e) {
      return null;
    }
  }

  /** The same for the holder of a lock, who would lose it with another channel to its file. */
  private @Nullable String stopped(@Nullable BrokerLock held) throws IOException {
    return BrokerProcess.of(held == null ? BrokerLock.card(files.lock()) : held.card()).stopped();
  }

  /** A stopped process takes connections all the same. */
  private void awaitGoingOn(@Nullable BrokerLock held) throws IOException, InterruptedException {
    String stopped = stopped(held);
    for (long end = System.nanoTime() + STOPPED_NANOS; stopped != null; stopped = stopped(held)) {
      if (System.nanoTime() - end > 0) {
        throw new IOException(stopped);
      }
      Thread.sleep(ASK_MILLIS);
    }
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
    PrivateFiles.requireOwn(files.lock());
    PrivateFiles.requireOwn(socket);
    try {
      return SocketChannel.open(UnixDomainSocketAddress.of(socket));
    } catch (IOException e) {
      return null;
    }
  }

  private SocketChannel startAndConnect() throws IOException, InterruptedException {
    SideFiles.requireOurs(files);
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
    throw nobodyCameUp(null);
  }

  private IOException nobodyCameUp(@Nullable BrokerLock held) throws IOException {
    String stopped = stopped(held);
    return new IOException(
        stopped != null
            ? stopped
            : "no broker came up within 20 s" + StartedBroker.lastWords(files.log()));
  }

  /** Called by one process at a time. */
  private SocketChannel startAlone(BrokerLock starting, long end)
      throws IOException, InterruptedException {
    StartedBroker started = null;
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
        if (starting.seesRunning()) {
          awaitGoingOn(starting);
        } else {
          started = BrokerLauncher.start(files, environment);
          getReadyToConnect();
        }
      } else if (started.hasEnded()) {
        String failure = started.failure();
        // One that says nothing was ended by a signal, or another was faster: the next may live.
        if (failure != null || ++kills == MAX_KILLS) {
          started.withdrawLog();
          throw new IOException(
              "the broker could not start: "
                  + (failure != null
                      ? failure
                      : "it ended " + kills + " times without saying why; see " + files.log()));
        }
        started = null;
      }
      Thread.sleep(PAUSE_MILLIS);
    }
    throw nobodyCameUp(starting);
  }

  /** What a connection needs is loaded while the broker starts, not when it is there. */
  private static void getReadyToConnect() throws IOException {
    SocketChannel.open(StandardProtocolFamily.UNIX).close();
  }

  /**
   * Asks the broker that runs to end; starts none.
   *
   * @return whether there was one to ask, which may refuse
   * @throws IOException if its socket may be another user's
   */
  public boolean askToStop() throws IOException {
    SocketChannel channel = connect(BrokerLock.card(files.lock()));
    if (channel == null) {
      return false;
    }
    ask(channel, new RelayLine.Stop());
    return true;
  }

  private static void askToStepDown(SocketChannel channel) {
    ask(channel, new RelayLine.StepDown(Version.own()));
  }

  private static void ask(SocketChannel channel, RelayLine request) {
    ByteBuffer line = ByteBuffer.wrap(request.bytes());
    try (channel) {
      while (line.hasRemaining()) {
        channel.write(line);
      }
    } catch (IOException e) {
      // It is gone, which is what was asked for.
    }
  }
}
