package dev.peers.server.http;

import dev.peers.Broker;
import dev.peers.ErrorCode;
import dev.peers.spi.ServerConfig;
import dev.peers.transport.http.wire.WireCodec;
import java.nio.channels.ServerSocketChannel;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.http.HttpCompliance;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;

/**
 * Jetty around a broker: what is set here bounds what any number of clients can make it spend, in
 * threads, connections, heads, bodies and answers, and refuses what is not plain HTTP/1.1.
 */
final class JettyServer {
  /** For requests that wait for the store; all else is done without waiting. */
  private static final int MAX_THREADS = 80;

  private static final int IDLE_MILLIS = 60_000;
  private static final int STOP_MILLIS = 2_000;
  private static final int SWEEP_SECONDS = 3;

  /** A body costs three times its bytes while it is read, and its tree after that. */
  private static final int BODIES_PART = 16;

  /** By what it leaves out: the constant of this name is not in Jetty 12.0. */
  private static final HttpCompliance STRICT =
      HttpCompliance.RFC7230.without("PEERS", HttpCompliance.Violation.values());

  private final Server server;
  private final ServerConnector connector;
  private final RequestCount underWay = new RequestCount();
  private final ScheduledExecutorService timer;

  /**
   * Sets it up; it serves once it is started.
   *
   * @param heap of how many bytes of memory it may use a part
   */
  JettyServer(Broker broker, ServerConfig config, long heap) {
    BoundedThreads threads = new BoundedThreads(MAX_THREADS, IDLE_MILLIS);
    server = new Server(threads);
    // Jetty's own graceful stop waits for idle connections too; close() waits for requests alone.
    server.setStopTimeout(0);

    HttpConfiguration http = new HttpConfiguration();
    http.setSendServerVersion(false);
    http.setSendDateHeader(false);
    // No bare line feeds, no guesses: what others might read in another way is refused.
    http.setHttpCompliance(STRICT);
    http.setRequestHeaderSize(16 * 1024);
    ConnectionGuard guard = new ConnectionGuard(System::nanoTime);
    connector = new GuardedConnector(server, new HttpConnectionFactory(http), guard);
    connector.setIdleTimeout(IDLE_MILLIS);
    server.addConnector(connector);

    timer =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread thread = new Thread(task, "peers-http-timer");
              thread.setDaemon(true);
              return thread;
            });
    var unused =
        timer.scheduleWithFixedDelay(guard::sweep, SWEEP_SECONDS, SWEEP_SECONDS, TimeUnit.SECONDS);
    PeerKeys keys = new PeerKeys(config.token(), config.peerSecret());
    AnswerRoom room = new AnswerRoom(heap);
    BrokerEndpoints endpoints =
        new BrokerEndpoints(
            broker,
            keys,
            underWay,
            room,
            new EventStreams(broker, timer, room),
            () -> new Thread(config.onShutdown(), "peers-shutdown").start());
    server.setHandler(
        new BrokerHandler(
            endpoints.all(),
            new AccessFilter(config.token(), keys, config.isLoopback()),
            guard,
            underWay,
            new ByteBudget(heap / BODIES_PART),
            threads,
            timer));
    // What Jetty itself refuses, malformed heads above all, is answered in JSON too.
    server.setErrorHandler(
        (request, response, callback) -> {
          int status = response.getStatus();
          Exchange.write(
              response,
              status,
              WireCodec.refusal(
                  status == 500 ? ErrorCode.INTERNAL : ErrorCode.INVALID_ARGUMENT,
                  "the request was refused with status " + status),
              callback);
          return true;
        });
  }

  /** Accepts the connections of a channel, which is closed with the server. */
  void start(ServerSocketChannel channel) throws Exception {
    connector.open(channel);
    server.start();
  }

  /** Waits a little for requests under way, then ends all connections. */
  void stop() throws Exception {
    // First what begins something new, then what takes connections; then those under way may end.
    timer.shutdownNow();
    connector.close();
    try {
      underWay.awaitNone(STOP_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    server.stop();
  }
}
