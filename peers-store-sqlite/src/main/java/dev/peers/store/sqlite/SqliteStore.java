package dev.peers.store.sqlite;

import dev.peers.Batch;
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
import java.util.Set;
import java.util.concurrent.CompletionStage;

/** The store: reads on its own connections, writes through the one writer. */
final class SqliteStore implements BrokerStore {
  private final SqliteDatabase database;
  private final GroupCommitWriter writer;
  private final ReadConnections readers;
  private final UnwrittenOffers unwritten = new UnwrittenOffers();

  SqliteStore(SqliteDatabase database) {
    this.database = database;
    readers = new ReadConnections(database);
    writer = new GroupCommitWriter(database, readers::reopen);
  }

  @Override
  public String identity() {
    return database.identity();
  }

  @Override
  public long lastId() {
    return readers.read(MessageTable::lastId);
  }

  @Override
  public void save(StoredPeer peer) {
    writer.write(connection -> PeerTable.save(connection.bare(), peer));
  }

  @Override
  public Optional<StoredPeer> findPeer(PeerId id) {
    return readers.read(connection -> PeerTable.find(connection.bare(), id));
  }

  @Override
  public Optional<StoredPeer> findPeer(SessionKey key) {
    return readers.read(connection -> PeerTable.find(connection.bare(), key));
  }

  @Override
  public List<StoredPeer> peers() {
    return readers.read(connection -> PeerTable.all(connection.bare()));
  }

  @Override
  public Receipt append(NewMessage message) {
    return writer.write(connection -> MessageTable.append(connection, message));
  }

  @Override
  public CompletionStage<Receipt> appendAsync(NewMessage message) {
    return writer.submit(connection -> MessageTable.append(connection, message));
  }

  @Override
  public Batch receive(PeerId mailbox, ReceiveRequest take, Instant now) {
    // Most looks find nothing; they shall not cost a write.
    if (!readers.read(
        connection -> MessageTable.hasMail(connection, mailbox, take.after().id(), now))) {
      return Batch.EMPTY;
    }
    Batch taken;
    try {
      // An offer that is forgotten is made again, as it is when it stays without a proof.
      taken = writer.writeLazily(connection -> MessageTable.take(connection, mailbox, take, now));
    } catch (PeersException e) {
      if (!SqliteDatabase.isUnwritable(e)) {
        throw e;
      }
      return readers.read(
          connection -> MessageTable.takeUnwritten(connection, mailbox, take, now, unwritten));
    }
    unwritten.clear();
    return taken;
  }

  @Override
  public Batch peek(PeerId mailbox, long after, int limit, Instant now) {
    return readers.read(connection -> MessageTable.pending(connection, mailbox, after, limit, now));
  }

  @Override
  public void acknowledge(PeerId mailbox, Collection<MessageId> messages, Instant now) {
    List<MessageId> copy = List.copyOf(messages);
    writer.write(connection -> MessageTable.acknowledge(connection.handle(), mailbox, copy, now));
  }

  @Override
  public Optional<Receipt> receipt(MessageId id, Instant now) {
    return readers.read(connection -> MessageTable.receipt(connection.handle(), id, now));
  }

  @Override
  public Optional<Receipt> receipt(PeerId sender, String idempotencyKey, Instant now) {
    return readers.read(
        connection -> MessageTable.receipt(connection.handle(), sender, idempotencyKey, now));
  }

  @Override
  public HistoryPage history(HistoryQuery query, Instant now) {
    return readers.read(connection -> MessageTable.history(connection.handle(), query, now));
  }

  @Override
  public int expire(Instant now) {
    // Most looks find nothing; they shall not hold up the writer.
    if (!readers.read(connection -> MessageTable.hasExpired(connection.handle(), now))) {
      return 0;
    }
    return writer.write(connection -> MessageTable.expire(connection.handle(), now));
  }

  @Override
  public int purge(Instant sentBefore) {
    int all = 0;
    int some;
    do {
      some = writer.write(connection -> MessageTable.purgeSome(connection.handle(), sentBefore));
      all += some;
    } while (some > 0);
    return all;
  }

  @Override
  public Set<PeerId> deleteInactivePeers(Collection<PeerId> peers, Instant seenBefore) {
    Set<PeerId> copy = Set.copyOf(peers);
    return writer.write(connection -> PeerTable.forget(connection.bare(), copy, seenBefore));
  }

  @Override
  public void close() {
    // The writer may open the readers again.
    writer.close();
    readers.close();
    database.close();
  }
}
