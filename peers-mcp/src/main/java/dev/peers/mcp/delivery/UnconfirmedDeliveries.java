package dev.peers.mcp.delivery;

import dev.peers.Batch;
import dev.peers.Delivery;
import dev.peers.PeersException;
import dev.peers.Position;
import dev.peers.ReceiveRequest;
import dev.peers.client.PeerSession;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Mail that one session's answers carry. It is delivered when the relay has written the answer to
 * the agent, and stays what it was when the agent has no more use for the answer, or nothing is
 * heard of it until the lease ends. Thread-safe.
 */
public final class UnconfirmedDeliveries {
  private static final System.Logger LOG = System.getLogger(UnconfirmedDeliveries.class.getName());

  private final PeerSession session;
  private final LongSupplier ticker;
  private final Object lock = new Object();
  // Guarded by lock: what the agent is not yet known to have, by the request that was answered.
  private final Map<Object, Handover> unproven = new HashMap<>();

  private record Handover(Batch batch, long end) {}

  /**
   * Starts with nothing under way.
   *
   * @param ticker nanoseconds
   */
  public UnconfirmedDeliveries(PeerSession session, LongSupplier ticker) {
    this.session = session;
    this.ticker = ticker;
  }

  /** Takes mail for the answer to a request, once for each. */
  public Batch take(Object requestId, ReceiveRequest take) {
    Batch batch = session.take(take);
    if (!batch.isEmpty()) {
      long end = ticker.getAsLong() + take.lease().toNanos();
      synchronized (lock) {
        unproven.put(requestId, new Handover(batch, end));
      }
    }
    return batch;
  }

  /** Behind all that is under way to the agent. */
  public Position last() {
    long now = ticker.getAsLong();
    synchronized (lock) {
      unproven.values().removeIf(handover -> handover.end - now <= 0);
      Position last = Position.START;
      for (Handover handover : unproven.values()) {
        for (Delivery delivery : handover.batch.deliveries()) {
          Position position = handover.batch.after(delivery);
          last = position.id() > last.id() ? position : last;
        }
      }
      return last;
    }
  }

  /** The answer to a request is with the agent. */
  public void written(Object requestId) {
    Handover handover;
    synchronized (lock) {
      handover = unproven.remove(requestId);
    }
    if (handover != null) {
      try {
        session.broker().acknowledge(session.id(), handover.batch.ids());
      } catch (PeersException e) {
        // It comes again, marked as a repeat.
        LOG.log(System.Logger.Level.DEBUG, "no proof for {0}: {1}", session.id(), e.getMessage());
      }
    }
  }

  /** The agent does not get the answer to a request, or does not wait for it any more. */
  public void cancelled(Object requestId) {
    synchronized (lock) {
      unproven.remove(requestId);
    }
  }
}
