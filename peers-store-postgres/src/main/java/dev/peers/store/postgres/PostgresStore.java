package dev.peers.store.postgres;

import dev.peers.Batch;
import dev.peers.HistoryPage;
import dev.peers.HistoryQuery;
import dev.peers.MessageId;
import dev.peers.PeerId;
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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.ToIntFunction;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;

/**
 * The store. Each method is one transaction, and one that has the same outcome when it is repeated:
 * that is what makes trying again safe.
 */
final class PostgresStore implements SharedStore {
  private static final System.Logger LOG = System.getLogger(PostgresStore.class.getName());

  private final PostgresDatabase database;
  private final String identity;
  private final ChangeNotification notice;
  private final ServerClock clock;
  private final GroupCommitWriter writer;
  private final ChangeListener listener;

  private PostgresStore(
      PostgresDatabase database,
      String identity,
      ChangeNotification notice,
      ServerClock clock,
      ChangeListener listener) {
    this.database = database;
    this.identity = identity;
    this.notice = notice;
    this.clock = clock;
    this.listener = listener;
    this.writer = new GroupCommitWriter(database, notice);
  }

  static PostgresStore open(PostgresSettings settings) {
    PostgresDatabase database = PostgresDatabase.open(settings);
    try {
      ChangeNotification notice =
          ChangeNotification.of(settings.schema(), UUID.randomUUID().toString());
      ServerClock clock = new ServerClock();
      String identity =
          database.run(
              handle -> {
                Migrations.apply(handle, settings.schema());
                clock.synchronize(handle);
                return handle.createQuery("SELECT store_identity()").mapTo(String.class).one();
              });
      ChangeListener listener = database.retry(() -> ChangeListener.start(database, notice));
      return new PostgresStore(database, identity, notice, clock, listener);
    } catch (RuntimeException e) {
      database.close();
      throw e;
    }
  }

  @Override
  public String identity() {
    return identity;
  }

  @Override
  public long lastId() {
    return database.run(MessageTable::lastId);
  }

  @Override
  public String brokerId() {
    return notice.broker();
  }

  @Override
  public InstantSource clock() {
    return clock;
  }

  @Override
  public void save(StoredPeer peer) {
    run(handle -> PeerTable.save(handle, peer, notice));
  }

  @Override
  public boolean add(StoredPeer peer) {
    UUID token = UUID.randomUUID();
    return database.run(handle -> PeerTable.add(handle, peer, token, notice));
  }

  @Override
  public Optional<StoredPeer> findPeer(PeerId id) {
    return database.run(handle -> PeerTable.find(handle, id));
  }

  @Override
  public Optional<StoredPeer> findPeer(SessionKey key) {
    return database.run(handle -> PeerTable.find(handle, key));
  }

  @Override
  public List<StoredPeer> peers() {
    return database.run(PeerTable::all);
  }

  @Override
  public Receipt append(NewMessage message) {
    return writer.append(message);
  }

  @Override
  public CompletionStage<Receipt> appendAsync(NewMessage message) {
    return writer.appendAsync(message);
  }

  @Override
  public Batch receive(PeerId mailbox, ReceiveRequest take, Instant now) {
    UUID token = UUID.randomUUID();
    return database.run(
        (handle, repeated) -> MessageTable.take(handle, mailbox, take, now, token, repeated));
  }

  @Override
  public Batch peek(PeerId mailbox, long after, int limit, Instant now) {
    return database.run(handle -> MessageTable.pending(handle, mailbox, after, limit, now));
  }

  @Override
  public void acknowledge(PeerId mailbox, Collection<MessageId> messages, Instant now) {
    List<MessageId> copy = List.copyOf(messages);
    run(handle -> MessageTable.acknowledge(handle, mailbox, copy, now));
  }

  @Override
  public Optional<Receipt> receipt(MessageId id, Instant now) {
    return database.run(handle -> MessageTable.receipt(handle, id, now));
  }

  @Override
  public Optional<Receipt> receipt(PeerId sender, String idempotencyKey, Instant now) {
    return database.run(handle -> MessageTable.receipt(handle, sender, idempotencyKey, now));
  }

  @Override
  public HistoryPage history(HistoryQuery query, Instant now) {
    return database.run(handle -> MessageTable.history(handle, query, now));
  }

  @Override
  public int expire(Instant now) {
    return inParts(handle -> MessageTable.expireSome(handle, now));
  }

  @Override
  public int purge(Instant sentBefore) {
    return inParts(handle -> MessageTable.purgeSome(handle, sentBefore));
  }

  @Override
  public Set<PeerId> deleteInactivePeers(Collection<PeerId> peers, Instant seenBefore) {
    Set<PeerId> copy = Set.copyOf(peers);
    return database.run(handle -> handle.inTransaction(h -> PeerTable.forget(h, copy, seenBefore)));
  }

  @Override
  public Map<String, Instant> renewLease(Duration lease) {
    return database.run(
        handle -> {
          clock.synchronize(handle);
          return BrokerTable.renew(handle, notice.broker(), lease);
        });
  }

  @Override
  public StoreChanges awaitChanges(Duration atMost) throws InterruptedException {
    return listener.await(atMost);
  }

  @Override
  public void close() {
    writer.close();
    listener.close();
    try {
      // Once only: the lease ends by itself.
      database.runOnce(handle -> BrokerTable.leave(handle, notice.broker()));
    } catch (JdbiException e) {
      LOG.log(System.Logger.Level.DEBUG, "the broker could not be struck off the list", e);
    }
    database.close();
  }

  /** No transaction is long, and no row is locked for long. */
  private int inParts(ToIntFunction<Handle> part) {
    int all = 0;
    int some;
    do {
      some = database.run(part::applyAsInt);
      all += some;
    } while (some == MessageTable.SOME);
    return all;
  }

  private void run(Consumer<Handle> work) {
    database.run(
        handle -> {
          work.accept(handle);
          return true;
        });
  }
}
