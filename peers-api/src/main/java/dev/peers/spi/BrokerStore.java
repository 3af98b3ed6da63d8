package dev.peers.spi;

import dev.peers.Batch;
import dev.peers.HistoryPage;
import dev.peers.HistoryQuery;
import dev.peers.MessageId;
import dev.peers.PeerId;
import dev.peers.PeersException;
import dev.peers.Receipt;
import dev.peers.ReceiveRequest;
import dev.peers.SessionKey;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Keeps peers and messages for a broker. A store is right when it passes {@code StoreContract} of
 * peers-tck.
 *
 * <p>Thread-safe. Time is always the caller's: a store reads no clock. What a method has written is
 * durable when it returns, or, where it returns a stage, when that is completed (of an offer see
 * {@link #receive}); when it throws {@link PeersException} with {@link
 * dev.peers.ErrorCode#STORE_FAILED}, it may or may not have been written. The cost of a method does
 * not grow with what it neither returns nor changes.
 *
 * @since 0.1
 */
public interface BrokerStore extends AutoCloseable {

  /**
   * Which database this is. Those who remember ids of messages remember this with them, and begin
   * anew where it is another one. So it is random, is made and kept with the database, stays the
   * same as long as ids go on, and is another one where they do not: in an empty database that
   * takes the place of a lost one, and in one that was brought back from a backup.
   *
   * @return 1 to 64 letters, digits and hyphens; the same for as long as the store is open, known
   *     without delay, also after the store was closed
   */
  String identity();

  /**
   * The largest id that was ever given, though there may be no message left that has it.
   *
   * @return the id; 0 if none was given
   */
  long lastId();

  /**
   * Writes a peer, replacing the one with the same id.
   *
   * @param peer the peer and its keys, which take the place of those it had; no other peer has one
   *     of them
   */
  void save(StoredPeer peer);

  /**
   * Finds a peer by id.
   *
   * @param id its id
   * @return the peer, or empty
   */
  Optional<StoredPeer> findPeer(PeerId id);

  /**
   * Finds a peer by one of its keys.
   *
   * @param key its key, or one of its other keys
   * @return the peer, or empty
   */
  Optional<StoredPeer> findPeer(SessionKey key);

  /**
   * Lists all peers.
   *
   * @return in order of registration
   */
  List<StoredPeer> peers();

  /**
   * Appends a message to a mailbox and gives it the next id. Where its sender has used the
   * idempotency key before, nothing is written.
   *
   * @param message what to append
   * @return the receipt of the new message, or of the one that has the key
   */
  Receipt append(NewMessage message);

  /**
   * Appends a message as {@link #append} does, but where the store can, without holding up the
   * caller until the disk has it; so a broker can have many sends under way on few threads. The
   * default appends and waits.
   *
   * @param message what to append
   * @return what completes with the receipt when the message is durable, or with the {@link
   *     PeersException} that {@link #append} would throw, which is never thrown here. It may be
   *     completed on a thread that the store writes with: what depends on it must not block
   */
  default CompletionStage<Receipt> appendAsync(NewMessage message) {
    try {
      return CompletableFuture.completedStage(append(message));
    } catch (PeersException e) {
      return CompletableFuture.failedStage(e);
    }
  }

  /**
   * Takes messages that are neither delivered nor expired, oldest first, and marks them as offered:
   * one attempt more, and a lease from now. Unless the take includes them, messages under an
   * unfinished lease are passed over. That it was offered outlives the process, and need not
   * outlive the machine: an offer that a power failure takes away is made again.
   *
   * @param mailbox whose mailbox
   * @param take how much and for how long
   * @param now the present time
   * @return the messages; {@link Batch#remaining()} counts what else is undelivered behind {@link
   *     ReceiveRequest#after()}
   */
  Batch receive(PeerId mailbox, ReceiveRequest take, Instant now);

  /**
   * Reads messages that are neither delivered nor expired, oldest first, changing nothing.
   *
   * @param mailbox whose mailbox
   * @param after only messages with a larger id
   * @param limit the most messages; 0 only counts. There are fewer where their texts would have
   *     more than {@link ReceiveRequest#MAX_CHARS} characters together
   * @param now the present time
   * @return the messages with attempt 0; {@link Batch#remaining()} counts those beyond them
   */
  Batch peek(PeerId mailbox, long after, int limit, Instant now);

  /**
   * Marks messages of a mailbox as delivered; others are passed over.
   *
   * @param mailbox whose mailbox
   * @param messages which messages
   * @param now the present time
   */
  void acknowledge(PeerId mailbox, Collection<MessageId> messages, Instant now);

  /**
   * Reads the state of a message.
   *
   * @param id a message
   * @param now the present time; an offer whose lease has ended by then reads as queued
   * @return its receipt, or empty
   */
  Optional<Receipt> receipt(MessageId id, Instant now);

  /**
   * Finds the message that a sender has sent with an idempotency key.
   *
   * @param sender who sent it
   * @param idempotencyKey the key
   * @param now the present time
   * @return its receipt, or empty
   */
  Optional<Receipt> receipt(PeerId sender, String idempotencyKey, Instant now);

  /**
   * Reads messages whatever their state.
   *
   * <p>Neither this nor {@link #receive} and {@link #peek} read more text than they return and one
   * message beyond: their callers have little room. The broker has checked positions, so of {@link
   * HistoryQuery#after()} the id counts, as of {@link ReceiveRequest#after()}.
   *
   * @param query which ones
   * @param now the present time, for their receipts
   * @return oldest first; {@link HistoryPage#more()} where {@link HistoryQuery#maxChars()} left
   *     some out that {@link HistoryQuery#limit()} did not
   */
  HistoryPage history(HistoryQuery query, Instant now);

  /**
   * Marks what has outlived its time to live as expired. A broker asks for it every few minutes; it
   * may look at all that is undelivered, but sends and takes do not wait for that.
   *
   * @param now the present time
   * @return how many messages expired
   */
  int expire(Instant now);

  /**
   * Removes old history: messages that are delivered or expired and were sent before a time. An
   * undelivered message is never removed.
   *
   * @param sentBefore the time
   * @return how many messages were removed
   */
  int purge(Instant sentBefore);

  /**
   * Removes those of some peers that were last seen before a time and have no mail: no message in
   * their mailbox that is neither delivered nor marked as expired. History keeps what they sent and
   * received. With regard to {@link #save} and {@link #append} all of it happens at one moment.
   *
   * @param peers which peers, at most 1,000
   * @param seenBefore the time, compared with {@link dev.peers.Peer#lastSeen()} as it was last
   *     saved
   * @return those that the store does not have, now or before
   */
  Set<PeerId> deleteInactivePeers(Collection<PeerId> peers, Instant seenBefore);

  /** Writes out what is under way and closes the store; harmless when repeated. */
  @Override
  void close();
}
