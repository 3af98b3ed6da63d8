package dev.peers.client;

import dev.peers.Batch;
import dev.peers.Broker;
import dev.peers.Draft;
import dev.peers.ErrorCode;
import dev.peers.Membership;
import dev.peers.PeerId;
import dev.peers.PeersException;
import dev.peers.Receipt;
import dev.peers.Registration;
import dev.peers.Subscription;
import dev.peers.Take;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/**
 * A session that has joined a broker: it stays known by heartbeats, keeps the broker up to date on
 * where it works, and leaves when it is closed.
 *
 * <p>Thread-safe. It owns neither the broker nor the timer.
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
  private final Future<?> heartbeats;
  private volatile Registration registered;
  private volatile Membership membership;

  private PeerSession(
      Broker broker, Supplier<Registration> context, ScheduledExecutorService timer) {
    this.broker = broker;
    this.context = context;
    this.registered = context.get();
    this.membership = broker.register(registered);
    this.heartbeats =
        timer.scheduleWithFixedDelay(
            this::beat, HEARTBEAT.toMillis(), HEARTBEAT.toMillis(), TimeUnit.MILLISECONDS);
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
    return new PeerSession(broker, context, timer);
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
    return broker.subscribe(id(), wakeUp);
  }

  /** Leaves the broker. The mailbox stays. A broker that cannot be reached is not waited for. */
  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    heartbeats.cancel(false);
    try {
      broker.unregister(id());
    } catch (PeersException e) {
      LOG.log(System.Logger.Level.DEBUG, "{0} could not say goodbye: {1}", id(), e.getMessage());
    }
  }

  private void beat() {
    if (closed.get()) {
      return;
    }
    try {
      Registration now = context.get();
      if (now.equals(registered)) {
        try {
          broker.heartbeat(id());
          return;
        } catch (PeersException e) {
          if (e.code() != ErrorCode.UNKNOWN_PEER) {
            throw e;
          }
        }
      }
      membership = broker.register(now);
      registered = now;
      if (closed.get()) {
        broker.unregister(id());
      }
    } catch (RuntimeException e) {
      // The next beat tries again; what lasts is noticed where it matters, in a call.
      LOG.log(System.Logger.Level.DEBUG, "no heartbeat of {0}: {1}", id(), e.getMessage());
    }
  }
}
