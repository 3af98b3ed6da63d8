package dev.peers.server.http;

import dev.peers.Broker;
import dev.peers.ErrorCode;
import dev.peers.PeersException;
import dev.peers.spi.BrokerServer;
import dev.peers.spi.ServerConfig;
import dev.peers.transport.http.linkage.Library;
import dev.peers.transport.http.linkage.Linkage;
import dev.peers.transport.http.wire.PortOwner;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.net.URI;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.UnresolvedAddressException;
import java.util.EnumSet;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A broker on a port. In Peers' own program the port is there at once; the server behind it gets
 * ready on a thread of its own when a client connects, which waits for it, or when the start is
 * over: sessions, which need no HTTP, shall not wait for it. In other programs, which may have
 * chosen other versions of the libraries, it has answered once before it is returned. A port
 * without a server behind it is closed.
 */
final class HttpBrokerServer implements BrokerServer {
  private static final System.Logger LOG = System.getLogger(HttpBrokerServer.class.getName());

  /** As many sessions may start at once; the system takes less where its own limit is lower. */
  private static final int BACKLOG = 512;

  /** For a start that is under way when the server is closed. */
  private static final long PATIENCE_MILLIS = 5_000;

  private static final String PURPOSE = "the HTTP server cannot run";

  /** The sessions that a broker is started for are answered by then. */
  private static final long START_OVER_MILLIS = 1_000;

  private final ServerSocketChannel channel;

  /** Reports the first connection without accepting it, which is the server's to do. */
  private final Selector visitors;

  private final URI address;
  private final Runnable onFailure;
  private final Thread starter;
  private final AtomicBoolean closed = new AtomicBoolean();
  // Written by the starter, read by others once it has ended.
  private @Nullable JettyServer jetty;

  private HttpBrokerServer(
      ServerSocketChannel channel, Broker broker, ServerConfig config, long heap)
      throws IOException {
    this.channel = channel;
    this.visitors = Selector.open();
    this.address =
        address(config.host(), ((InetSocketAddress) channel.getLocalAddress()).getPort());
    this.onFailure = config.onShutdown();
    this.starter = new Thread(() -> serve(broker, config, heap), "peers-http-start");
    starter.setDaemon(true);
  }

  /** Serves with a part of the memory that this JVM may use. */
  static HttpBrokerServer start(Broker broker, ServerConfig config) {
    return start(broker, config, Runtime.getRuntime().maxMemory());
  }

  /** The same with a part of so many bytes of memory. */
  static HttpBrokerServer start(Broker broker, ServerConfig config, long heap) {
    boolean bundled = Linkage.isBundled();
    if (!bundled) {
      Linkage.require(JettyServer.class, PURPOSE);
    }
    HttpBrokerServer server = listen(broker, config, heap);
    if (bundled) {
      server.starter.start();
    } else {
      server.startNow(broker, config, heap);
    }
    return server;
  }

  /** Takes the port on the caller's thread, which learns at once of one that is taken. */
  private static HttpBrokerServer listen(Broker broker, ServerConfig config, long heap) {
    try {
      ServerSocketChannel channel = ServerSocketChannel.open();
      try {
        // For a broker that follows another: connections of that one may still be in TIME_WAIT.
        channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
        channel.bind(new InetSocketAddress(config.host(), config.port()), BACKLOG);
        return new HttpBrokerServer(channel, broker, config, heap);
      } catch (IOException | RuntimeException e) {
        channel.close();
        throw e;
      }
    } catch (IOException | UnresolvedAddressException e) {
      throw new PeersException(ErrorCode.UNAVAILABLE, cannotListen(config, e), e);
    }
  }

  @Override
  public URI address() {
    return address;
  }

  /** Waits for a start that is under way, and a little for requests, but never for clients. */
  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    visitors.wakeup();
    // Who is interrupted has it stopped all the same.
    boolean interrupted = Thread.interrupted();
    try {
      starter.join(PATIENCE_MILLIS);
    } catch (InterruptedException e) {
      interrupted = true;
    }
    stop();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Ends what has been started; the port is free afterwards, whatever else went wrong. */
  private void stop() {
    try (channel) {
      if (jetty != null) {
        jetty.stop();
      }
    } catch (Exception e) {
      LOG.log(System.Logger.Level.WARNING, "the HTTP server did not stop cleanly", e);
    }
  }

  /** Starts it on the caller's thread, who learns of what is in the way. */
  private void startNow(Broker broker, ServerConfig config, long heap) {
    try {
      visitors.close();
      open(broker, config, heap);
      TrialRequest.send(address);
    } catch (Exception | LinkageError e) {
      close();
      throw e instanceof LinkageError
          ? Linkage.refusal(PURPOSE, EnumSet.of(Library.JETTY, Library.JACKSON), e)
          : new PeersException(ErrorCode.UNAVAILABLE, PURPOSE + " at " + address + ": " + e, e);
    }
  }

  /** The starter's work. No caller is left to be told of a failure: the broker stops instead. */
  private void serve(Broker broker, ServerConfig config, long heap) {
    try {
      awaitVisitor();
      if (!closed.get()) {
        open(broker, config, heap);
      }
    } catch (Exception | Error e) {
      LOG.log(System.Logger.Level.ERROR, "the HTTP server did not start, so the broker stops", e);
      stop();
      onFailure.run();
    }
  }

  /** Hands the port over: from here on Jetty accepts, and closes it. */
  private void open(Broker broker, ServerConfig config, long heap) throws Exception {
    // Kept before it starts: half of it may run when that fails.
    JettyServer server = new JettyServer(broker, config, heap);
    jetty = server;
    server.start(channel);
  }

  /** Until a client connects, the start is over, or the server is closed, which wakes it up. */
  private void awaitVisitor() throws IOException {
    try (visitors) {
      channel.configureBlocking(false);
      channel.register(visitors, SelectionKey.OP_ACCEPT);
      visitors.select(START_OVER_MILLIS);
    }
    channel.configureBlocking(true);
  }

  /** Where those of this machine reach what listens on a host. */
  private static URI address(String host, int port) {
    String name = host.equals("0.0.0.0") || host.equals("::") ? "127.0.0.1" : host;
    return URI.create("http://" + (name.contains(":") ? "[" + name + "]" : name) + ":" + port);
  }

  /** What is in the way of a port, and whose it is if that can be found out. */
  private static String cannotListen(ServerConfig config, Exception e) {
    String where = "cannot listen on " + config.host() + ":" + config.port();
    if (e instanceof UnresolvedAddressException) {
      return where + ": no address is known for that name";
    }
    if (e instanceof BindException && String.valueOf(e.getMessage()).contains("in use")) {
      return where
          + ": "
          + PortOwner.describe(address(config.host(), config.port()))
          + " holds the port. Stop it, or choose another with CLAUDE_PEERS_PORT";
    }
    return where + ": " + e.getMessage();
  }
}
