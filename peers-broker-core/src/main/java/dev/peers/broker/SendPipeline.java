package dev.peers.broker;

import dev.peers.ErrorCode;
import dev.peers.MessageId;
import dev.peers.OutgoingMessage;
import dev.peers.Peer;
import dev.peers.PeerId;
import dev.peers.PeersException;
import dev.peers.Receipt;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * The way of a message into the store: both ends are known, the limits admit it, it is appended,
 * and only then is its receiver woken and what it answers acknowledged. Thread-safe.
 */
final class SendPipeline implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(SendPipeline.class.getName());

  private final PeerRegistry registry;
  private final Mailboxes mailboxes;
  private final SendGuard guard;
  private final Consumer<PeerId> onMail;
  private final PendingSends pending = new PendingSends();

  /**
   * Makes a pipeline.
   *
   * @param onMail told of each mailbox that has something new
   */
  SendPipeline(
      PeerRegistry registry, Mailboxes mailboxes, SendGuard guard, Consumer<PeerId> onMail) {
    this.registry = registry;
    this.mailboxes = mailboxes;
    this.guard = guard;
    this.onMail = onMail;
  }

  /** Stores a message; see {@link dev.peers.Broker#send}. */
  Receipt send(OutgoingMessage draft) {
    Peer sender = requireEnds(draft);
    Optional<Receipt> first = admit(draft);
    return first.isPresent() ? first.get() : append(draft, sender);
  }

  /** The same without waiting for the disk; see {@link dev.peers.Broker#sendAsync}. */
  CompletionStage<Receipt> sendAsync(OutgoingMessage draft) {
    try {
      Peer sender = requireEnds(draft);
      Optional<Receipt> first = admit(draft);
      if (first.isPresent()) {
        return CompletableFuture.completedStage(first.get());
      }
      if (!pending.enter()) {
        return CompletableFuture.completedStage(append(draft, sender));
      }
      return pending.start(
          () -> mailboxes.appendAsync(draft, sender),
          receipt -> guard.sent(draft, receipt.id()),
          receipt -> {
            acknowledgeAnswered(draft);
            onMail.accept(draft.to());
          });
    } catch (PeersException e) {
      return CompletableFuture.failedStage(e);
    }
  }

  /** Both ends must be known; gives the sender as it is now. */
  private Peer requireEnds(OutgoingMessage draft) {
    Peer sender = registry.require(draft.from());
    registry.require(draft.to());
    registry.used(draft.from());
    return sender;
  }

  /** An answer names a message that its sender has sent or received. */
  private void requireAnswered(OutgoingMessage draft) {
    MessageId answered = draft.inReplyTo();
    if (answered == null) {
      return;
    }
    Receipt receipt =
        mailboxes
            .receipt(answered)
            .orElseThrow(
                () ->
                    new PeersException(
                        ErrorCode.UNKNOWN_MESSAGE,
                        "no message has the id "
                            + answered
                            + ", so this cannot answer it; give the id of a message that '"
                            + draft.from()
                            + "' has sent or received, or none"));
    if (!receipt.to().equals(draft.from()) && !receipt.from().equals(draft.from())) {
      throw new PeersException(
          ErrorCode.INVALID_ARGUMENT,
          "message "
              + answered
              + " was neither sent nor received by '"
              + draft.from()
              + "', so this cannot answer it; give the id of a message that was, or none");
    }
  }

  /** Lets a draft in, or finds that it was sent before. */
  private Optional<Receipt> admit(OutgoingMessage draft) {
    try {
      requireAnswered(draft);
      mailboxes.admit(draft.to());
      guard.admit(draft);
      return Optional.empty();
    } catch (PeersException e) {
      // A send that is only repeated has been let in before.
      Optional<Receipt> first = mailboxes.receiptOf(draft);
      if (first.isEmpty()) {
        throw e;
      }
      return first;
    }
  }

  private Receipt append(OutgoingMessage draft, Peer sender) {
    Receipt receipt = mailboxes.append(draft, sender);
    guard.sent(draft, receipt.id());
    acknowledgeAnswered(draft);
    onMail.accept(draft.to());
    return receipt;
  }

  /**
   * An answer proves that its sender has what it answers, if that was offered and is the answered
   * peer's. Any other number may be a slip. The answer is stored whatever becomes of this.
   */
  private void acknowledgeAnswered(OutgoingMessage draft) {
    MessageId answered = draft.inReplyTo();
    if (answered == null || !draft.acknowledges()) {
      return;
    }
    try {
      mailboxes
          .receipt(answered)
          .filter(receipt -> receipt.to().equals(draft.from()) && receipt.from().equals(draft.to()))
          .filter(receipt -> receipt.attempts() > 0)
          .ifPresent(receipt -> mailboxes.acknowledge(draft.from(), List.of(answered)));
    } catch (PeersException e) {
      LOG.log(System.Logger.Level.DEBUG, "{0} is not acknowledged: {1}", answered, e.getMessage());
    }
  }

  /** Waits a little for sends that are stored already; called once the store is closed. */
  @Override
  public void close() {
    pending.close();
  }
}
