package dev.peers.mcp;

import dev.peers.Batch;
import dev.peers.Message;
import dev.peers.PeersException;
import dev.peers.Subscription;
import dev.peers.Take;
import dev.peers.client.PeerSession;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Pushes mail to an agent as channel notifications. A push is an offer: nobody answers it, and the
 * session may not show it. It proves nothing, so the message stays undelivered under a lease.
 */
final class ChannelRoute implements AutoCloseable {
  /** Sends a notification without waiting. */
  @FunctionalInterface
  interface Notifier {
    void send(String method, Map<String, Object> params) throws IOException;
  }

  static final String METHOD = "notifications/claude/channel";

  private static final System.Logger LOG = System.getLogger(ChannelRoute.class.getName());
  private static final int BATCH = 20;

  private static final int MAX_CHARS = 100_000;
  private static final long REMINDER_NANOS = Duration.ofMinutes(1).toNanos();

  private final PeerSession session;
  private final Notifier notifier;
  private final PushBudget budget;
  private final LongSupplier ticker;
  private final Duration grace;
  private final Subscription subscription;

  // What follows is for push() alone, which is called by one thread at a time.
  // Only the first look, and only of a new session, repeats what an earlier one was offered.
  private boolean repeat;
  // Nothing is pushed twice: what stays without a proof is for other routes.
  private long last;
  private boolean reminded;
  private long remindedAt;

  private ChannelRoute(
      PeerSession session,
      Notifier notifier,
      boolean repeat,
      Duration grace,
      int pushesPerMinute,
      LongSupplier ticker) {
    this.session = session;
    this.notifier = notifier;
    this.repeat = repeat;
    this.budget = new PushBudget(pushesPerMinute, ticker);
    this.ticker = ticker;
    this.grace = grace;
    this.subscription = session.onMail(this::push);
  }

  /**
   * Starts pushing what is there and what comes.
   *
   * @param repeat whether mail that was offered before and never proven is offered again at once,
   *     as to an agent that was restarted
   * @param grace how long a push waits for a proof before other routes may deliver its message
   * @param pushesPerMinute the most pushes in a minute, 0 for any number; what is beyond them is
   *     summed up
   * @param ticker nanoseconds
   */
  static ChannelRoute open(
      PeerSession session,
      Notifier notifier,
      boolean repeat,
      Duration grace,
      int pushesPerMinute,
      LongSupplier ticker) {
    return new ChannelRoute(session, notifier, repeat, grace, pushesPerMinute, ticker);
  }

  @Override
  public void close() {
    subscription.close();
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
        Take take = repeat ? Take.undelivered(room, grace) : Take.queued(room, grace);
        batch = session.take(take.atMostChars(MAX_CHARS).after(last));
        repeat = false;
        for (Message message : batch.messages()) {
          last = message.id().value();
          budget.spend(1);
          send(ChannelText.content(message), ChannelText.meta(message));
        }
      } while (!batch.isEmpty());
    } catch (IOException | PeersException e) {
      LOG.log(System.Logger.Level.DEBUG, "no push to {0}: {1}", session.id(), e.getMessage());
    }
  }

  /** Says, at most once a minute, how much is waiting that is not pushed. */
  private void remind() throws IOException {
    int waiting = session.broker().pending(session.id(), last, 0).remaining();
    long now = ticker.getAsLong();
    if (waiting == 0 || (reminded && now - remindedAt < REMINDER_NANOS)) {
      return;
    }
    reminded = true;
    remindedAt = now;
    send(ChannelText.reminder(waiting), Map.of("waiting", Integer.toString(waiting)));
  }

  private void send(String content, Map<String, String> meta) throws IOException {
    Map<String, Object> params = new LinkedHashMap<>();
    params.put("content", content);
    params.put("meta", meta);
    notifier.send(METHOD, params);
  }
}
