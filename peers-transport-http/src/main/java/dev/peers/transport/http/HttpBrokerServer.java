package dev.peers.transport.http;

import dev.peers.Broker;
import dev.peers.ErrorCode;
import dev.peers.PeersException;
import dev.peers.spi.BrokerServer;
import dev.peers.spi.ServerConfig;
import java.net.URI;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/** Jetty around a broker. */
final class HttpBrokerServer implements BrokerServer {
  private static final System.Logger LOG = System.getLogger(HttpBrokerServer.class.getName());
  private static final int MAX_THREADS = 80;
  private static final int IDLE_MILLIS = 60_000;
  private static final int STOP_MILLIS = 2_000;

  private final Server server;
  private final ServerConnector connector;
  private final BrokerHandler handler;
  private final ScheduledExecutorService timer;
  private final AtomicBoolean closed = new AtomicBoolean();

  private HttpBrokerServer(
      Server server,
      ServerConnector connector,
      BrokerHandler handler,
      ScheduledExecutorService timer) {
    this.server = server;
    this.connector = connector;
    this.handler = handler;
    this.timer = timer;
  }

  static HttpBrokerServer start(Broker broker, ServerConfig config) {
    QueuedThreadPool threads = new QueuedThreadPool(MAX_THREADS, 4, IDLE_MILLIS);
    threads.setName("peers-http");
    threads.setDaemon(true);
    Server server = new Server(threads);
    // Jetty's own graceful stop waits for idle connections too; close() waits for requests alone.
    server.setStopTimeout(0);

    HttpConfiguration http = new HttpConfiguration();
    http.setSendServerVersion(false);
    http.setSendDateHeader(false);
    http.setRequestHeaderSize(16 * 1024);
    ServerConnector connector = new ServerConnector(server, 1, 1, new HttpConnectionFactory(http));
    connector.setHost(config.host());
    connector.setPort(config.port());
    connector.setIdleTimeout(IDLE_MILLIS);
    server.addConnector(connector);

    ScheduledExecutorService timer =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread thread = new Thread(task, "peers-http-timer");
              thread.setDaemon(true);
              return thread;
            });
    PeerKeys keys = new PeerKeys(config.token());
    boolean loopback =
        config.host().equals("127.0.0.1")
            || config.host().equals("localhost")
            || config.host().equals("::1");
    BrokerHandler handler =
        new BrokerHandler(
            broker,
            keys,
            new Gatekeeper(config.token(), keys, loopback),
            () -> new Thread(config.onShutdown(), "peers-shutdown").start(),
            threads,
            timer);
    server.setHandler(handler);
    // What Jetty itself refuses, malformed heads above all, is answered in JSON too.
    server.setErrorHandler(
        (request, response, callback) -> {
          int status = response.getStatus();
          BrokerHandler.write(
              response,
              status,
              WireCodec.refusal(
                  status == 500 ? ErrorCode.INTERNAL : ErrorCode.INVALID_ARGUMENT,
                  "the request was refused with status " + status),
              callback);
          return true;
        });
    try {
      server.start();
    } catch (Exception e) {
      timer.shutdownNow();
      stop(server);
      throw new PeersException(
          ErrorCode.UNAVAILABLE,
          "cannot listen on "
              + config.host()
              + ":"
              + config.port()
              + " ("
              + rootMessage(e)
              + "); another program may hold the port. Stop it, or choose another with"
              + " CLAUDE_PEERS_PORT",
          e);
    }
    return new HttpBrokerServer(server, connector, handler, timer);
  }

  @Override
  public URI address() {
    return URI.create("http://" + connector.getHost() + ":" + connector.getLocalPort());
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      timer.shutdownNow();
      connector.close();
      try {
        handler.awaitIdle(STOP_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      stop(server);
    }
  }

  private static void stop(Server server) {
    try {
      server.stop();
    } catch (Exception e) {
      LOG.log(System.Logger.Level.WARNING, "the HTTP server did not stop cleanly", e);
    }
  }

  private static String rootMessage(Throwable e) {
    Throwable root = e;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return String.valueOf(root.getMessage());
  }
}
