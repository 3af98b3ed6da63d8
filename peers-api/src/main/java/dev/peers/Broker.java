package dev.peers;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Owns peers and their mailboxes. There are two kinds, the engine itself and a client of one
 * elsewhere, and those who hold a broker cannot tell which.
 *
 * <p>Thread-safe. Methods block until the broker has answered. They throw {@link PeersException}
 * and nothing else: {@link ErrorCode#UNKNOWN_PEER} where a peer that acts, or is acted upon, is not
 * known, {@link ErrorCode#UNAVAILABLE} where a remote broker cannot be reached, {@link
 * ErrorCode#STORE_FAILED} where its store fails, {@link ErrorCode#CLOSED} after {@link #close()}.
 * Who opens a broker closes it.
 *
 * @since 0.1
 */
public interface Broker extends AutoCloseable {

  /**
   * Makes a session a peer, or the same peer again. Its mailbox is as it was left.
   *
   * <p>A peer belongs to the session key that it was made for, and to those that were {@linkplain
   * #addKey added}. A key that no peer has inherits the one that is away, worked in the same
   * directory and has the wanted name; it has to give the id back, and gets another, when a session
   * with a key of the peer's comes. Where another live process has come with a key of the peer's,
   * the session becomes a peer of its own, unless both have the same parent: then the newer process
   * is the session.
   *
   * @param registration what the session tells of itself
   * @return its id, and the name it was granted
   * @throws PeersException {@link ErrorCode#SUPERSEDED} if a newer process of the same agent has
   *     the session
   */
  RegistrationResult register(Registration registration);

  /**
   * Says that a peer is still there, for a session that registered without an instance.
   *
   * @param id a registered peer
   * @throws PeersException {@link ErrorCode#UNKNOWN_PEER}, also for a peer that has left: register
   *     again
   */
  default void heartbeat(PeerId id) {
    heartbeat(id, null);
  }

  /**
   * Says that a session of a peer is still there. A peer that is not heard of for 60 seconds is
   * away, and so is one that has left: whatever else is done in its name, it is active again only
   * after it has registered, or after the heartbeat of one of its instances.
   *
   * @param id a registered peer
   * @param instance which session, as in its registration; null for one that named none
   * @throws PeersException {@link ErrorCode#UNKNOWN_PEER}, also for a peer that has left and no
   *     instance: register again
   */
  void heartbeat(PeerId id, @Nullable String instance);

  /**
   * Has a peer answer to one key more, because its agent calls the session by another name now, as
   * for a new conversation in the same process. Who registers with that key later is this peer, as
   * with the first one. A peer keeps its 32 latest keys. Nothing happens where the key is taken, or
   * where the peer's id is only lent: a session that has inherited it by its name has no say in who
   * it belongs to.
   *
   * @param id a registered peer
   * @param key the other key
   */
  void addKey(PeerId id, SessionKey key);

  /**
   * Says that a session has left that registered without an instance; see {@link
   * #unregister(PeerId, String)}.
   *
   * @param id a peer
   */
  default void unregister(PeerId id) {
    unregister(id, null);
  }

  /**
   * Says that one session of a peer has left. The peer is away unless another session with the same
   * key is there, that is, has registered under another instance, has not left, and was heard of in
   * the last 60 seconds. The mailbox stays, and waits for the same session key. Leaving twice is
   * harmless.
   *
   * <p>One that never did anything is forgotten: since it was made it has sent nothing, was sent
   * nothing, has not looked for mail (with {@link #receive} or {@link #acknowledge}), has not
   * described itself and got no other key. The same key is a new peer then. One that was there
   * before the broker was started has done something, as far as is known.
   *
   * @param id a peer
   * @param instance which session, as in its registration; null for one that named none
   */
  void unregister(PeerId id, @Nullable String instance);

  /**
   * Forgets a peer that is away, for the operator: its key, when it comes again, is another peer.
   * History keeps what it has sent and received. A broker elsewhere wants the operator to have
   * registered through it.
   *
   * @param id a peer
   * @throws PeersException {@link ErrorCode#UNKNOWN_PEER}; {@link ErrorCode#PEER_IN_USE} if it is
   *     active, or has unread mail, which nothing but its time to live removes; {@link
   *     ErrorCode#INVALID_ARGUMENT} for the operator
   */
  void forget(PeerId id);

  /**
   * Says what a peer is doing. An automatic summary never replaces a manual one.
   *
   * @param id a registered peer
   * @param text one or two sentences, at most 2 KiB; blank takes the summary away
   * @param source who wrote it
   */
  void setSummary(PeerId id, String text, Summary.Source source);

  /**
   * Lists peers, the active ones in order of their registration, then those away.
   *
   * @param query which ones
   * @return a snapshot
   */
  List<Peer> list(PeerQuery query);

  /**
   * Finds a peer, active or away.
   *
   * @param id its id
   * @return the peer, or empty if the broker does not know it
   */
  Optional<Peer> find(PeerId id);

  /**
   * Sends a message. When this returns, the message is on disk and survives the end of every
   * process. An answer also acknowledges the message it answers, if the answered peer sent that and
   * it was offered to the sender; see {@link OutgoingMessage#withoutAcknowledging}.
   *
   * @param draft what to send to whom
   * @return its receipt; for a repeated idempotency key that of the first send
   * @throws PeersException {@link ErrorCode#UNKNOWN_PEER} if sender or target are not known
   *     (nothing is stored), {@link ErrorCode#MAILBOX_FULL}, {@link ErrorCode#RATE_LIMITED}, {@link
   *     ErrorCode#LOOP_DETECTED}
   */
  Receipt send(OutgoingMessage draft);

  /**
   * Sends a message as {@link #send} does, but where the broker can, without holding up the caller
   * until the message is on disk. The default sends and waits.
   *
   * @param draft what to send to whom
   * @return what completes with the receipt once the message is on disk, or with the {@link
   *     PeersException} that {@link #send} would throw, which is never thrown here. Stages derived
   *     from it wrap that in a {@link java.util.concurrent.CompletionException}, as they always do
   */
  default CompletionStage<Receipt> sendAsync(OutgoingMessage draft) {
    try {
      return CompletableFuture.completedStage(send(draft));
    } catch (PeersException e) {
      return CompletableFuture.failedStage(e);
    }
  }

  /**
   * Takes mail out of a mailbox, oldest first. What is taken must be acknowledged, or it comes
   * again when the lease ends.
   *
   * @param id whose mailbox
   * @param take how much, and for how long
   * @return the messages, and how many more there are
   */
  Batch receive(PeerId id, ReceiveRequest take);

  /**
   * Looks at a mailbox without changing it.
   *
   * @param id whose mailbox
   * @param after only messages behind this position
   * @param limit the most messages, 0 to 1,000; 0 only counts
   * @return undelivered messages, oldest first, with attempt 0, and how many more there are
   */
  Batch peek(PeerId id, Position after, int limit);

  /**
   * Looks at a mailbox without changing it.
   *
   * @param id whose mailbox
   * @param after only messages with a larger id than this; 0 for all
   * @param limit the most messages, 0 to 1,000; 0 only counts
   * @return undelivered messages, oldest first, with attempt 0, and how many more there are
   */
  default Batch peek(PeerId id, long after, int limit) {
    return peek(id, Position.of(after), limit);
  }

  /**
   * Proves that messages have entered the receiver's context. Ids of other mailboxes, and those
   * that were acknowledged before, are passed over.
   *
   * @param id whose mailbox
   * @param messages which messages
   */
  void acknowledge(PeerId id, Collection<MessageId> messages);

  /**
   * Tells what became of a message.
   *
   * @param id a message
   * @return its receipt, or empty if there is no such message any more
   */
  Optional<Receipt> receipt(MessageId id);

  /**
   * Reads messages of everybody, for the operator; a broker elsewhere wants the operator to have
   * registered through it.
   *
   * @param query which ones
   * @return as many of them as one answer has room for
   */
  HistoryPage history(HistoryQuery query);

  /**
   * Has a peer woken when its mailbox has something new. A wake-up says "look", no more: one may
   * stand for many messages, or for none. It is called on a thread of the broker, never twice at
   * the same time; it should return soon, and what it throws is logged and forgotten.
   *
   * @param id whose mailbox
   * @param wakeUp what to call; also called once at the start if there is mail already, and once
   *     more when this broker is closed
   * @return closes to end it
   */
  Subscription subscribe(PeerId id, Runnable wakeUp);

  /**
   * What the broker says of itself.
   *
   * @return a snapshot
   */
  BrokerStatus status();

  /**
   * Asks the broker itself to stop, for everybody, wherever it runs. It finishes what is under way;
   * mail and peers stay in its store. Returns when the broker has agreed, not when it is gone.
   */
  void shutdown();

  /**
   * Whether {@link #close()} was called, so that every other method throws {@link
   * ErrorCode#CLOSED}. A broker elsewhere that has ended is not closed but {@link
   * ErrorCode#UNAVAILABLE}.
   *
   * @return true from then on
   */
  boolean isClosed();

  /**
   * Ends the use of this broker; harmless when repeated. A client leaves the broker running. Every
   * subscriber is woken once more, and finds it closed.
   */
  @Override
  void close();
}
