package dev.peers.broker;

import static dev.peers.Arguments.required;
import static dev.peers.Arguments.requiredAll;

import dev.peers.Batch;
import dev.peers.Broker;
import dev.peers.BrokerStatus;
import dev.peers.BuildInfo;
import dev.peers.ErrorCode;
import dev.peers.HistoryPage;
import dev.peers.HistoryQuery;
import dev.peers.Limits;
import dev.peers.MessageId;
import dev.peers.OutgoingMessage;
import dev.peers.Peer;
import dev.peers.PeerId;
import dev.peers.PeerQuery;
import dev.peers.PeersException;
import dev.peers.Position;
import dev.peers.Receipt;
import dev.peers.ReceiveRequest;
import dev.peers.Registration;
import dev.peers.RegistrationResult;
import dev.peers.SessionKey;
import dev.peers.Subscription;
import dev.peers.Summary;
import dev.peers.spi.BrokerStore;
import dev.peers.spi.SharedStore;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The engine: a broker in this process, over a store. It owns the store it was given and closes it.
 *
 * <p>Commit first, then tell: a message is in the store before its receiver is woken, and what a
 * wake-up finds is what the store says.
 *
 * @since 0.1
 */
public final class LocalBroker implements Broker {
  private static final System.Logger LOG = System.getLogger(LocalBroker.class.getName());

  private final BrokerStore store;
  private final RosterWriter rosterWriter;
  private final RosterSync rosterSync;
  private final Registrar registrar;
  private final PeerRegistry registry;
  private final InactivePeerRemoval forgetting;
  private final Mailboxes mailboxes;
  private final MailboxNotifier hub;
  private final @Nullable Cluster cluster;
  private final ExecutorService workers = BrokerExecutors.workers("peers-push");
  private final SendPipeline sends;
  private final ScheduledExecutorService timer = BrokerExecutors.timer("peers-housekeeping");
  private final AtomicBoolean closed = new AtomicBoolean();

  private LocalBroker(Builder builder) {
    store = builder.store;
    hub = new MailboxNotifier(workers);
    SharedStore shared = store instanceof SharedStore s ? s : null;
    InstantSource clock = shared == null ? builder.clock : shared.clock();
    BrokerLeases neighbours = shared == null ? null : new BrokerLeases(shared);
    if (neighbours != null) {
      neighbours.renew();
    }
    Roster roster =
        new Roster(store.peers(), clock, builder.ticker, hub::isWaiting, builder.host, neighbours);
    rosterWriter = new RosterWriter(roster, store);
    rosterSync = new RosterSync(roster, rosterWriter, store);
    registrar =
        new Registrar(roster, rosterWriter, rosterSync, builder.probe, new PeerIds(builder.random));
    registry = new PeerRegistry(roster, rosterWriter, rosterSync);
    forgetting = new InactivePeerRemoval(roster, rosterWriter, store, builder.limits.retention());
    mailboxes = new Mailboxes(store, clock, builder.limits);
    cluster =
        shared == null || neighbours == null
            ? null
            : Cluster.start(shared, neighbours, rosterSync, hub);
    sends =
        new SendPipeline(
            registry, mailboxes, new SendGuard(builder.limits, builder.ticker), this::tell);
    every(Duration.ofMinutes(10), this::housekeep);
    // A lease that ends makes no sound.
    every(Duration.ofSeconds(30), () -> hub.wakeAll(this::mayHaveMail));
  }

  /**
   * Starts a broker over a store.
   *
   * @param store an open store; the broker closes it
   * @return a builder with the defaults of the specification
   */
  public static Builder over(BrokerStore store) {
    return new Builder(store);
  }

  @Override
  public RegistrationResult register(Registration registration) {
    requireOpen();
    return registrar.register(required("registration", registration));
  }

  @Override
  public void heartbeat(PeerId id, @Nullable String instance) {
    requireOpen();
    required("id", id);
    registry.heartbeat(id, instance);
  }

  @Override
  public void addKey(PeerId id, SessionKey key) {
    requireOpen();
    required("id", id);
    required("key", key);
    registrar.addKey(id, key);
  }

  @Override
  public void unregister(PeerId id, @Nullable String instance) {
    requireOpen();
    required("id", id);
    registry.unregister(id, instance);
    forgetting.runAfterLeaving(id);
  }

  @Override
  public void forget(PeerId id) {
    requireOpen();
    required("id", id);
    registry.require(id);
    forgetting.runFor(id);
  }

  @Override
  public void setSummary(PeerId id, String text, Summary.Source source) {
    requireOpen();
    required("id", id);
    required("text", text);
    required("source", source);
    registry.summarize(id, text, source);
  }

  @Override
  public List<Peer> list(PeerQuery query) {
    requireOpen();
    return registry.list(required("query", query));
  }

  @Override
  public Optional<Peer> find(PeerId id) {
    requireOpen();
    return registry.find(required("id", id));
  }

  @Override
  public Receipt send(OutgoingMessage draft) {
    requireOpen();
    return sends.send(required("draft", draft));
  }

  @Override
  public CompletionStage<Receipt> sendAsync(OutgoingMessage draft) {
    try {
      requireOpen();
      return sends.sendAsync(required("draft", draft));
    } catch (PeersException e) {
      return CompletableFuture.failedStage(e);
    }
  }

  /** There is mail in the store for a peer. */
  private void tell(PeerId id) {
    forgetting.keep(id);
    hub.wake(id);
  }

  @Override
  public Batch receive(PeerId id, ReceiveRequest take) {
    requireOpen();
    required("id", id);
    required("take", take);
    registry.used(id);
    return mailboxes.receive(id, take);
  }

  @Override
  public Batch peek(PeerId id, Position after, int limit) {
    requireOpen();
    required("id", id);
    required("after", after);
    if (limit < 0 || limit > ReceiveRequest.MAX_LIMIT) {
      throw new PeersException(
          ErrorCode.INVALID_ARGUMENT,
          "limit " + limit + " is out of range; expected 0 to " + ReceiveRequest.MAX_LIMIT);
    }
    registry.require(id);
    return mailboxes.peek(id, after, limit);
  }

  @Override
  public void acknowledge(PeerId id, Collection<MessageId> messages) {
    requireOpen();
    required("id", id);
    List<MessageId> ids = requiredAll("messages", messages);
    registry.used(id);
    mailboxes.acknowledge(id, ids);
  }

  @Override
  public Optional<Receipt> receipt(MessageId id) {
    requireOpen();
    return mailboxes.receipt(required("id", id));
  }

  @Override
  public HistoryPage history(HistoryQuery query) {
    requireOpen();
    return mailboxes.history(required("query", query));
  }

  @Override
  public Subscription subscribe(PeerId id, Runnable wakeUp) {
    requireOpen();
    required("id", id);
    required("wakeUp", wakeUp);
    registry.require(id);
    Subscription subscription = hub.subscribe(id, wakeUp);
    try {
      rosterSync.publish(id);
      // Subscribed first, looked second: what came in between is seen by one or the other.
      if (mayHaveMail(id)) {
        hub.wake(id);
      }
    } catch (PeersException e) {
      LOG.log(System.Logger.Level.DEBUG, "{0} looks by itself: {1}", id, e.getMessage());
      hub.wake(id);
    }
    return subscription;
  }

  @Override
  public BrokerStatus status() {
    requireOpen();
    return new BrokerStatus(
        BuildInfo.version(),
        BrokerStatus.PROTOCOL,
        registry.activeCount(),
        ProcessHandle.current().pid());
  }

  @Override
  public void shutdown() {
    close();
  }

  @Override
  public boolean isClosed() {
    return closed.get();
  }

  /** Wakes listeners for the last time, writes what is in memory only, and closes the store. */
  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    // What is under way is written out, whoever is in a hurry.
    boolean interrupted = Thread.interrupted();
    timer.shutdownNow();
    if (cluster != null) {
      cluster.close();
    }
    // Waiting subscribers look, and find that the broker is closed.
    hub.wakeAll();
    workers.shutdown();
    try {
      if (!workers.awaitTermination(2, TimeUnit.SECONDS)) {
        wakeLate(workers.shutdownNow());
      }
    } catch (InterruptedException e) {
      wakeLate(workers.shutdownNow());
      interrupted = true;
    }
    try {
      rosterWriter.saveAll();
    } catch (PeersException e) {
      LOG.log(System.Logger.Level.WARNING, "could not write when peers were last seen", e);
    } finally {
      try {
        // Writes out what is under way, which is answered then.
        store.close();
      } finally {
        sends.close();
        if (interrupted) {
          Thread.currentThread().interrupt();
        }
      }
    }
  }

  /** Those whose turn has not come while listeners held up the workers are woken all the same. */
  private static void wakeLate(List<Runnable> wakeUps) {
    if (!wakeUps.isEmpty()) {
      Thread thread = new Thread(() -> wakeUps.forEach(Runnable::run), "peers-push-last");
      thread.setDaemon(true);
      thread.start();
    }
  }

  private void every(Duration period, Runnable work) {
    // The first round comes soon, but not during the start.
    long first = Math.min(period.toSeconds(), 60);
    var unused = timer.scheduleWithFixedDelay(work, first, period.toSeconds(), TimeUnit.SECONDS);
  }

  /** Nobody is woken for nothing: who looks for mail has done something. */
  private boolean mayHaveMail(PeerId id) {
    try {
      return mailboxes.peek(id, Position.START, 0).remaining() > 0;
    } catch (PeersException e) {
      LOG.log(System.Logger.Level.DEBUG, "{0} looks by itself: {1}", id, e.getMessage());
      return true;
    }
  }

  /** Expires, purges and forgets what is due; what fails is reported and tried again. */
  void housekeep() {
    try {
      mailboxes.housekeep();
      forgetting.run();
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.WARNING, "housekeeping failed; the next round tries again", e);
    }
  }

  private void requireOpen() {
    if (closed.get()) {
      throw new PeersException(ErrorCode.CLOSED, "this broker was closed");
    }
  }

  /** Builds brokers; not thread-safe. */
  public static final class Builder {
    private final BrokerStore store;
    private Limits limits = Limits.DEFAULT;
    private InstantSource clock = InstantSource.tick(InstantSource.system(), Duration.ofMillis(1));
    private LongSupplier ticker = System::nanoTime;
    private ProcessProbe probe = ProcessProbe.ofSystem();
    private RandomGenerator random = new SecureRandom();
    private @Nullable String host;

    private Builder(BrokerStore store) {
      this.store = required("store", store);
    }

    /**
     * Sets what is allowed.
     *
     * @param limits the limits; {@link Limits#DEFAULT} if not set
     * @return this
     */
    public Builder limits(Limits limits) {
      this.limits = required("limits", limits);
      return this;
    }

    /**
     * Names the machine. Peers that do not say where they are are on it.
     *
     * @param host the name, which no other broker on the same store has for another machine; null,
     *     which a store that is shared does not allow, for no name
     * @return this
     */
    public Builder host(@Nullable String host) {
      this.host = host;
      return this;
    }

    /**
     * Sets the clocks.
     *
     * @param clock the time of day, for what people and the store read; a shared store's own clock
     *     takes its place
     * @param ticker nanoseconds that only grow and stand still while the machine sleeps, for
     *     presence and rates
     * @return this
     */
    public Builder clock(InstantSource clock, LongSupplier ticker) {
      this.clock = required("clock", clock);
      this.ticker = required("ticker", ticker);
      return this;
    }

    /**
     * Sets how processes are looked at.
     *
     * @param probe the probe; the operating system if not set
     * @return this
     */
    public Builder probe(ProcessProbe probe) {
      this.probe = required("probe", probe);
      return this;
    }

    /**
     * Sets where the random part of ids comes from.
     *
     * @param random the source
     * @return this
     */
    public Builder random(RandomGenerator random) {
      this.random = required("random", random);
      return this;
    }

    /**
     * Starts the broker.
     *
     * @return a running broker, which the caller closes
     * @throws PeersException {@link ErrorCode#STORE_FAILED} if the store cannot be read, {@link
     *     ErrorCode#INVALID_ARGUMENT} if it is shared and the machine has no name
     */
    public LocalBroker build() {
      if (host == null && store instanceof SharedStore) {
        throw new PeersException(
            ErrorCode.INVALID_ARGUMENT, "a store that brokers share wants the machine's name");
      }
      return new LocalBroker(this);
    }
  }
}
