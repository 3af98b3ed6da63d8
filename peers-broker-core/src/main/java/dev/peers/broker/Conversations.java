package dev.peers.broker;

import dev.peers.MessageId;
import dev.peers.OutgoingMessage;
import dev.peers.PeerId;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Counts the answers of the last hour: how often two peers took turns, and how long the chains of
 * messages are in which each answers the one before. A chain leads through any number of peers;
 * turns are seen even where agents do not say what they answer. Guarded by its owner; it remembers
 * the most recent ten thousand pairs and answers, in memory alone.
 */
final class Conversations {
  private static final long WINDOW_NANOS = Duration.ofHours(1).toNanos();

  private final int most;
  private final LongSupplier ticker;
  private final Map<PeerPair, Turns> pairs = new LruMap<>();
  private final Map<MessageId, Answer> answers = new LruMap<>();

  /**
   * Starts without a past.
   *
   * @param most the most answers in an hour; 0 for any number
   */
  Conversations(int most, LongSupplier ticker) {
    this.most = most;
    this.ticker = ticker;
  }

  /**
   * What a draft would be in its conversation.
   *
   * @param turns how many answers went before it within the hour
   * @param most the most that may
   * @param chain whether they are those of a chain rather than of two peers
   * @param untilRoom how long until it may be sent; zero if it may now
   * @param sinceLast how long ago what it answers was sent
   */
  record Look(int turns, int most, boolean chain, Duration untilRoom, Duration sinceLast) {}

  Look look(OutgoingMessage draft) {
    long now = ticker.getAsLong();
    Look pair = lookAtPair(draft, now);
    Look chain = lookAtChain(draft, now);
    return chain.turns() > pair.turns() ? chain : pair;
  }

  void add(OutgoingMessage draft, MessageId id) {
    if (most == 0 || draft.from().equals(draft.to())) {
      return;
    }
    long now = ticker.getAsLong();
    Turns turns = pairs.computeIfAbsent(PeerPair.of(draft), pair -> new Turns());
    if (turns.isTaken(draft.from())) {
      turns.at.addLast(now);
      while (turns.at.size() > most) {
        turns.at.removeFirst();
      }
    }
    turns.last = draft.from();
    turns.lastNanos = now;
    MessageId answered = draft.inReplyTo();
    if (answered != null) {
      answers.put(id, new Answer(now, answers.get(answered)));
    }
  }

  private Look lookAtPair(OutgoingMessage draft, long now) {
    Turns turns = most == 0 ? null : pairs.get(PeerPair.of(draft));
    if (turns == null || !turns.isTaken(draft.from())) {
      return free();
    }
    while (!turns.at.isEmpty() && now - turns.at.getFirst() >= WINDOW_NANOS) {
      turns.at.removeFirst();
    }
    boolean full = turns.at.size() >= most;
    return look(
        turns.at.size(),
        false,
        full ? turns.at.getFirst() : now - WINDOW_NANOS,
        turns.lastNanos,
        now);
  }

  private Look lookAtChain(OutgoingMessage draft, long now) {
    MessageId answered = draft.inReplyTo();
    Answer last = most == 0 || answered == null ? null : answers.get(answered);
    if (last == null) {
      return free();
    }
    int length = 0;
    Answer first = last;
    for (Answer each = last; each != null && length < most; each = each.before) {
      if (now - each.nanos >= WINDOW_NANOS) {
        break;
      }
      length++;
      first = each;
    }
    if (length < most) {
      // What is older will never count again.
      first.before = null;
    }
    return look(length, true, length == most ? first.nanos : now - WINDOW_NANOS, last.nanos, now);
  }

  private Look look(int turns, boolean chain, long oldest, long last, long now) {
    return new Look(
        turns,
        most,
        chain,
        Duration.ofNanos(Math.max(0, oldest + WINDOW_NANOS - now)),
        Duration.ofNanos(now - last));
  }

  private Look free() {
    return new Look(0, Integer.MAX_VALUE, false, Duration.ZERO, Duration.ZERO);
  }

  private static final class Turns {
    final Deque<Long> at = new ArrayDeque<>();
    @Nullable PeerId last;
    long lastNanos;

    /** Whether this peer would answer the other. */
    boolean isTaken(PeerId by) {
      return last != null && !last.equals(by);
    }
  }

  private static final class Answer {
    final long nanos;
    @Nullable Answer before;

    Answer(long nanos, @Nullable Answer before) {
      this.nanos = nanos;
      this.before = before;
    }
  }
}
