package dev.peers.mcp;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.peers.Broker;
import dev.peers.PeersException;
import dev.peers.mcp.link.HttpBridge;
import dev.peers.mcp.link.LineServer;
import dev.peers.mcp.wake.IdleSessionWaker;
import dev.peers.mcp.wake.WaitingHook;
import dev.peers.spi.Summarizer;
import java.net.URI;
import java.nio.file.Path;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import org.jspecify.annotations.Nullable;

/**
 * Takes the connections of relays on a Unix domain socket and serves each an MCP session. The SDK
 * runs here, once and warm, instead of in every agent's process.
 *
 * <p>Thread-safe. It owns neither the broker nor the executors.
 *
 * @since 0.1
 */
public final class Gateway implements AutoCloseable {
  private static final int MAX_DEPTH = 64;

  private final LineServer server;
  private final IdleSessionWaker wakes;
  private final @Nullable SummaryScheduler summaries;

  private Gateway(LineServer server, IdleSessionWaker wakes, @Nullable SummaryScheduler summaries) {
    this.server = server;
    this.wakes = wakes;
    this.summaries = summaries;
  }

  /**
   * Opens a gateway.
   *
   * @param socket where to listen; a socket that is there already is replaced, so the caller makes
   *     sure that no other broker listens on it. Its directory must exist
   * @param broker what the sessions talk to
   * @param workers runs the sessions' calls, which may block
   * @param timer runs their heartbeats
   * @param onStepDown called when a program of this user asks the broker to stop, such as a newer
   *     installation to make room for its own
   * @param pushesPerMinute the most messages pushed to one session in a minute; 0 for any number
   * @return an open gateway, which the caller closes
   * @throws PeersException if the socket cannot be had
   */
  public static Gateway open(
      Path socket,
      Broker broker,
      Executor workers,
      ScheduledExecutorService timer,
      Runnable onStepDown,
      int pushesPerMinute) {
    return open(socket, broker, workers, timer, onStepDown, pushesPerMinute, null, null, null);
  }

  /**
   * Opens a gateway that has summaries written.
   *
   * @param socket where to listen, as above
   * @param broker what the sessions talk to
   * @param workers runs the sessions' calls, which may block
   * @param timer runs their heartbeats
   * @param onStepDown called when a program of this user asks the broker to stop, such as a newer
   *     installation to make room for its own, and when the gateway cannot go on
   * @param pushesPerMinute the most messages pushed to one session in a minute; 0 for any number
   * @param summarizer describes each session after it has joined, and again when its branch has
   *     changed, on a thread of the gateway's; it stays the caller's. Null for none
   * @param host what this machine is called, for a broker on another one; null for a broker on this
   *     one, which knows
   * @param http where the broker's own HTTP server listens, for programs that speak HTTP over the
   *     socket; null if it has none
   * @return an open gateway, which the caller closes
   * @throws PeersException if the socket cannot be had
   */
  public static Gateway open(
      Path socket,
      Broker broker,
      Executor workers,
      ScheduledExecutorService timer,
      Runnable onStepDown,
      int pushesPerMinute,
      @Nullable Summarizer summarizer,
      @Nullable String host,
      @Nullable URI http) {
    ObjectMapper mapper = mapper();
    IdleSessionWaker wakes = new IdleSessionWaker(timer, workers);
    SummaryScheduler summaries =
        summarizer == null ? null : new SummaryScheduler(summarizer, timer);
    GatewayContext sessions =
        new GatewayContext(
            broker,
            timer,
            workers,
            new ConcurrentHashMap<>(),
            new CodexThreads(),
            wakes,
            mapper,
            pushesPerMinute,
            summaries,
            host);
    return new Gateway(
        LineServer.listen(
            socket,
            workers,
            connection ->
                new ConnectionDispatcher(
                    connection,
                    onStepDown,
                    () -> new GatewaySession(connection, sessions),
                    () -> new WaitingHook(connection, wakes),
                    () -> new HttpBridge(connection, http)),
            onStepDown),
        wakes,
        summaries);
  }

  /**
   * Whether no session is connected.
   *
   * @return true if nobody is
   */
  public boolean isIdle() {
    return server.isIdle();
  }

  /** Reads and writes the lines of sessions, with a limit on what strangers may send. */
  public static ObjectMapper mapper() {
    return new ObjectMapper(
        JsonFactory.builder()
            .streamReadConstraints(
                StreamReadConstraints.builder().maxNestingDepth(MAX_DEPTH).build())
            .build());
  }

  /** Hangs up on all sessions and removes the socket. Their relays look for another broker. */
  @Override
  public void close() {
    wakes.close();
    server.close();
    if (summaries != null) {
      summaries.close();
    }
  }

  /**
   * Gets ready what every session needs, for a while of 100 ms and more; of use on a thread beside
   * the rest of a start, and never needed.
   *
   * @param logReady waited for before the SDK does what it logs
   * @throws InterruptedException if the thread is interrupted while it waits
   */
  public static void warmUp(CountDownLatch logReady) throws InterruptedException {
    SdkPreload.run(mapper(), logReady);
  }
}
