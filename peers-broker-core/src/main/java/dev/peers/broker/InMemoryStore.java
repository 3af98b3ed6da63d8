package dev.peers.broker;

import dev.peers.Batch;
import dev.peers.Delivery;
import dev.peers.ErrorCode;
import dev.peers.HistoryEntry;
import dev.peers.HistoryPage;
import dev.peers.HistoryQuery;
import dev.peers.Message;
import dev.peers.MessageId;
import dev.peers.PeerId;
import dev.peers.PeersException;
import dev.peers.Receipt;
import dev.peers.ReceiveRequest;
import dev.peers.SessionKey;
import dev.peers.spi.BrokerStore;
import dev.peers.spi.NewMessage;
import dev.peers.spi.StoredPeer;
import dev.peers.spi.StoredState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Keeps everything in memory: for tests, and for brokers that may forget. Thread-safe.
 *
 * @since 0.1
 */
public final class InMemoryStore implements BrokerStore {
  private final String identity = UUID.randomUUID().toString();
  private final Object lock = new Object();

  // All guarded by lock.
  private final Map<PeerId, StoredPeer> peers = new LinkedHashMap<>();
  private final NavigableMap<Long, Entry> messages = new TreeMap<>();
  private final Map<PeerId, NavigableMap<Long, Entry>> undelivered = new HashMap<>();
  private final Map<List<String>, Entry> byIdempotencyKey = new HashMap<>();
  private long lastId;
  private boolean closed;

  /** Makes an empty store. */
  public InMemoryStore() {}

  @Override
  public String identity() {
    return identity;
  }

  @Override
  public long lastId() {
    synchronized (lock) {
      requireOpen();
      return lastId;
    }
  }

  @Override
  public void save(StoredPeer peer) {
    synchronized (lock) {
      requireOpen();
      peers.put(peer.peer().id(), peer);
    }
  }

  @Override
  public Optional<StoredPeer> findPeer(PeerId id) {
    synchronized (lock) {
      requireOpen();
      return Optional.ofNullable(peers.get(id));
    }
  }

  @Override
  public Optional<StoredPeer> findPeer(SessionKey key) {
    synchronized (lock) {
      requireOpen();
      return peers.values().stream()
          .filter(p -> p.sessionKey().equals(key) || p.otherKeys().contains(key))
          .findFirst();
    }
  }

  @Override
  public List<StoredPeer> peers() {
    synchronized (lock) {
      requireOpen();
      return List.copyOf(peers.values());
    }
  }

  @Override
  public Receipt append(NewMessage draft) {
    synchronized (lock) {
      requireOpen();
      List<String> key = null;
      if (draft.idempotencyKey() != null) {
        key = List.of(draft.from().id().value(), draft.idempotencyKey());
        Entry first = byIdempotencyKey.get(key);
        if (first != null) {
          return first.receipt(draft.sentAt());
        }
      }
      Message message =
          new Message(
              new MessageId(++lastId),
              draft.from(),
              draft.to(),
              draft.text(),
              draft.sentAt(),
              draft.inReplyTo());
      Entry entry = new Entry(message, draft.expiresAt(), key);
      messages.put(lastId, entry);
      undelivered.computeIfAbsent(draft.to(), id -> new TreeMap<>()).put(lastId, entry);
      if (key != null) {
        byIdempotencyKey.put(key, entry);
      }
      return entry.receipt(draft.sentAt());
    }
  }

  @Override
  public Batch receive(PeerId mailbox, ReceiveRequest take, Instant now) {
    synchronized (lock) {
      requireOpen();
      return read(
          mailbox,
          take.after().id(),
          take.limit(),
          take.maxChars(),
          now,
          entry -> take.policy() == ReceiveRequest.LeasePolicy.INCLUDE_LEASED || !entry.leased(now),
          take.policy() == ReceiveRequest.LeasePolicy.STOP_AT_LEASED,
          entry -> {
            entry.offeredAt = now;
            entry.leaseUntil = now.plus(take.lease());
            return ++entry.attempts;
          });
    }
  }

  @Override
  public Batch peek(PeerId mailbox, long after, int limit, Instant now) {
    synchronized (lock) {
      requireOpen();
      return read(
          mailbox, after, limit, ReceiveRequest.MAX_CHARS, now, entry -> true, false, entry -> 0);
    }
  }

  @Override
  public void acknowledge(PeerId mailbox, Collection<MessageId> ids, Instant now) {
    synchronized (lock) {
      requireOpen();
      NavigableMap<Long, Entry> box =
          undelivered.getOrDefault(mailbox, Collections.emptyNavigableMap());
      for (MessageId id : ids) {
        Entry entry = box.get(id.value());
        if (entry != null) {
          box.remove(id.value());
          entry.state = StoredState.DELIVERED;
          entry.deliveredAt = now;
        }
      }
    }
  }

  @Override
  public Optional<Receipt> receipt(MessageId id, Instant now) {
    synchronized (lock) {
      requireOpen();
      return Optional.ofNullable(messages.get(id.value())).map(entry -> entry.receipt(now));
    }
  }

  @Override
  public Optional<Receipt> receipt(PeerId sender, String idempotencyKey, Instant now) {
    synchronized (lock) {
      requireOpen();
      return Optional.ofNullable(byIdempotencyKey.get(List.of(sender.value(), idempotencyKey)))
          .map(entry -> entry.receipt(now));
    }
  }

  @Override
  public HistoryPage history(HistoryQuery query, Instant now) {
    synchronized (lock) {
      requireOpen();
      List<HistoryEntry> newestFirst = new ArrayList<>();
      NavigableMap<Long, Entry> behind = messages.tailMap(query.after().id(), false);
      int chars = 0;
      boolean more = false;
      for (Entry entry :
          (query.before() == 0 ? behind : behind.headMap(query.before(), false))
              .descendingMap()
              .values()) {
        boolean recent = query.since() == null || !entry.message.sentAt().isBefore(query.since());
        if (!recent || newestFirst.size() == query.limit()) {
          break;
        }
        if (query.peer() == null
            || entry.message.to().equals(query.peer())
            || entry.message.from().id().equals(query.peer())) {
          chars += entry.message.text().length();
          if (chars > query.maxChars() && !newestFirst.isEmpty()) {
            more = true;
            break;
          }
          newestFirst.add(new HistoryEntry(entry.message, entry.receipt(now)));
        }
      }
      Collections.reverse(newestFirst);
      return new HistoryPage(newestFirst, more);
    }
  }

  @Override
  public int expire(Instant now) {
    synchronized (lock) {
      requireOpen();
      int count = 0;
      for (NavigableMap<Long, Entry> box : undelivered.values()) {
        List<Entry> due = box.values().stream().filter(entry -> entry.expired(now)).toList();
        for (Entry entry : due) {
          entry.state = StoredState.EXPIRED;
          box.remove(entry.message.id().value());
          count++;
        }
      }
      return count;
    }
  }

  @Override
  public int purge(Instant sentBefore) {
    synchronized (lock) {
      requireOpen();
      List<Entry> old =
          messages.values().stream()
              .filter(entry -> entry.finished() && entry.message.sentAt().isBefore(sentBefore))
              .toList();
      for (Entry entry : old) {
        messages.remove(entry.message.id().value());
        if (entry.key != null) {
          byIdempotencyKey.remove(entry.key);
        }
      }
      return old.size();
    }
  }

  @Override
  public Set<PeerId> deleteInactivePeers(Collection<PeerId> ids, Instant seenBefore) {
    synchronized (lock) {
      requireOpen();
      for (PeerId id : ids) {
        StoredPeer stored = peers.get(id);
        if (stored != null
            && stored.peer().lastSeen().isBefore(seenBefore)
            && undelivered.getOrDefault(id, Collections.emptyNavigableMap()).isEmpty()) {
          peers.remove(id);
          undelivered.remove(id);
        }
      }
      return ids.stream().filter(id -> !peers.containsKey(id)).collect(Collectors.toSet());
    }
  }

  @Override
  public void close() {
    synchronized (lock) {
      closed = true;
    }
  }

  private Batch read(
      PeerId mailbox,
      long after,
      int limit,
      int maxChars,
      Instant now,
      Predicate<Entry> wanted,
      boolean inOrder,
      java.util.function.ToIntFunction<Entry> attempt) {
    NavigableMap<Long, Entry> box =
        undelivered.getOrDefault(mailbox, Collections.emptyNavigableMap());
    List<Delivery> taken = new ArrayList<>();
    int alive = 0;
    int chars = 0;
    boolean full = false;
    for (Entry entry : box.tailMap(after, false).values()) {
      if (entry.expired(now)) {
        continue;
      }
      alive++;
      if (!wanted.test(entry)) {
        full = full || inOrder;
        continue;
      }
      chars += entry.message.text().length();
      full = full || taken.size() >= limit || (chars > maxChars && !taken.isEmpty());
      if (!full) {
        taken.add(new Delivery(entry.message, attempt.applyAsInt(entry)));
      }
    }
    return new Batch(taken, Math.min(alive - taken.size(), Batch.MAX_COUNT));
  }

  private void requireOpen() {
    if (closed) {
      throw new PeersException(ErrorCode.CLOSED, "this store was closed");
    }
  }

  private static final class Entry {
    final Message message;
    final Instant expiresAt;
    final @Nullable List<String> key;
    StoredState state = StoredState.UNDELIVERED;
    int attempts;
    @Nullable Instant offeredAt;
    @Nullable Instant leaseUntil;
    @Nullable Instant deliveredAt;

    Entry(Message message, Instant expiresAt, @Nullable List<String> key) {
      this.message = message;
      this.expiresAt = expiresAt;
      this.key = key;
    }

    boolean leased(Instant now) {
      return leaseUntil != null && leaseUntil.isAfter(now);
    }

    boolean expired(Instant now) {
      return !expiresAt.isAfter(now);
    }

    boolean finished() {
      return state != StoredState.UNDELIVERED;
    }

    Receipt receipt(Instant now) {
      return new Receipt(
          message.id(),
          message.from().id(),
          message.to(),
          state.at(leaseUntil, expiresAt, now),
          message.sentAt(),
          offeredAt,
          attempts,
          deliveredAt,
          expiresAt);
    }
  }
}
