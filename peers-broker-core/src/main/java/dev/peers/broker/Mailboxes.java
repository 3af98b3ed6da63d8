package dev.peers.broker;

import dev.peers.Batch;
import dev.peers.HistoryPage;
import dev.peers.HistoryQuery;
import dev.peers.Limits;
import dev.peers.MessageId;
import dev.peers.OutgoingMessage;
import dev.peers.Peer;
import dev.peers.PeerId;
import dev.peers.Position;
import dev.peers.Receipt;
import dev.peers.ReceiveRequest;
import dev.peers.Sender;
import dev.peers.spi.BrokerStore;
import dev.peers.spi.NewMessage;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * The delivery guarantee: what is sent is on disk first, and stays until it is proven delivered.
 */
final class Mailboxes {
  private final BrokerStore store;
  private final InstantSource clock;
  private final Limits limits;
  private final MailboxLimit limit;
  private final Positions positions;

  Mailboxes(BrokerStore store, InstantSource clock, Limits limits) {
    this.store = store;
    this.clock = clock;
    this.limits = limits;
    this.limit = new MailboxLimit(store, limits.maxUnread());
    this.positions = new Positions(store);
  }

  Receipt append(OutgoingMessage draft, Peer sender) {
    return store.append(message(draft, sender));
  }

  CompletionStage<Receipt> appendAsync(OutgoingMessage draft, Peer sender) {
    return store.appendAsync(message(draft, sender));
  }

  private NewMessage message(OutgoingMessage draft, Peer sender) {
    Instant now = clock.instant();
    return new NewMessage(
        Sender.of(sender),
        draft.to(),
        draft.text(),
        now,
        now.plus(limits.timeToLive()),
        draft.inReplyTo(),
        draft.idempotencyKey());
  }

  Batch receive(PeerId mailbox, ReceiveRequest take) {
    return store
        .receive(mailbox, take.after(positions.here(take.after())), clock.instant())
        .in(store.identity());
  }

  Batch peek(PeerId mailbox, Position after, int limit) {
    return store
        .peek(mailbox, positions.here(after).id(), limit, clock.instant())
        .in(store.identity());
  }

  void acknowledge(PeerId mailbox, Collection<MessageId> messages) {
    if (!messages.isEmpty()) {
      store.acknowledge(mailbox, messages, clock.instant());
    }
  }

  Optional<Receipt> receipt(MessageId id) {
    return store.receipt(id, clock.instant());
  }

  HistoryPage history(HistoryQuery query) {
    return store
        .history(query.after(positions.here(query.after())), clock.instant())
        .in(store.identity());
  }

  /** Expires and forgets what is due. */
  void housekeep() {
    Instant now = clock.instant();
    store.expire(now);
    store.purge(now.minus(limits.retention()));
  }

  /** The receipt of a draft that was sent before under the same key. */
  Optional<Receipt> receiptOf(OutgoingMessage draft) {
    String key = draft.idempotencyKey();
    return key == null ? Optional.empty() : store.receipt(draft.from(), key, clock.instant());
  }

  /** Lets a message into a mailbox, or refuses it because that is full. */
  void admit(PeerId mailbox) {
    limit.admit(mailbox, clock.instant());
  }
}
