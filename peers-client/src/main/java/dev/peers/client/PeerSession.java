package dev.peers.client;

import static dev.peers.Arguments.required;

import dev.peers.Batch;
import dev.peers.Broker;
import dev.peers.ErrorCode;
import dev.peers.Message;
import dev.peers.OutgoingMessage;
import dev.peers.Peer;
import dev.peers.PeerId;
import dev.peers.PeerQuery;
import dev.peers.PeersException;
import dev.peers.Receipt;
import dev.peers.ReceiveRequest;
import dev.peers.Registration;
import dev.peers.RegistrationResult;
import dev.peers.Scope;
import dev.peers.Subscription;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
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
 * <p>Thread-safe, and as many as wanted in one JVM. Two that have the same session key are one peer
 * with one mailbox, and each leaves for itself: the peer is there as long as one of them is. What
 * waits blocks its thread, which may be a virtual one. It does not own the broker.
 *
 * <p>Methods throw what {@link Broker} says. A session that is closed, or whose broker is, refuses
 * every call with {@link ErrorCode#CLOSED}, ends every wait with it at once, and does nothing more
 * at the broker in its peer's name; it can still be asked who it was ({@link #id}, {@link #name},
 * {@link #registration}, {@link #broker}) and for its {@link #state}. While a broker elsewhere
 * cannot be reached, those who send are told so at once, with {@link ErrorCode#UNAVAILABLE}; those
 * who wait go on waiting until their time is over, and are told so then. An empty answer therefore
 * always means that the broker was asked and had nothing.
 *
 * @since 0.1
 */
public final class PeerSession implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(PeerSession.class.getName());

  /** How often a session says that it is there; a third of the time after which it is away. */
  static final Duration HEARTBEAT = Duration.ofSeconds(20);

  private final Broker broker;
  private final SessionLink link;
  private final Supplier<Registration> context;
  private final String instance = UUID.randomUUID().toString();
  private final AtomicBoolean beating = new AtomicBoolean();
  private final Future<?> heartbeats;
  private final @Nullable ScheduledExecutorService ownTimer;
  private final SessionMailbox mail;
  private volatile Registration registered;
  private volatile RegistrationResult membership;
  private volatile boolean detached;

  private PeerSession(
      Broker broker,
      Supplier<Registration> context,
      ScheduledExecutorService timer,
      Executor executor,
      @Nullable ScheduledExecutorService ownTimer) {
    this.broker = broker;
    this.ownTimer = ownTimer;
    this.link = new SessionLink(broker, this::end);
    this.mail = new SessionMailbox(link, this::id);
    this.context = context;
    this.registered = described();
    this.membership = broker.register(registered);
    try {
      this.heartbeats =
          timer.scheduleWithFixedDelay(
              () -> handOver(executor),
              HEARTBEAT.toMillis(),
              HEARTBEAT.toMillis(),
              TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      leave();
      throw new PeersException(
          ErrorCode.INVALID_ARGUMENT,
          "the timer takes no heartbeats, it was shut down; give one that runs as long as the"
              + " session",
          e);
    }
  }

  /** What the session tells of itself now, with what tells it from others of the same key. */
  private Registration described() {
    Registration now = required("registration", context.get());
    return now.instance() == null ? now.toBuilder().instance(instance).build() : now;
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
    required("broker", broker);
    required("registration", registration);
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
    return new PeerSession(
        required("broker", broker),
        required("context", context),
        required("timer", timer),
        required("executor", executor),
        null);
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
   * @return the registration; its instance is one that this session has made if it had none
   */
  public Registration registration() {
    return registered;
  }

  /**
   * Whether this session has its broker, as far as is known. That a remote broker is gone, or back,
   * is detected at once while a call waits or a listener is registered for mail, otherwise with the
   * next call or heartbeat, which comes every 20 seconds. That this session or its broker was
   * closed is detected by this method itself.
   *
   * @return the state
   */
  public SessionState state() {
    return link.state();
  }

  /**
   * Registers a listener for changes of the state. It is called for every change, in their order,
   * on a thread of this session that does nothing else, and never while another listener of this
   * session for its state is: it may block, and may use or close this session, but delays the
   * listeners after it. What it throws is logged, and later changes are delivered all the same.
   * Several listeners are independent; each is called for every change, in the order in which they
   * were registered. {@link SessionState#CLOSED} is the last change. The closing of a broker is
   * detected at once while a call waits, a listener is registered for mail, or {@link #state} is
   * called, otherwise with the next call or heartbeat.
   *
   * @param listener is called from now on; not for the present state, which {@link #state} tells
   * @return closes to end it
   */
  public Subscription onStateChange(Consumer<SessionState> listener) {
    required("listener", listener);
    return link.onChange(listener);
  }

  /**
   * Sends a message.
   *
   * @param to whose mailbox it goes to
   * @param text what it says
   * @return its receipt; the message is on disk
   */
  public Receipt send(PeerId to, String text) {
    return send(OutgoingMessage.of(id(), to, text));
  }

  /**
   * Lists the other active peers.
   *
   * @param scope where they work
   * @return a snapshot, without this session
   */
  public List<Peer> peers(Scope scope) {
    Scope here = required("scope", scope).onHost(registered.workspace().host());
    PeerQuery query = PeerQuery.active(here).without(id());
    return link.call(open -> open.list(query));
  }

  /**
   * Answers a message.
   *
   * @param message what is answered
   * @param text what it says
   * @return its receipt; the message is on disk
   */
  public Receipt reply(Message message, String text) {
    required("message", message);
    return send(OutgoingMessage.of(id(), message.from().id(), text).inReplyTo(message.id()));
  }

  private Receipt send(OutgoingMessage draft) {
    return link.call(open -> open.send(draft));
  }

  /**
   * Asks a peer and waits for its answer: the first message that replies to the question. The
   * answer is delivered with that and goes to nobody else; one that comes later is mail like any
   * other.
   *
   * @param to who is asked
   * @param text the question
   * @param atMost how long to wait for the answer; zero or less only sends and looks once, and
   *     nothing is too long
   * @return the answer, or empty if none came in time
   * @throws PeersException {@link ErrorCode#UNAVAILABLE} if the question could not be sent, or if
   *     the broker cannot be reached when the time is over; {@link ErrorCode#CLOSED} as soon as the
   *     session or its broker is closed
   * @throws InterruptedException if the thread is interrupted while it waits
   */
  public Optional<Message> ask(PeerId to, String text, Duration atMost)
      throws InterruptedException {
    return mail.ask(OutgoingMessage.of(id(), to, text), Deadline.in(atMost));
  }

  /**
   * Waits for the next message, oldest first. It is delivered when it is returned. A broker that
   * goes away meanwhile and comes back is waited for.
   *
   * @param atMost how long to wait; zero or less only looks, and nothing is too long
   * @return the message, or empty if none came in time
   * @throws PeersException {@link ErrorCode#UNAVAILABLE} if the broker cannot be reached when the
   *     time is over; {@link ErrorCode#CLOSED} as soon as the session or its broker is closed
   * @throws InterruptedException if the thread is interrupted while it waits
   */
  public Optional<Message> receive(Duration atMost) throws InterruptedException {
    return mail.receive(Deadline.in(atMost));
  }

  /**
   * Has each message handed over as it arrives, those that wait already first, one at a time. It is
   * delivered when the listener has returned; where it throws, the message comes again after a
   * minute. What it is at when the session is closed is delivered all the same when it returns.
   *
   * @param listener what to call, on a thread of the broker; it may take its time, and use this
   *     session
   * @return closes to end it
   */
  public Subscription onMessage(Consumer<Message> listener) {
    return mail.listen(required("listener", listener));
  }

  /**
   * Takes mail. What is taken must be acknowledged within the lease.
   *
   * @param take how much and for how long
   * @return oldest first
   */
  public Batch take(ReceiveRequest take) {
    required("take", take);
    return link.call(open -> open.receive(id(), take));
  }

  /**
   * Calls when there may be mail.
   *
   * @param wakeUp what to call; see {@link Broker#subscribe}
   * @return closes to end it
   */
  public Subscription onMail(Runnable wakeUp) {
    return mail.subscribe(required("wakeUp", wakeUp));
  }

  /**
   * Leaves the broker, and ends every wait and subscription of this session; harmless when
   * repeated. The mailbox stays, and so does the peer while another session with the same key is
   * there. A broker that cannot be reached is not waited for.
   */
  @Override
  public void close() {
    if (end()) {
      leave();
    }
  }

  /**
   * Ends every wait and subscription of this session without leaving the broker, because another
   * session speaks for the peer, or will do so in a moment. Closing it afterwards does nothing.
   */
  public void detach() {
    detached = true;
    end();
  }

  /** Ends all that the session does; false if it had ended. */
  private boolean end() {
    if (!link.close()) {
      return false;
    }
    heartbeats.cancel(false);
    if (ownTimer != null) {
      // A heartbeat that is under way is not broken off: it has to see that the session has left.
      ownTimer.shutdown();
    }
    mail.close();
    return true;
  }

  private void leave() {
    try {
      broker.unregister(id(), registered.instance());
    } catch (PeersException e) {
      LOG.log(System.Logger.Level.DEBUG, "{0} could not say goodbye: {1}", id(), e.getMessage());
    }
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
    if (link.state() == SessionState.CLOSED) {
      beating.set(false);
      return;
    }
    try {
      Registration now = described();
      // One that has inherited its peer by its name learns by registering that it must give it
      // back.
      if (!now.equals(registered) || now.name() != null || !isStillKnown()) {
        register(now);
      }
    } catch (RuntimeException e) {
      // The next beat tries again; what lasts is noticed where it matters, in a call.
      LOG.log(System.Logger.Level.DEBUG, "no heartbeat of {0}: {1}", id(), e.getMessage());
    } finally {
      beating.set(false);
      if (link.state() == SessionState.CLOSED && !detached) {
        // This heartbeat may have arrived after unregister.
        leave();
      }
    }
  }

  private boolean isStillKnown() {
    try {
      link.run(open -> open.heartbeat(id(), registered.instance()));
      return true;
    } catch (PeersException e) {
      if (e.code() == ErrorCode.UNKNOWN_PEER) {
        return false;
      }
      throw e;
    }
  }

  private void register(Registration now) {
    PeerId former = id();
    membership = link.call(open -> open.register(now));
    registered = now;
    if (!former.equals(id())) {
      LOG.log(System.Logger.Level.INFO, "{0} is {1} from now on", former, id());
      mail.move();
    }
  }
}
