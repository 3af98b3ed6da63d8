package dev.peers.mcp;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.peers.Arguments;
import dev.peers.Broker;
import dev.peers.PeersException;
import dev.peers.mcp.link.HttpBridge;
import dev.peers.mcp.link.LineServer;
import dev.peers.mcp.wake.IdleSessionWaker;
import dev.peers.mcp.wake.WaitingHook;
import dev.peers.spi.Summarizer;
import java.net.URI;
import java.nio.file.Path;
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
   * Begins a gateway.
   *
   * @param socket where to listen; a socket that is there already is replaced, so the caller makes
   *     sure that no other broker listens on it. Its directory must exist
   * @param broker what the sessions talk to
   * @return a builder, which needs executors
   */
  public static Builder builder(Path socket, Broker broker) {
    return new Builder(Arguments.required("socket", socket), Arguments.required("broker", broker));
  }

  /** What a gateway is opened with. Not thread-safe. */
  public static final class Builder {
    private final Path socket;
    private final Broker broker;
    private @Nullable Executor workers;
    private @Nullable ScheduledExecutorService timer;
    private Runnable onStepDown = () -> {};
    private int pushesPerMinute;
    private @Nullable Summarizer summarizer;
    private @Nullable String host;
    private @Nullable URI http;

    private Builder(Path socket, Broker broker) {
      this.socket = socket;
      this.broker = broker;
    }

    /**
     * Sets the executors, which stay the caller's. Both are needed.
     *
     * @param calls runs the sessions' calls, which may block
     * @param heartbeats runs their heartbeats
     * @return this
     */
    public Builder executors(Executor calls, ScheduledExecutorService heartbeats) {
      this.workers = Arguments.required("calls", calls);
      this.timer = Arguments.required("heartbeats", heartbeats);
      return this;
    }

    /**
     * Sets what to do when a newer installation asks the broker to make room for its own, or the
     * gateway cannot go on. Nothing, by default.
     *
     * @param action returns soon
     * @return this
     */
    public Builder onStepDown(Runnable action) {
      this.onStepDown = Arguments.required("action", action);
      return this;
    }

    /**
     * Bounds what is pushed into one agent's context.
     *
     * @param most the most messages pushed to one session in a minute; 0, the default, for any
     *     number
     * @return this
     */
    public Builder pushesPerMinute(int most) {
      this.pushesPerMinute = most;
      return this;
    }

    /**
     * Has sessions described after they have joined, and again when their branch has changed, on a
     * thread of the gateway's.
     *
     * @param describes stays the caller's; null, the default, for none
     * @return this
     */
    public Builder summarizer(@Nullable Summarizer describes) {
      this.summarizer = describes;
      return this;
    }

    /**
     * Names this host, for a broker on another one.
     *
     * @param name null, the default, for a broker on this host, which knows
     * @return this
     */
    public Builder host(@Nullable String name) {
      this.host = name;
      return this;
    }

    /**
     * Says where the broker's own HTTP server listens, for programs that speak HTTP over the
     * socket.
     *
     * @param server null, the default, if it has none
     * @return this
     */
    public Builder http(@Nullable URI server) {
      this.http = server;
      return this;
    }

    /**
     * Opens the gateway.
     *
     * @return an open gateway, which the caller closes
     * @throws PeersException if the socket cannot be had
     */
    public Gateway open() {
      Executor calls = Arguments.required("calls", workers);
      ScheduledExecutorService heartbeats = Arguments.required("heartbeats", timer);
      IdleSessionWaker wakes = new IdleSessionWaker(heartbeats, calls);
      SummaryScheduler summaries =
          summarizer == null ? null : new SummaryScheduler(summarizer, heartbeats);
      GatewayContext sessions =
          new GatewayContext(
              broker,
              heartbeats,
              calls,
              new SessionOwners(),
              wakes,
              mapper(),
              pushesPerMinute,
              summaries,
              host);
      LineServer server =
          LineServer.listen(
              socket,
              calls,
              connection ->
                  new ConnectionDispatcher(
                      connection,
                      onStepDown,
                      () -> new GatewaySession(connection, sessions),
                      () -> new WaitingHook(connection, wakes),
                      () -> new HttpBridge(connection, http)),
              onStepDown);
      return new Gateway(server, wakes, summaries);
    }
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
