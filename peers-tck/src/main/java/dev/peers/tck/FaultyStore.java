package dev.peers.tck;

import dev.peers.Batch;
import dev.peers.ErrorCode;
import dev.peers.HistoryPage;
import dev.peers.HistoryQuery;
import dev.peers.MessageId;
import dev.peers.PeerId;
import dev.peers.PeersException;
import dev.peers.Receipt;
import dev.peers.ReceiveRequest;
import dev.peers.SessionKey;
import dev.peers.spi.BrokerStore;
import dev.peers.spi.NewMessage;
import dev.peers.spi.StoredPeer;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * A store whose writes go wrong on demand. Each write meets the next planned fault; when none is
 * left it works.
 *
 * <p>Thread-safe. It owns the store it wraps and closes it.
 *
 * @since 0.1
 */
public final class FaultyStore implements BrokerStore {
  /** What can go wrong with a write. */
  public enum Fault {
    /** Nothing does. */
    NONE,
    /** Nothing is written, and the caller is told of a failure. */
    FAIL_BEFORE,
    /** It is written, and the caller is told of a failure all the same. */
    FAIL_AFTER,
    /** It waits for {@link #release} and is then written. */
    STALL,
    /** It is written, waits for {@link #release}, and then the caller is told of a failure. */
    LOSE_ANSWER
  }

  private static final long MAX_STALL_SECONDS = 30;

  private final BrokerStore store;
  private final Queue<Fault> planned = new ConcurrentLinkedQueue<>();
  private final AtomicInteger ended = new AtomicInteger();
  private final CountDownLatch stalled = new CountDownLatch(1);
  private final CountDownLatch released = new CountDownLatch(1);

  /**
   * Wraps a store that works.
   *
   * @param store the store to spoil
   */
  public FaultyStore(BrokerStore store) {
    this.store = store;
  }

  /**
   * Plans faults for the next writes.
   *
   * @param faults one for each write
   */
  public void next(Fault... faults) {
    planned.addAll(List.of(faults));
  }

  /**
   * How many writes have ended so far.
   *
   * @return those that worked and those that failed
   */
  public int ended() {
    return ended.get();
  }

  /** Waits until a write is stalled. */
  public void awaitStalled() {
    await(stalled, "no write was stalled");
  }

  /** Lets stalled writes, and those that would be, go on. */
  public void release() {
    released.countDown();
  }

  @Override
  public String identity() {
    return store.identity();
  }

  @Override
  public long lastId() {
    return store.lastId();
  }

  @Override
  public void save(StoredPeer peer) {
    write(
        () -> {
          store.save(peer);
          return true;
        });
  }

  @Override
  public Optional<StoredPeer> findPeer(PeerId id) {
    return store.findPeer(id);
  }

  @Override
  public Optional<StoredPeer> findPeer(SessionKey key) {
    return store.findPeer(key);
  }

  @Override
  public List<StoredPeer> peers() {
    return store.peers();
  }

  @Override
  public Receipt append(NewMessage message) {
    return write(() -> store.append(message));
  }

  @Override
  public Batch receive(PeerId mailbox, ReceiveRequest take, Instant now) {
    return write(() -> store.receive(mailbox, take, now));
  }

  @Override
  public Batch peek(PeerId mailbox, long after, int limit, Instant now) {
    return store.peek(mailbox, after, limit, now);
  }

  @Override
  public void acknowledge(PeerId mailbox, Collection<MessageId> messages, Instant now) {
    write(
        () -> {
          store.acknowledge(mailbox, messages, now);
          return true;
        });
  }

  @Override
  public Optional<Receipt> receipt(MessageId id, Instant now) {
    return store.receipt(id, now);
  }

  @Override
  public Optional<Receipt> receipt(PeerId sender, String idempotencyKey, Instant now) {
    return store.receipt(sender, idempotencyKey, now);
  }

  @Override
  public HistoryPage history(HistoryQuery query, Instant now) {
    return store.history(query, now);
  }

  @Override
  public int expire(Instant now) {
    return write(() -> store.expire(now));
  }

  @Override
  public int purge(Instant sentBefore) {
    return write(() -> store.purge(sentBefore));
  }

  @Override
  public Set<PeerId> deleteInactivePeers(Collection<PeerId> peers, Instant seenBefore) {
    return write(() -> store.deleteInactivePeers(peers, seenBefore));
  }

  @Override
  public void close() {
    release();
    store.close();
  }

  private <T> T write(Supplier<T> work) {
    try {
      return spoil(work);
    } finally {
      ended.incrementAndGet();
    }
  }

  private <T> T spoil(Supplier<T> work) {
    Fault fault = planned.poll();
    switch (fault == null ? Fault.NONE : fault) {
      case NONE -> {
        return work.get();
      }
      case FAIL_BEFORE -> throw failure(Fault.FAIL_BEFORE);
      case FAIL_AFTER -> {
        var unused = work.get();
        throw failure(Fault.FAIL_AFTER);
      }
      case STALL -> {
        stall();
        return work.get();
      }
      case LOSE_ANSWER -> {
        var unused = work.get();
        stall();
        throw failure(Fault.LOSE_ANSWER);
      }
    }
    throw new AssertionError(fault);
  }

  private void stall() {
    stalled.countDown();
    await(released, "the stalled write was not released");
  }

  private static void await(CountDownLatch latch, String otherwise) {
    try {
      if (!latch.await(MAX_STALL_SECONDS, TimeUnit.SECONDS)) {
        throw new AssertionError(otherwise);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  private static PeersException failure(Fault fault) {
    return new PeersException(ErrorCode.STORE_FAILED, "the store was told to " + fault);
  }
}
