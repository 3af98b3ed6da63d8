package dev.peers.broker;

import dev.peers.ErrorCode;
import dev.peers.Limits;
import dev.peers.MessageId;
import dev.peers.OutgoingMessage;
import dev.peers.PeerId;
import dev.peers.PeersException;
import java.time.Duration;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Refuses what would flood others: a sender that is too fast, two peers that are too fast together,
 * and agents that answer each other for ever. The last are slowed first and stopped in the end.
 */
final class SendGuard {
  private static final Duration SLOW = Duration.ofSeconds(10);

  private final Object lock = new Object();
  // All guarded by lock.
  private final RateLimiter<PeerId> senders;
  private final RateLimiter<PeerPair> pairs;
  private final Conversations conversations;

  SendGuard(Limits limits, LongSupplier ticker) {
    senders = new RateLimiter<>(limits.messagesPerMinute(), ticker);
    pairs = new RateLimiter<>(limits.messagesPerMinute(), ticker);
    conversations = new Conversations(limits.repliesPerHour(), ticker);
  }

  /** Lets a draft pass, or says which limit it meets and when to go on. */
  void admit(OutgoingMessage draft) {
    synchronized (lock) {
      PeerPair pair = PeerPair.of(draft);
      requireOriginal(draft, conversations.look(draft));
      requireReady(
          senders.untilReady(draft.from()),
          () -> "peer '" + draft.from() + "' sends more than " + senders.perMinute() + " messages");
      requireReady(
          pairs.untilReady(pair),
          () ->
              "peers '"
                  + pair.one()
                  + "' and '"
                  + pair.other()
                  + "' send each other more than "
                  + pairs.perMinute()
                  + " messages");
      senders.spend(draft.from());
      pairs.spend(pair);
    }
  }

  /** A draft was stored under this id. */
  void sent(OutgoingMessage draft, MessageId id) {
    synchronized (lock) {
      conversations.add(draft, id);
    }
  }

  private static void requireReady(Duration wait, Supplier<String> what) {
    if (!wait.isZero()) {
      throw PeersException.retryLater(
          ErrorCode.RATE_LIMITED,
          what.get()
              + " a minute; this guards against agents that answer each other for ever. Try again"
              + " in "
              + seconds(wait)
              + " s, and send less",
          wait);
    }
  }

  private static void requireOriginal(OutgoingMessage draft, Conversations.Look look) {
    Duration early = SLOW.minus(look.sinceLast());
    if (!look.untilRoom().isZero()) {
      throw PeersException.retryLater(
          ErrorCode.LOOP_DETECTED,
          which(draft, look)
              + ". Agents that only answer each other are stopped here: do not try again, finish"
              + " your work or ask your user. The next answer is taken in "
              + seconds(look.untilRoom())
              + " s",
          look.untilRoom());
    }
    if (look.turns() >= look.most() / 2 && early.compareTo(Duration.ZERO) > 0) {
      throw PeersException.retryLater(
          ErrorCode.RATE_LIMITED,
          which(draft, look)
              + ". It looks like a loop and is slowed: answer only if there is something new to"
              + " say, in "
              + seconds(early)
              + " s at the earliest",
          early);
    }
  }

  private static String which(OutgoingMessage draft, Conversations.Look look) {
    return "this would be answer "
        + (look.turns() + 1)
        + " within an hour in a conversation of '"
        + draft.from()
        + "' and '"
        + draft.to()
        + (look.chain() ? "' and others" : "'")
        + ", the most is "
        + look.most();
  }

  private static long seconds(Duration duration) {
    return Math.max(1, (duration.toMillis() + 999) / 1_000);
  }
}
