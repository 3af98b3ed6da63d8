package dev.peers.broker;

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
import dev.peers.spi.NewMessage;
import dev.peers.spi.SharedStore;
import dev.peers.spi.StoreChanges;
import dev.peers.spi.StoredPeer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A store in memory that brokers share, each through an opening of its own. */
final class SharedMemory {
  private final InMemoryStore store = new InMemoryStore();
  private final InstantSource clock;
  private final Map<String, Instant> leases = new HashMap<>();
  private final List<Opening> openings = new CopyOnWriteArrayList<>();

  SharedMemory(InstantSource clock) {
    this.clock = clock;
  }

  Opening open() {
    Opening opening = new Opening("broker-" + openings.size());
    openings.add(opening);
    return opening;
  }

  /** One broker's way to the store. */
  final class Opening implements SharedStore {
    private final String name;
    private final BlockingQueue<StoreChanges> changes = new LinkedBlockingQueue<>();

    /** Whether nothing gets through, in either direction, as when a cable is pulled. */
    private volatile boolean cut;

    private volatile boolean missed;

    private Opening(String name) {
      this.name = name;
    }

    @Override
    public String brokerId() {
      return name;
    }

    @Override
    public InstantSource clock() {
      return clock;
    }

    @Override
    public boolean add(StoredPeer peer) {
      requireConnection();
      synchronized (leases) {
        if (store.findPeer(peer.peer().id()).isPresent()
            || store.findPeer(peer.sessionKey()).isPresent()) {
          return false;
        }
        store.save(peer);
      }
      tell(new StoreChanges(Set.of(peer.peer().id()), Set.of(), false));
      return true;
    }

    @Override
    public Map<String, Instant> renewLease(Duration lease) {
      requireConnection();
      synchronized (leases) {
        leases.put(name, clock.instant().plus(lease));
        leases.values().removeIf(end -> !end.isAfter(clock.instant()));
        return Map.copyOf(leases);
      }
    }

    @Override
    public StoreChanges awaitChanges(Duration atMost) throws InterruptedException {
      // Renewals go by the test's clock, which stands still while nothing is waited for.
      StoreChanges first = changes.poll(Math.min(atMost.toMillis(), 20), TimeUnit.MILLISECONDS);
      requireConnection();
      if (missed) {
        missed = false;
        return StoreChanges.MISSED;
      }
      return first == null ? StoreChanges.NONE : first;
    }

    @Override
    public String identity() {
      return store.identity();
    }

    @Override
    public long lastId() {
      requireConnection();
      return store.lastId();
    }

    @Override
    public void save(StoredPeer peer) {
      requireConnection();
      store.save(peer);
      tell(new StoreChanges(Set.of(peer.peer().id()), Set.of(), false));
    }

    @Override
    public Receipt append(NewMessage message) {
      requireConnection();
      Receipt receipt = store.append(message);
      tell(new StoreChanges(Set.of(), Set.of(message.to()), false));
      return receipt;
    }

    @Override
    public Optional<StoredPeer> findPeer(PeerId id) {
      requireConnection();
      return store.findPeer(id);
    }

    @Override
    public Optional<StoredPeer> findPeer(SessionKey key) {
      requireConnection();
      return store.findPeer(key);
    }

    @Override
    public List<StoredPeer> peers() {
      requireConnection();
      return store.peers();
    }

    @Override
    public Batch receive(PeerId mailbox, ReceiveRequest take, Instant now) {
      requireConnection();
      return store.receive(mailbox, take, now);
    }

    @Override
    public Batch peek(PeerId mailbox, long after, int limit, Instant now) {
      requireConnection();
      return store.peek(mailbox, after, limit, now);
    }

    @Override
    public void acknowledge(PeerId mailbox, Collection<MessageId> messages, Instant now) {
      requireConnection();
      store.acknowledge(mailbox, messages, now);
    }

    @Override
    public Optional<Receipt> receipt(MessageId id, Instant now) {
      requireConnection();
      return store.receipt(id, now);
    }

    @Override
    public Optional<Receipt> receipt(PeerId sender, String idempotencyKey, Instant now) {
      requireConnection();
      return store.receipt(sender, idempotencyKey, now);
    }

    @Override
    public HistoryPage history(HistoryQuery query, Instant now) {
      requireConnection();
      return store.history(query, now);
    }

    @Override
    public int expire(Instant now) {
      requireConnection();
      return store.expire(now);
    }

    @Override
    public int purge(Instant sentBefore) {
      requireConnection();
      return store.purge(sentBefore);
    }

    @Override
    public Set<PeerId> deleteInactivePeers(Collection<PeerId> peers, Instant seenBefore) {
      requireConnection();
      synchronized (leases) {
        leases.values().removeIf(end -> !end.isAfter(clock.instant()));
        Set<PeerId> here = new HashSet<>();
        for (PeerId id : peers) {
          store
              .findPeer(id)
              .map(StoredPeer::broker)
              .filter(leases::containsKey)
              .ifPresent(broker -> here.add(id));
        }
        return store.deleteInactivePeers(
            peers.stream().filter(id -> !here.contains(id)).toList(), seenBefore);
      }
    }

    @Override
    public void close() {
      synchronized (leases) {
        leases.remove(name);
      }
    }

    void cut() {
      missed = true;
      cut = true;
    }

    void mend() {
      cut = false;
    }

    private void tell(StoreChanges change) {
      for (Opening other : new HashSet<>(openings)) {
        if (other != this && !other.cut) {
          other.changes.add(change);
        }
      }
    }

    private void requireConnection() {
      if (cut) {
        throw new PeersException(ErrorCode.STORE_FAILED, "the store cannot be reached");
      }
    }
  }
}
