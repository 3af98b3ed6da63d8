package dev.peers.spi;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;

/**
 * A store that several brokers use at once, on one machine or many. Each of them opens it for
 * itself, and such an opening stands for its broker among the others. What one of them has written
 * is seen by all of them as soon as the writing method has returned.
 *
 * <p>A take by one broker and a take by another never yield the same queued message. The ids of
 * messages grow in the order in which they become visible: who has seen a message of a mailbox, or
 * of the history, will not later find a new one with a smaller id.
 *
 * <p>Such a store tries again by itself, for some seconds, what fails because its connection is
 * lost, so that a restart of the server behind it passes unnoticed; nothing is written twice by
 * that.
 *
 * @since 0.1
 */
public interface SharedStore extends BrokerStore {
  /**
   * This opening among all of the store.
   *
   * @return one line of at most 80 characters, never used before or again
   */
  String brokerId();

  /**
   * The time that all brokers of the store go by, whatever their machines' clocks say: the time
   * that they pass to the other methods. It needs no connection, and is off by no more than an
   * answer of the server takes.
   *
   * @return a clock in whole milliseconds; thread-safe
   */
  InstantSource clock();

  /**
   * Writes a peer that is new, unless its id or its key has been taken.
   *
   * @param peer the peer
   * @return whether it was written
   */
  boolean add(StoredPeer peer);

  /**
   * Says that this broker is there, and asks who else is. Peers whose {@link StoredPeer#broker()}
   * is not there are away; those whose broker is there are never forgotten. An opening that is
   * closed is not there any more.
   *
   * @param lease for how long from now
   * @return until when each broker is there, this one included; those whose time is up are left out
   */
  Map<String, Instant> renewLease(Duration lease);

  /**
   * Waits for what others write. A change is reported at once; that this opening's own changes are
   * reported too is allowed. To be called by one thread at a time.
   *
   * @param atMost how long to wait if there is nothing
   * @return what has changed since the last call, or {@link StoreChanges#NONE}
   * @throws InterruptedException if the thread is interrupted while it waits
   */
  StoreChanges awaitChanges(Duration atMost) throws InterruptedException;
}
