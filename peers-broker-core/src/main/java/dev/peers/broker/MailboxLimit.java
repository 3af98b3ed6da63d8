package dev.peers.broker;

import dev.peers.ErrorCode;
import dev.peers.PeerId;
import dev.peers.PeersException;
import dev.peers.spi.BrokerStore;
import dev.peers.spi.SharedStore;
import java.time.Instant;
import java.util.Map;

/**
 * Keeps mailboxes from growing without end. Between two counts a mailbox holds at most what it held
 * then and what was let in since, so most sends need no count. Where other brokers write to the
 * same store, each does. Thread-safe.
 */
final class MailboxLimit {
  private final BrokerStore store;
  private final int max;
  private final boolean alone;
  private final Object lock = new Object();
  // Guarded by lock.
  private final Map<PeerId, Integer> atMost = new LruMap<>();

  /**
   * Makes a limit.
   *
   * @param max the most messages that a mailbox holds; 0 for any number
   */
  MailboxLimit(BrokerStore store, int max) {
    this.store = store;
    this.max = max;
    this.alone = !(store instanceof SharedStore);
  }

  /** Lets a message into a mailbox, or refuses it because that is full. */
  void admit(PeerId mailbox, Instant now) {
    if (max == 0 || surelyHasRoom(mailbox)) {
      return;
    }
    int unread = store.peek(mailbox, 0, 0, now).remaining();
    if (unread >= max) {
      throw new PeersException(
          ErrorCode.MAILBOX_FULL,
          "peer '"
              + mailbox
              + "' has "
              + unread
              + " unread messages, the most a mailbox holds is "
              + max
              + "; try again when it has read some");
    }
    synchronized (lock) {
      // Whom others let in meanwhile this count may have missed.
      atMost.merge(
          mailbox,
          unread + 1,
          (most, counted) -> most < max ? Math.max(most + 1, counted) : counted);
    }
  }

  private boolean surelyHasRoom(PeerId mailbox) {
    if (!alone) {
      return false;
    }
    synchronized (lock) {
      Integer most = atMost.get(mailbox);
      if (most == null || most >= max) {
        return false;
      }
      atMost.put(mailbox, most + 1);
      return true;
    }
  }
}
