package dev.peers.mcp.link;

import dev.peers.ErrorCode;
import dev.peers.PeersException;
import dev.peers.local.IoReason;
import dev.peers.local.SideFiles;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;

/**
 * Listens on a Unix domain socket. One thread waits for all connections; an idle one costs nothing
 * but its buffers.
 */
public final class LineServer implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(LineServer.class.getName());
  private static final int MAX_CONNECTIONS = 4_096;

  /** A quarter of the heap for what waits in all connections. */
  private static final int MEMORY_PART = 4;

  private static final long LOOK_MILLIS = 5_000;

  /** How long nobody is accepted after one could not be: what was missing is still missing. */
  private static final long REST_MILLIS = 1_000;

  private static final long REST_NANOS = TimeUnit.MILLISECONDS.toNanos(REST_MILLIS);

  private static final long HELLO_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final Path path;
  private final Selector selector;
  // The server's thread alone, once it runs.
  private ServerSocketChannel server;
  private final Executor workers;
  private final SessionMemory memory;
  private final Function<LineConnection, LineConnection.Handler> handlers;
  private final Thread thread;
  private final Runnable onFailure;
  private volatile boolean closed;
  // The server's thread alone, all of them.
  private long lookedAt = System.nanoTime();
  private boolean resting;
  private long restingSince;
  private boolean disturbed;
  // The server's thread alone: who has not said who it is, in the order in which they came, and
  // when.
  private final Map<LineConnection, Long> newcomers = new LinkedHashMap<>();

  private LineServer(
      Path path,
      Selector selector,
      ServerSocketChannel server,
      Executor workers,
      SessionMemory memory,
      Function<LineConnection, LineConnection.Handler> handlers,
      Runnable onFailure) {
    this.path = path;
    this.selector = selector;
    this.server = server;
    this.workers = workers;
    this.memory = memory;
    this.handlers = handlers;
    this.onFailure = onFailure;
    this.thread = new Thread(this::run, "peers-gateway");
    thread.setDaemon(true);
  }

  /**
   * Starts to listen.
   *
   * @param path the socket, whose directory exists; one that is there already is replaced, so the
   *     caller makes sure that nobody listens on it
   * @param onFailure called if it cannot go on; nobody is served any more then
   */
  public static LineServer listen(
      Path path,
      Executor workers,
      Function<LineConnection, LineConnection.Handler> handlers,
      Runnable onFailure) {
    SessionMemory memory = new SessionMemory(Runtime.getRuntime().maxMemory() / MEMORY_PART);
    return listen(path, workers, memory, handlers, onFailure);
  }

  /** The same, with what all connections together may hold. */
  public static LineServer listen(
      Path path,
      Executor workers,
      SessionMemory memory,
      Function<LineConnection, LineConnection.Handler> handlers,
      Runnable onFailure) {
    try {
      SideFiles.requireSocket(path);
      Files.deleteIfExists(path);
      Selector selector = Selector.open();
      ServerSocketChannel server = bind(path, selector);
      LineServer lines =
          new LineServer(path, selector, server, workers, memory, handlers, onFailure);
      lines.thread.start();
      return lines;
    } catch (IOException e) {
      throw new PeersException(
          ErrorCode.UNAVAILABLE,
          "cannot listen on the socket "
              + path
              + ": "
              + IoReason.brief(e)
              + ". Check the directory's owner and mode, or set CLAUDE_PEERS_DB to another path",
          e);
    }
  }

  private static ServerSocketChannel bind(Path path, Selector selector) throws IOException {
    ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      server.bind(UnixDomainSocketAddress.of(path), 512);
      if (FileSystems.getDefault().supportedFileAttributeViews().contains("posix")) {
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
      }
      server.configureBlocking(false);
      server.register(selector, SelectionKey.OP_ACCEPT);
      return server;
    } catch (IOException e) {
      server.close();
      throw e;
    }
  }

  /** Hangs up on everybody and removes the socket. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    selector.wakeup();
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whether nobody is connected. */
  public boolean isIdle() {
    // The one key is the server's own.
    return closed || selector.keys().size() <= 1;
  }

  private void run() {
    try {
      serveAll();
    } catch (IOException | RuntimeException | Error e) {
      LOG.log(
          System.Logger.Level.ERROR,
          "the gateway cannot wait for its sessions, so the broker stops",
          e);
      onFailure.run();
    } finally {
      hangUp();
    }
  }

  private void serveAll() throws IOException {
    byte[] buffer = new byte[64 * 1024];
    while (!closed) {
      try {
        selector.select(
            key -> serve(key, buffer), resting || disturbed ? REST_MILLIS : LOOK_MILLIS);
        acceptAgain();
        look();
        disturbed = false;
      } catch (RuntimeException e) {
        // What happens again at once is told once, and not at full speed.
        if (disturbed) {
          LockSupport.parkNanos(REST_NANOS);
        } else {
          LOG.log(System.Logger.Level.ERROR, "a session disturbed the gateway", e);
        }
        disturbed = true;
      }
    }
  }

  private void hangUp() {
    // First the name, then the sessions: those that come back find no door until there is a new
    // one.
    try {
      server.close();
      removeSocket();
      for (SelectionKey key : selector.keys()) {
        if (key.attachment() instanceof LineConnection connection) {
          connection.close();
        }
      }
      selector.close();
    } catch (IOException e) {
      LOG.log(System.Logger.Level.WARNING, "the gateway did not close cleanly", e);
    }
  }

  private void removeSocket() {
    try {
      SideFiles.requireSocket(path);
      Files.deleteIfExists(path);
    } catch (IOException e) {
      LOG.log(System.Logger.Level.WARNING, "the socket was not removed: {0}", IoReason.of(e));
    }
  }

  /** Has those served again who waited while it could accept nobody. */
  private void acceptAgain() {
    if (resting && System.nanoTime() - restingSince >= REST_NANOS) {
      restingSince = System.nanoTime();
      SelectionKey key = server.keyFor(selector);
      if (key != null && key.isValid()) {
        key.interestOps(SelectionKey.OP_ACCEPT);
      }
    }
  }

  private void look() {
    long now = System.nanoTime();
    if (!closed && now - lookedAt >= LOOK_MILLIS * 1_000_000 / 2) {
      lookedAt = now;
      dismissSilent(now);
      stayReachable();
    }
  }

  private void dismissSilent(long now) {
    newcomers.keySet().removeIf(LineConnection::isEstablished);
    newcomers.forEach(
        (connection, since) -> {
          if (now - since > HELLO_NANOS) {
            connection.close();
          }
        });
    newcomers.values().removeIf(since -> now - since > HELLO_NANOS);
  }

  /**
   * A socket file that somebody removed, as cleaners of temporary directories do, is made again.
   */
  private void stayReachable() {
    if (Files.exists(path)) {
      return;
    }
    try {
      ServerSocketChannel lost = server;
      server = bind(path, selector);
      lost.close();
      LOG.log(System.Logger.Level.WARNING, "the socket {0} was removed and made again", path);
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "the socket cannot be made again: {0}", e.getMessage());
    }
  }

  private void serve(SelectionKey key, byte[] buffer) {
    try {
      if (key.isAcceptable()) {
        accept();
        return;
      }
      LineConnection connection = (LineConnection) key.attachment();
      if (key.isReadable()) {
        connection.readable(buffer);
      }
      if (key.isValid() && key.isWritable()) {
        connection.writable();
      }
    } catch (CancelledKeyException e) {
      // Closed by a worker meanwhile.
    }
  }

  private void accept() {
    try {
      SocketChannel channel = server.accept();
      if (channel == null) {
        return;
      }
      if (resting) {
        resting = false;
        LOG.log(System.Logger.Level.INFO, "sessions are accepted again");
      }
      if (selector.keys().size() > MAX_CONNECTIONS && !displaceNewcomer()) {
        LOG.log(
            System.Logger.Level.WARNING,
            "more than {0} sessions; one was refused",
            MAX_CONNECTIONS);
        channel.close();
        return;
      }
      channel.configureBlocking(false);
      SelectionKey key = channel.register(selector, SelectionKey.OP_READ);
      LineConnection connection = new LineConnection(channel, key, workers, memory, handlers);
      key.attach(connection);
      newcomers.put(connection, System.nanoTime());
    } catch (IOException e) {
      rest(e);
    }
  }

  /** Those who wait are still there, so that it would fail again at once, and without end. */
  private void rest(IOException reason) {
    if (!resting) {
      LOG.log(
          System.Logger.Level.WARNING,
          "no session can be accepted ({0}); tried again each second. If files are short, raise the"
              + " limit on open files (ulimit -n) and restart the broker",
          reason.getMessage());
    }
    resting = true;
    restingSince = System.nanoTime();
    SelectionKey key = server.keyFor(selector);
    if (key != null && key.isValid()) {
      key.interestOps(0);
    }
  }

  /** Hangs up on the oldest connection that has not said who it is; a crowd displaces itself. */
  private boolean displaceNewcomer() {
    Iterator<LineConnection> oldest = newcomers.keySet().iterator();
    while (oldest.hasNext()) {
      LineConnection connection = oldest.next();
      oldest.remove();
      if (!connection.isEstablished()) {
        connection.close();
        return true;
      }
    }
    return false;
  }
}
