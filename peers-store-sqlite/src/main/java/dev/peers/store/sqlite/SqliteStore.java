package dev.peers.store.sqlite;

import dev.peers.Batch;
import dev.peers.HistoryEntry;
import dev.peers.HistoryQuery;
import dev.peers.MessageId;
import dev.peers.PeerId;
import dev.peers.Receipt;
import dev.peers.SessionKey;
import dev.peers.Take;
import dev.peers.spi.BrokerStore;
import dev.peers.spi.NewMessage;
import dev.peers.spi.StoredPeer;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** The store: reads on its own connections, writes through the one writer. */
final class SqliteStore implements BrokerStore {
  private final GroupCommitWriter writer;
  private final Readers readers;
  // The writer's thread alone.
  private @Nullable MessageInsert insert;

  SqliteStore(SqliteDatabase database) {
    readers = new Readers(database);
    writer = new GroupCommitWriter(database, readers::reopen);
  }

  @Override
  public void save(StoredPeer peer) {
    writer.write(
        handle -> {
          PeerTable.save(handle, peer);
          return null;
        });
  }

  @Override
  public Optional<StoredPeer> findPeer(PeerId id) {
    return readers.read(handle -> PeerTable.find(handle, id));
  }

  @Override
  public Optional<StoredPeer> findPeer(SessionKey key) {
    return readers.read(handle -> PeerTable.find(handle, key));
  }

  @Override
  public List<StoredPeer> peers() {
    return readers.read(PeerTable::all);
  }

  @Override
  public Receipt append(NewMessage message) {
    return writer.write(handle -> MessageTable.append(handle, insertOn(handle), message));
  }

  @Override
  public CompletionStage<Receipt> appendAsync(NewMessage message) {
    return writer.submit(handle -> MessageTable.append(handle, insertOn(handle), message));
  }

  private MessageInsert insertOn(Handle handle) {
    MessageInsert present = insert;
    if (present == null || !present.isOf(handle)) {
      present = new MessageInsert(handle);
      insert = present;
    }
    return present;
  }

  @Override
  public Batch take(PeerId mailbox, Take take, Instant now) {
    // Most looks find nothing; they shall not cost a write.
    if (!readers.read(handle -> MessageTable.hasMail(handle, mailbox, take.after(), now))) {
      return Batch.EMPTY;
    }
    return writer.write(handle -> MessageTable.take(handle, mailbox, take, now));
  }

  @Override
  public Batch pending(PeerId mailbox, long after, int limit, Instant now) {
    return readers.read(handle -> MessageTable.pending(handle, mailbox, after, limit, now));
  }

  @Override
  public void acknowledge(PeerId mailbox, Collection<MessageId> messages, Instant now) {
    List<MessageId> copy = List.copyOf(messages);
    writer.write(
        handle -> {
          MessageTable.acknowledge(handle, mailbox, copy, now);
          return null;
        });
  }

  @Override
  public Optional<Receipt> receipt(MessageId id, Instant now) {
    return readers.read(handle -> MessageTable.receipt(handle, id, now));
  }

  @Override
  public Optional<Receipt> receipt(PeerId sender, String idempotencyKey, Instant now) {
    return readers.read(handle -> MessageTable.receipt(handle, sender, idempotencyKey, now));
  }

  @Override
  public List<HistoryEntry> history(HistoryQuery query, Instant now) {
    return readers.read(handle -> MessageTable.history(handle, query, now));
  }

  @Override
  public int expire(Instant now) {
    return writer.write(handle -> MessageTable.expire(handle, now));
  }

  @Override
  public int purge(Instant sentBefore) {
    int all = 0;
    int some;
    do {
      some = writer.write(handle -> MessageTable.purgeSome(handle, sentBefore));
      all += some;
    } while (some > 0);
    return all;
  }

  @Override
  public Set<PeerId> forget(Collection<PeerId> peers, Instant seenBefore) {
    Set<PeerId> copy = Set.copyOf(peers);
    return writer.write(handle -> PeerTable.forget(handle, copy, seenBefore));
  }

  @Override
  public void close() {
    // The writer may open the readers again.
    writer.close();
    readers.close();
  }
}
