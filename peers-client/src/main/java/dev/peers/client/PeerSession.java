package dev.peers.client;

import dev.peers.Batch;
import dev.peers.Broker;
import dev.peers.Draft;
import dev.peers.ErrorCode;
import dev.peers.Membership;
import dev.peers.Message;
import dev.peers.Peer;
import dev.peers.PeerId;
import dev.peers.PeerQuery;
import dev.peers.PeersException;
import dev.peers.Receipt;
import dev.peers.Registration;
import dev.peers.Scope;
import dev.peers.Subscription;
import dev.peers.Take;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A session that has joined a broker: it stays known by heartbeats, keeps the broker up to date on
 * where it works, sends, asks and receives, and leaves when it is closed.
 *
 * <p>Thread-safe, and as many as wanted in one JVM. What waits blocks its thread, which may be a
 * virtual one. It does not own the broker. Methods throw what {@link Broker} says, and {@link
 * ErrorCode#CLOSED} to those who wait while it is closed.
 *
 * @since 0.1
 */
public final class PeerSession implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(PeerSession.class.getName());

  /** How often a session says that it is there; a third of the time after which it is away. */
  static final Duration HEARTBEAT = Duration.ofSeconds(20);

  private final Broker broker;
  private final Supplier<Registration> context;
  private final AtomicBoolean closed = new AtomicBoolean();
  private final AtomicBoolean beating = new AtomicBoolean();
  private final Future<?> heartbeats;
  private final @Nullable ScheduledExecutorService ownTimer;
  private final Mail mail;
  private volatile Registration registered;
  private volatile Membership membership;

  private PeerSession(
      Broker broker,
      Supplier<Registration> context,
      ScheduledExecutorService timer,
      Executor executor,
      @Nullable ScheduledExecutorService ownTimer) {
    this.broker = broker;
    this.ownTimer = ownTimer;
    this.mail = new Mail(broker, this::id);
    this.context = context;
    this.registered = context.get();
    this.membership = broker.register(registered);
    this.heartbeats =
        timer.scheduleWithFixedDelay(
            () -> handOver(executor),
            HEARTBEAT.toMillis(),
            HEARTBEAT.toMillis(),
            TimeUnit.MILLISECONDS);
  }

  /**
   * Joins a broker. The session has one daemon thread of its own, for its heartbeats.
   *
   * @param broker where to join; it must stay open as long as the session
   * @param registration what to tell of the session; a session key of its own makes it a new peer,
   *     one that was used before the same peer again, with its mail
   * @return a joined session, which the caller closes
   */
  public static PeerSession join(Broker broker, Registration registration) {
    ScheduledThreadPoolExecutor timer =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread thread = new Thread(task, "peers-heartbeat");
              thread.setDaemon(true);
              return thread;
            });
    try {
      return new PeerSession(broker, () -> registration, timer, Runnable::run, timer);
    } catch (RuntimeException e) {
      timer.shutdownNow();
      throw e;
    }
  }

  /**
   * Joins a broker.
   *
   * @param broker where to join; it must stay open as long as the session
   * @param context what to tell of the session; asked again with each heartbeat, so that the broker
   *     learns of another branch, say
   * @param timer runs the heartbeats, which may block for as long as the broker takes
   * @return a joined session, which the caller closes
   */
  public static PeerSession join(
      Broker broker, Supplier<Registration> context, ScheduledExecutorService timer) {
    return join(broker, context, timer, Runnable::run);
  }

  /**
   * Joins a broker, as one of many sessions that share a timer.
   *
   * @param broker where to join; it must stay open as long as the session
   * @param context what to tell of the session; asked again with each heartbeat
   * @param timer says when a heartbeat is due, and is not held up by it
   * @param executor runs the heartbeats, which may block for as long as the broker takes
   * @return a joined session, which the caller closes
   */
  public static PeerSession join(
      Broker broker,
      Supplier<Registration> context,
      ScheduledExecutorService timer,
      Executor executor) {
    return new PeerSession(broker, context, timer, executor, null);
  }

  /**
   * The broker that was joined.
   *
   * @return the broker
   */
  public Broker broker() {
    return broker;
  }

  /**
   * Who this session is.
   *
   * @return the same id for the same session key
   */
  public PeerId id() {
    return membership.id();
  }

  /**
   * The name that was granted.
   *
   * @return the name, or empty if none was asked for
   */
  public Optional<String> name() {
    return membership.grantedName();
  }

  /**
   * What the broker was last told.
   *
   * @return the registration
   */
  public Registration registration() {
    return registered;
  }

  /**
   * Sends a message.
   *
   * @param to whose mailbox it goes to
   * @param text what it says
   * @return its receipt; the message is on disk
   */
  public Receipt send(PeerId to, String text) {
    return broker.send(Draft.of(id(), to, text));
  }

  /**
   * Lists the other active peers.
   *
   * @param scope where they work
   * @return a snapshot, without this session
   */
  public List<Peer> peers(Scope scope) {
    return broker.list(PeerQuery.active(scope.on(registered.workspace().host())).without(id()));
  }

  /**
   * Answers a message.
   *
   * @param message what is answered
   * @param text what it says
   * @return its receipt; the message is on disk
   */
  public Receipt reply(Message message, String text) {
    return broker.send(Draft.of(id(), message.from().id(), text).inReplyTo(message.id()));
  }

  /**
   * Asks a peer and waits for its answer: the first message that replies to the question. The
   * answer is delivered with that and goes to nobody else; one that comes later is mail like any
   * other.
   *
   * @param to who is asked
   * @param text the question
   * @param atMost how long to wait for the answer
   * @return the answer, or empty if none came in time
   * @throws InterruptedException if the thread is interrupted while it waits
   */
  public Optional<Message> ask(PeerId to, String text, Duration atMost)
      throws InterruptedException {
    return mail.ask(Draft.of(id(), to, text), atMost);
  }

  /**
   * Waits for the next message, oldest first. It is delivered when it is returned. A broker that
   * goes away meanwhile and comes back is waited for.
   *
   * @param atMost how long to wait; zero only looks
   * @return the message, or empty if none came in time
   * @throws InterruptedException if the thread is interrupted while it waits
   */
  public Optional<Message> receive(Duration atMost) throws InterruptedException {
    return mail.receive(atMost);
  }

  /**
   * Has each message handed over as it arrives, those that wait already first, one at a time. It is
   * delivered when the listener has returned; where it throws, the message comes again after a
   * minute.
   *
   * @param listener what to call, on a thread of the broker; it may take its time, and use this
   *     session
   * @return closes to end it
   */
  public Subscription onMessage(Consumer<Message> listener) {
    return mail.listen(listener);
  }

  /**
   * Takes mail. What is taken must be acknowledged within the lease.
   *
   * @param take how much and for how long
   * @return oldest first
   */
  public Batch take(Take take) {
    return broker.take(id(), take);
  }

  /**
   * Calls when there may be mail.
   *
   * @param wakeUp what to call; see {@link Broker#subscribe}
   * @return closes to end it
   */
  public Subscription onMail(Runnable wakeUp) {
    return mail.subscribe(wakeUp);
  }

  /**
   * Leaves the broker, and ends every wait and subscription of this session. The mailbox stays. A
   * broker that cannot be reached is not waited for.
   */
  @Override
  public void close() {
    if (!end()) {
      return;
    }
    try {
      broker.unregister(id());
    } catch (PeersException e) {
      LOG.log(System.Logger.Level.DEBUG, "{0} could not say goodbye: {1}", id(), e.getMessage());
    }
  }

  /**
   * Ends every wait and subscription of this session without leaving the broker, because another
   * session speaks for the peer, or will do so in a moment. Closing it afterwards does nothing.
   */
  public void detach() {
    end();
  }

  private boolean end() {
    if (!closed.compareAndSet(false, true)) {
      return false;
    }
    heartbeats.cancel(false);
    if (ownTimer != null) {
      ownTimer.shutdownNow();
    }
    mail.close();
    return true;
  }

  private void handOver(Executor executor) {
    // One that takes longer than until the next is not joined by another.
    if (beating.compareAndSet(false, true)) {
      try {
        executor.execute(this::beat);
      } catch (RejectedExecutionException e) {
        beating.set(false);
      }
    }
  }

  private void beat() {
    if (closed.get()) {
      beating.set(false);
      return;
    }
    try {
      Registration now = context.get();
      // One that has inherited its peer by its name learns in this way that it must give it back.
      if (now.equals(registered) && now.name() == null) {
        try {
          broker.heartbeat(id());
          return;
        } catch (PeersException e) {
          if (e.code() != ErrorCode.UNKNOWN_PEER) {
            throw e;
          }
        }
      }
      PeerId former = id();
      membership = broker.register(now);
      registered = now;
      if (!former.equals(id())) {
        LOG.log(System.Logger.Level.INFO, "{0} is {1} from now on", former, id());
        mail.move();
      }
      if (closed.get()) {
        broker.unregister(id());
      }
    } catch (RuntimeException e) {
      // The next beat tries again; what lasts is noticed where it matters, in a call.
      LOG.log(System.Logger.Level.DEBUG, "no heartbeat of {0}: {1}", id(), e.getMessage());
    } finally {
      beating.set(false);
    }
  }
}
