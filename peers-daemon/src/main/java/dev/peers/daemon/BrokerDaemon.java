package dev.peers.daemon;

import dev.peers.Arguments;
import dev.peers.Broker;
import dev.peers.BuildInfo;
import dev.peers.ErrorCode;
import dev.peers.PeersException;
import dev.peers.broker.BrokerExecutors;
import dev.peers.broker.LocalBroker;
import dev.peers.local.BrokerInfo;
import dev.peers.local.BrokerLock;
import dev.peers.local.IoReason;
import dev.peers.local.PrivateFiles;
import dev.peers.local.SideFiles;
import dev.peers.mcp.Gateway;
import dev.peers.spi.BrokerEndpoint;
import dev.peers.spi.BrokerServer;
import dev.peers.spi.BrokerStore;
import dev.peers.spi.ClientConfig;
import dev.peers.spi.ServerConfig;
import dev.peers.spi.ServerProvider;
import dev.peers.spi.StoreConfig;
import dev.peers.spi.StoreProvider;
import dev.peers.spi.TransportProvider;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A running broker: store, engine, gateway and HTTP server, under the lock that makes it the only
 * one on its database.
 */
public final class BrokerDaemon implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(BrokerDaemon.class.getName());
  private static final int LOCK_TRIES = 100;

  private final CountDownLatch stopRequested = new CountDownLatch(1);
  private final Object lock = new Object();
  // Guarded by lock: what to close, last opened first.
  private final Deque<AutoCloseable> open = new ArrayDeque<>();
  private @Nullable URI address;

  private BrokerDaemon() {}

  /**
   * Starts the broker that {@code peers broker} is, within this program: sessions of agents, other
   * programs and commands find it by the files beside its database. The stores, transports and
   * summarizers are those on the class path, and of {@code CLAUDE_PEERS_WITH}.
   *
   * @param environment the variables that docs/configuration.md names, such as {@code
   *     CLAUDE_PEERS_DB} and {@code CLAUDE_PEERS_PORT}; usually {@link System#getenv()}
   * @return a running broker, which the caller closes
   * @throws PeersException {@link ErrorCode#INVALID_ARGUMENT} for a setting that makes no sense;
   *     {@link ErrorCode#UNAVAILABLE} if another broker runs on the database, or the port or a file
   *     cannot be used; {@link ErrorCode#PROVIDER_UNAVAILABLE} if a provider is missing
   */
  public static BrokerDaemon start(Map<String, String> environment) {
    return start(Config.of(Arguments.required("environment", environment)));
  }

  /**
   * Starts a broker.
   *
   * @param config its settings
   * @return a running broker, which the caller closes
   * @throws PeersException if another broker runs on the database, or a part cannot be had
   */
  public static BrokerDaemon start(Config config) {
    BrokerDaemon daemon = new BrokerDaemon();
    try {
      daemon.open(config);
      return daemon;
    } catch (RuntimeException e) {
      daemon.close();
      throw e;
    }
  }

  /**
   * Returns where the broker serves over HTTP, or, with {@code CLAUDE_PEERS_URL}, the broker
   * elsewhere.
   *
   * @return an address with scheme, host and port
   */
  public URI address() {
    return Objects.requireNonNull(address);
  }

  /** Has a signal that ends the process stop the broker first. */
  public void stopWithProcess() {
    Runtime.getRuntime().addShutdownHook(new Thread(this::close, "peers-stop"));
  }

  /** Gets ready for the first messages, once the start is over; for a broker that stays. */
  public void rehearse(Config config) {
    synchronized (lock) {
      open.push(JitWarmUp.soon(config));
    }
  }

  /**
   * Waits until a command or a newer installation asks the broker to stop, or it was closed. It is
   * the caller that closes it then.
   *
   * @throws InterruptedException if the thread is interrupted while it waits
   */
  public void awaitStopRequest() throws InterruptedException {
    stopRequested.await();
  }

  /** Stops the broker and waits until its files are free. Harmless when repeated. */
  @Override
  public void close() {
    stopRequested.countDown();
    synchronized (lock) {
      while (!open.isEmpty()) {
        try {
          open.pop().close();
        } catch (Exception e) {
          LOG.log(System.Logger.Level.WARNING, "the broker did not stop cleanly", e);
        }
      }
    }
  }

  private void open(Config config) {
    synchronized (lock) {
      requireOurs(config);
      BrokerLock running = acquire(config);
      open.push(running);
      Plugins plugins = Plugins.of(config.plugins());
      open.push(plugins);
      SummarizerChain summaries = SummarizerChain.of(config, plugins);
      if (summaries != null) {
        open.push(summaries);
      }
      ScheduledExecutorService timer = BrokerExecutors.timer("peers-heartbeat");
      open.push(() -> stop(timer));

      URI url = config.url();
      Broker broker;
      BrokerToken token = null;
      if (url == null) {
        // First, so that a wrong name leaves no database behind.
        ServerProvider servers =
            plugins.named(ServerProvider.class, "CLAUDE_PEERS_TRANSPORT", config.transport());
        broker = local(config, plugins);
        open.push(broker);
        token = config.authenticated() ? new BrokerToken(config.files().token()) : null;
        BrokerServer server =
            serve(
                servers,
                broker,
                new ServerConfig(
                    config.host(),
                    config.port(),
                    token,
                    token == null ? null : TokenFile.readOrMake(config.files().keys()),
                    stopRequested::countDown),
                new LostPort(config, BrokerInfo.read(running.channel()).orElse(null)));
        open.push(server);
        address = server.address();
      } else {
        broker = connect(config, url, plugins);
        open.push(broker);
        address = url;
      }
      describe(running, address, config);
      every(timer, guard(running, token));

      ExecutorService workers = BrokerExecutors.workers("peers-session");
      open.push(() -> stop(workers));
      makeSocketDirectory(config);
      Gateway gateway =
          Gateway.builder(config.files().socket(), broker)
              .executors(workers, timer)
              .onStepDown(stopRequested::countDown)
              .pushesPerMinute(config.limits().messagesPerMinute())
              .summarizer(summaries)
              .host(url == null ? null : config.machine())
              .http(url == null ? address : null)
              .open();
      open.push(gateway);
      if (url != null) {
        every(timer, new IdleShutdown(gateway::isIdle, stopRequested::countDown));
      }
    }
    LOG.log(
        System.Logger.Level.INFO,
        config.url() == null
            ? "Peers {0}, process {1}, serves {2} at {3}"
            : "Peers {0}, process {1}, connects sessions to {3}",
        BuildInfo.version(),
        Long.toString(ProcessHandle.current().pid()),
        config.files().database(),
        address);
  }

  private static Broker local(Config config, Plugins plugins) {
    StoreProvider stores = plugins.named(StoreProvider.class, "CLAUDE_PEERS_STORE", config.store());
    return LocalBroker.over(openStore(stores, config.storeConfig()))
        .limits(config.limits())
        .host(config.machine())
        .build();
  }

  /** A broker elsewhere: this process is but the gateway to it. */
  private static Broker connect(Config config, URI url, Plugins plugins) {
    TransportProvider transports =
        plugins.named(TransportProvider.class, "CLAUDE_PEERS_TRANSPORT", config.transport());
    ClientConfig client =
        new ClientConfig(() -> new BrokerEndpoint(url, config.remoteToken().orElse(null), false));
    return Plugins.call(transports, ErrorCode.UNAVAILABLE, () -> transports.connect(client));
  }

  private static BrokerServer serve(
      ServerProvider servers, Broker broker, ServerConfig config, LostPort lost) {
    try {
      return Plugins.call(servers, ErrorCode.UNAVAILABLE, () -> servers.serve(broker, config));
    } catch (PeersException e) {
      lost.rotateIfTaken();
      throw e;
    }
  }

  private static void every(ScheduledExecutorService timer, Runnable look) {
    var unused = timer.scheduleWithFixedDelay(look, 5, 5, TimeUnit.SECONDS);
  }

  /** Files that are removed behind a running broker are made again, but for the lock. */
  private Runnable guard(BrokerLock running, @Nullable BrokerToken token) {
    return () -> {
      if (!running.isInPlace()) {
        LOG.log(
            System.Logger.Level.ERROR,
            "the lock file was removed; this broker stops, since another may start beside it");
        stopRequested.countDown();
      } else if (token != null) {
        token.restore();
      }
    };
  }

  /** Before and after: what others put there meanwhile is not used. */
  private static BrokerStore openStore(StoreProvider stores, StoreConfig config) {
    requireOwn(config.database());
    BrokerStore store = Plugins.call(stores, ErrorCode.STORE_FAILED, () -> stores.open(config));
    try {
      requireOwn(config.database());
      return store;
    } catch (PeersException e) {
      store.close();
      throw e;
    }
  }

  private static void requireOwn(Path database) {
    try {
      for (String side : new String[] {"", "-wal", "-shm", "-journal"}) {
        Path file = database.resolveSibling(database.getFileName() + side);
        PrivateFiles.requireOwn(file);
        PrivateFiles.requireRegular(file);
      }
    } catch (IOException e) {
      throw new PeersException(ErrorCode.STORE_FAILED, IoReason.of(e), e);
    }
  }

  private static void requireOurs(Config config) {
    try {
      SideFiles.requireOurs(config.files());
    } catch (IOException e) {
      throw new PeersException(ErrorCode.UNAVAILABLE, IoReason.of(e), e);
    }
  }

  /** A broker that is just ending keeps its lock for a moment. */
  private static BrokerLock acquire(Config config) {
    try {
      for (int i = 0; i < LOCK_TRIES; i++) {
        BrokerLock running = BrokerLock.running(config.files().lock());
        if (running != null) {
          return running;
        }
        Thread.sleep(10);
      }
    } catch (IOException e) {
      throw new PeersException(
          ErrorCode.UNAVAILABLE,
          "the lock file cannot be opened: "
              + IoReason.of(e)
              + ". Check the directory's owner and mode, or set CLAUDE_PEERS_DB to another path",
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    String who =
        BrokerInfo.read(config.files().lock())
            .map(card -> " (process " + card.pid() + " at " + card.address() + ")")
            .orElse("");
    throw new AlreadyRunning(
        "a broker for "
            + config.files().database()
            + " is running already"
            + who
            + "; stop it with 'peers kill-broker'");
  }

  private static void describe(BrokerLock running, URI address, Config config) {
    try {
      new BrokerInfo(
              ProcessHandle.current().pid(),
              address,
              BuildInfo.version(),
              config.files().socket(),
              config.url() == null && !config.authenticated())
          .write(running.channel());
    } catch (IOException e) {
      throw new PeersException(
          ErrorCode.UNAVAILABLE, "the lock file cannot be written: " + IoReason.of(e), e);
    }
  }

  private static void makeSocketDirectory(Config config) {
    try {
      PrivateFiles.makeDirectory(config.files().socket().getParent());
    } catch (IOException e) {
      throw new PeersException(
          ErrorCode.UNAVAILABLE, "the socket's directory cannot be made: " + IoReason.of(e), e);
    }
  }

  private static void stop(ExecutorService executor) throws InterruptedException {
    executor.shutdown();
    if (!executor.awaitTermination(2, TimeUnit.SECONDS)) {
      executor.shutdownNow();
    }
  }

  /** Another broker holds the lock, which for one that starts on demand is as good. */
  static final class AlreadyRunning extends PeersException {
    private static final long serialVersionUID = 1L;

    AlreadyRunning(String message) {
      super(ErrorCode.UNAVAILABLE, message);
    }
  }
}
