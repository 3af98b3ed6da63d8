package dev.peers.store.sqlite;

import dev.peers.Delivery;
import dev.peers.ReceiveRequest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Offers that cannot be written, because the disk is full or does not take writes. They are made
 * all the same, so that mail can be read: an offer need not outlive the machine, and these do not
 * outlive the process. Acknowledgements cannot be written either; what is not acknowledged comes
 * again when its lease ends. Thread-safe.
 */
final class UnwrittenOffers {
  private final Object lock = new Object();
  // Guarded by lock; those whose lease has ended count attempts only.
  private final Map<Long, Offer> offers = new HashMap<>();

  private record Offer(int attempts, Instant until) {}

  /** Forgets all, once offers can be written again. */
  void clear() {
    synchronized (lock) {
      offers.clear();
    }
  }

  /**
   * Offers some of what waits in a mailbox.
   *
   * @param waiting undelivered messages, oldest first, as they stand in the store
   */
  List<Delivery> offer(List<MessageTable.Row> waiting, ReceiveRequest take, Instant now) {
    List<Delivery> taken = new ArrayList<>();
    int chars = 0;
    synchronized (lock) {
      for (MessageTable.Row row : waiting) {
        long id = row.message().id().value();
        @Nullable Offer before = offers.get(id);
        boolean leased = row.leased() || (before != null && before.until.isAfter(now));
        if (leased && take.policy() == ReceiveRequest.LeasePolicy.STOP_AT_LEASED) {
          break;
        }
        if (leased && take.policy() == ReceiveRequest.LeasePolicy.SKIP_LEASED) {
          continue;
        }
        chars += row.message().text().length();
        if (taken.size() == take.limit() || (chars > take.maxChars() && !taken.isEmpty())) {
          break;
        }
        int attempts = row.attempts() + (before == null ? 0 : before.attempts) + 1;
        taken.add(new Delivery(row.message(), attempts));
        offers.put(id, new Offer(attempts - row.attempts(), now.plus(take.lease())));
      }
    }
    return taken;
  }
}
