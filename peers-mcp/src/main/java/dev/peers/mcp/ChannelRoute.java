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
  private static final Duration LEASE = Duration.ofMinutes(10);
  private static final int BATCH = 20;

  private final PeerSession session;
  private final Notifier notifier;
  private final Subscription subscription;
  // Only the first look, and only of a new session, repeats what an earlier one was offered.
  private boolean repeat;

  private ChannelRoute(PeerSession session, Notifier notifier, boolean repeat) {
    this.session = session;
    this.notifier = notifier;
    this.repeat = repeat;
    this.subscription = session.onMail(this::push);
  }

  /**
   * Starts pushing what is there and what comes.
   *
   * @param repeat whether mail that was offered before and never proven is offered again at once,
   *     as to an agent that was restarted
   */
  static ChannelRoute open(PeerSession session, Notifier notifier, boolean repeat) {
    return new ChannelRoute(session, notifier, repeat);
  }

  @Override
  public void close() {
    subscription.close();
  }

  /** Called by one thread at a time. */
  private void push() {
    try {
      while (true) {
        Take take = repeat ? Take.undelivered(BATCH, LEASE) : Take.queued(BATCH, LEASE);
        Batch batch = session.take(take);
        for (Message message : batch.messages()) {
          Map<String, Object> params = new LinkedHashMap<>();
          params.put("content", ChannelText.content(message));
          params.put("meta", ChannelText.meta(message));
          notifier.send(METHOD, params);
        }
        // A repeating look would see the same messages again for ever.
        boolean more = !repeat && !batch.isEmpty();
        boolean first = repeat;
        repeat = false;
        if (!more && !first) {
          return;
        }
      }
    } catch (IOException | PeersException e) {
      LOG.log(System.Logger.Level.DEBUG, "no push to {0}: {1}", session.id(), e.getMessage());
    }
  }
}
