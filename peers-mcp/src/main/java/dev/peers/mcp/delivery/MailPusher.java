package dev.peers.mcp.delivery;

import dev.peers.Batch;
import dev.peers.Delivery;
import dev.peers.PeersException;
import dev.peers.Position;
import dev.peers.ReceiveRequest;
import dev.peers.Subscription;
import dev.peers.client.PeerSession;
import java.io.IOException;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Pushes mail to an agent as it arrives. A push is an offer: nobody answers it, and the session may
 * not show it. It proves nothing, so the message stays undelivered under a lease.
 */
public final class MailPusher implements AutoCloseable {
  /** How a push reaches the session. Its methods do not wait. */
  interface Way {
    /**
     * Offers a message, which may have been offered before.
     *
     * @param position where to go on behind it
     */
    void offer(Delivery delivery, Position position) throws IOException;

    /** Says how many wait that are not pushed. */
    void remind(int waiting) throws IOException;
  }

  private static final System.Logger LOG = System.getLogger(MailPusher.class.getName());
  private static final int BATCH = 20;

  private static final int MAX_CHARS = 100_000;
  private static final long REMINDER_NANOS = Duration.ofMinutes(1).toNanos();

  private final PeerSession session;
  private final Way way;
  private final TokenBucket budget;
  private final LongSupplier ticker;
  private final Duration grace;
  private final Subscription subscription;

  // What follows is for push() alone, which is called by one thread at a time.
  // Whether what is under a lease is offered too: until nothing is left of what was there before.
  private boolean first;
  // Nothing is pushed twice: what stays without a proof is for other routes.
  private Position last;
  private boolean reminded;
  private long remindedAt;

  private MailPusher(
      PeerSession session,
      Way way,
      Position pushed,
      Duration grace,
      int pushesPerMinute,
      LongSupplier ticker) {
    this.session = session;
    this.way = way;
    this.last = pushed;
    this.budget = new TokenBucket(pushesPerMinute, ticker);
    this.ticker = ticker;
    this.grace = grace;
    this.first = mayHaveOffered(session, pushed);
    this.subscription = session.onMail(this::push);
  }

  /**
   * Starts pushing what is there and what comes. What was offered before, to an agent that was
   * restarted or by a broker that is gone, is offered again.
   *
   * @param pushed the last message that has reached this agent, whose push is not repeated
   * @param grace how long a push waits for a proof before other routes may deliver its message
   * @param pushesPerMinute the most pushes in a minute, 0 for any number; what is beyond them is
   *     summed up
   * @param ticker nanoseconds
   */
  public static MailPusher open(
      PeerSession session,
      Way way,
      Position pushed,
      Duration grace,
      int pushesPerMinute,
      LongSupplier ticker) {
    return new MailPusher(session, way, pushed, grace, pushesPerMinute, ticker);
  }

  @Override
  public void close() {
    subscription.close();
  }

  /**
   * Whether there is mail that somebody may have offered before. What comes later is new: under a
   * lease it is in an answer to this very agent, which must not get it twice.
   */
  private static boolean mayHaveOffered(PeerSession session, Position pushed) {
    try {
      return session.broker().peek(session.id(), pushed, 0).remaining() > 0;
    } catch (PeersException e) {
      return true;
    }
  }

  private void push() {
    try {
      Batch batch;
      do {
        int room = budget.room(BATCH);
        if (room == 0) {
          remind();
          return;
        }
        ReceiveRequest take =
            first ? ReceiveRequest.undelivered(room, grace) : ReceiveRequest.queued(room, grace);
        // Until it is known what came of it: an answer that is lost may have taken something.
        boolean all = first;
        first = true;
        batch = session.take(take.atMostChars(MAX_CHARS).after(last));
        first = all && !batch.isEmpty();
        for (Delivery delivery : batch.deliveries()) {
          last = batch.after(delivery);
          budget.spend(1);
          way.offer(delivery, last);
        }
      } while (!batch.isEmpty());
    } catch (IOException | PeersException e) {
      LOG.log(System.Logger.Level.DEBUG, "no push to {0}: {1}", session.id(), e.getMessage());
    }
  }

  /** Says, at most once a minute, how much is waiting that is not pushed. */
  private void remind() throws IOException {
    int waiting = session.broker().peek(session.id(), last, 0).remaining();
    long now = ticker.getAsLong();
    if (waiting == 0 || (reminded && now - remindedAt < REMINDER_NANOS)) {
      return;
    }
    reminded = true;
    remindedAt = now;
    way.remind(waiting);
  }
}
