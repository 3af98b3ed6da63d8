package dev.peers.store.postgres;

import dev.peers.Batch;
import dev.peers.Delivery;
import dev.peers.HistoryEntry;
import dev.peers.HistoryPage;
import dev.peers.HistoryQuery;
import dev.peers.Message;
import dev.peers.MessageId;
import dev.peers.MessageState;
import dev.peers.PeerId;
import dev.peers.Receipt;
import dev.peers.ReceiveRequest;
import dev.peers.Sender;
import dev.peers.spi.StoredState;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.result.ResultIterator;
import org.jdbi.v3.core.statement.Query;

/** The SQL of the table {@code messages}, but for appending to it. */
final class MessageTable {
  /** So many rows are changed in one transaction of the housekeeping. */
  static final int SOME = 1_000;

  private static final int UNDELIVERED = 0;
  private static final int DELIVERED = 1;
  private static final int EXPIRED = 2;

  private MessageTable() {}

  /**
   * Takes messages.
   *
   * @param token the same when the call is repeated, so that it finds what it has taken
   */
  static Batch take(
      Handle handle,
      PeerId mailbox,
      ReceiveRequest take,
      Instant now,
      UUID token,
      boolean repeated) {
    Query query =
        handle
            .createQuery(
                """
                SELECT remaining, (message).*
                FROM take(:to, :after, :limit, :chars, :countable, :offered, :now, :until, :token,
                          :repeated)
                """)
            .bind("offered", word(take.policy()))
            .bind("until", now.plus(take.lease()).toEpochMilli())
            .bind("token", token)
            .bind("repeated", repeated);
    return batch(bind(query, mailbox, take.after().id(), take.limit(), take.maxChars(), now), true);
  }

  /** What the database's function calls a policy. */
  private static String word(ReceiveRequest.LeasePolicy policy) {
    return switch (policy) {
      case SKIP_LEASED -> "SKIPPED";
      case STOP_AT_LEASED -> "AWAITED";
      case INCLUDE_LEASED -> "INCLUDED";
    };
  }

  static Batch pending(Handle handle, PeerId mailbox, long after, int limit, Instant now) {
    Query query =
        handle.createQuery(
            """
            SELECT remaining, (message).*
            FROM look(:to, :after, :limit, :chars, :countable, :now)
            """);
    return batch(bind(query, mailbox, after, limit, ReceiveRequest.MAX_CHARS, now), false);
  }

  static void acknowledge(
      Handle handle, PeerId mailbox, Collection<MessageId> messages, Instant now) {
    handle.execute(
        "SELECT acknowledge(?, ?, ?)",
        mailbox.value(),
        messages.stream().mapToLong(MessageId::value).toArray(),
        now.toEpochMilli());
  }

  static Optional<Receipt> receipt(Handle handle, MessageId id, Instant now) {
    return handle
        .createQuery("SELECT * FROM receipts WHERE id = :id")
        .bind("id", id.value())
        .map((row, context) -> receipt(row, now))
        .findOne();
  }

  static Optional<Receipt> receipt(Handle handle, PeerId sender, String key, Instant now) {
    return handle
        .createQuery("SELECT * FROM receipts WHERE from_id = :from AND idempotency_key = :key")
        .bind("from", sender.value())
        .bind("key", NulEscaping.encode(key))
        .map((row, context) -> receipt(row, now))
        .findOne();
  }

  /** The largest id that was ever given. */
  static long lastId(Handle handle) {
    return handle.createQuery("SELECT last_id()").mapTo(long.class).one();
  }

  static HistoryPage history(Handle handle, HistoryQuery query, Instant now) {
    String all =
        """
        SELECT * FROM messages WHERE id > :after AND id < :before ORDER BY id DESC LIMIT :limit
        """;
    // Two walks through two indexes, each as short as the answer.
    String one =
        """
        SELECT * FROM messages WHERE id IN (
          (SELECT id FROM messages WHERE to_id = :peer AND id > :after AND id < :before
           ORDER BY id DESC LIMIT :limit)
          UNION
          (SELECT id FROM messages WHERE from_id = :peer AND id > :after AND id < :before
           ORDER BY id DESC LIMIT :limit))
        ORDER BY id DESC LIMIT :limit
        """;
    PeerId peer = query.peer();
    Instant since = query.since();
    // What has no room is not sent.
    Query select =
        handle.createQuery(
            """
            SELECT * FROM (
              SELECT newest.*, count(*) OVER () AS found,
                     row_number() OVER (ORDER BY id DESC) AS place,
                     sum(chars) OVER (ORDER BY id DESC) AS total
              FROM (%s) AS newest WHERE sent_at >= :since) AS counted
            WHERE place = 1 OR total <= :chars
            ORDER BY id
            """
                .formatted(peer == null ? all : one));
    if (peer != null) {
      select.bind("peer", peer.value());
    }
    List<HistoryEntry> entries = new ArrayList<>();
    long found = 0;
    try (ResultIterator<Found> rows =
        select
            .bind("after", query.after().id())
            .bind("before", query.before() == 0 ? Long.MAX_VALUE : query.before())
            .bind("limit", query.limit())
            .bind("chars", query.maxChars())
            .bind("since", since == null ? Long.MIN_VALUE : ceilingMillis(since))
            .map(
                (row, context) ->
                    new Found(
                        new HistoryEntry(message(row), receipt(row, now)), row.getLong("found")))
            .iterator()) {
      while (rows.hasNext()) {
        Found row = rows.next();
        entries.add(row.entry());
        found = row.of();
      }
    }
    return new HistoryPage(entries, entries.size() < found);
  }

  /** Who is just being offered or delivered is passed over; so nobody waits for another here. */
  static int expireSome(Handle handle, Instant now) {
    return handle
        .createUpdate(
            """
            UPDATE messages SET state = %d
            WHERE id = ANY (ARRAY (
              SELECT id FROM messages
              WHERE state = 0 AND delivered_at IS NULL AND expires_at <= :now
              LIMIT :some FOR UPDATE SKIP LOCKED))
            """
                .formatted(EXPIRED))
        .bind("now", now.toEpochMilli())
        .bind("some", SOME)
        .execute();
  }

  static int purgeSome(Handle handle, Instant sentBefore) {
    return handle
        .createUpdate(
            """
            DELETE FROM messages
            WHERE id = ANY (ARRAY (
              SELECT id FROM messages WHERE state > 0 AND sent_at < :before
              LIMIT :some FOR UPDATE SKIP LOCKED))
            """)
        .bind("before", sentBefore.toEpochMilli())
        .bind("some", SOME)
        .execute();
  }

  private static Query bind(
      Query query, PeerId mailbox, long after, int limit, int chars, Instant now) {
    return query
        .bind("to", mailbox.value())
        .bind("after", after)
        .bind("limit", limit)
        .bind("chars", chars)
        .bind("countable", Batch.MAX_COUNT)
        .bind("now", now.toEpochMilli());
  }

  private static Batch batch(Query query, boolean offered) {
    List<Delivery> deliveries = new ArrayList<>();
    int remaining = 0;
    try (ResultIterator<Row> rows = query.map((row, context) -> row(row)).iterator()) {
      while (rows.hasNext()) {
        Row row = rows.next();
        remaining = Math.max(0, row.remaining());
        row.message().ifPresent(m -> deliveries.add(new Delivery(m, offered ? row.attempts() : 0)));
      }
    }
    return new Batch(deliveries, remaining);
  }

  private static Row row(ResultSet row) throws SQLException {
    int remaining = row.getInt("remaining");
    return row.getLong("id") == 0
        ? new Row(Optional.empty(), 0, remaining)
        : new Row(Optional.of(message(row)), row.getInt("attempts"), remaining);
  }

  private static Message message(ResultSet row) throws SQLException {
    long inReplyTo = row.getLong("in_reply_to");
    return new Message(
        new MessageId(row.getLong("id")),
        new Sender(
            new PeerId(row.getString("from_id")),
            NulEscaping.decode(row.getString("from_name")),
            NulEscaping.decode(row.getString("from_project")),
            NulEscaping.decode(row.getString("from_cwd")),
            NulEscaping.decodeOrNull(row.getString("from_summary"))),
        new PeerId(row.getString("to_id")),
        NulEscaping.decode(row.getString("text")),
        Instant.ofEpochMilli(row.getLong("sent_at")),
        inReplyTo == 0 ? null : new MessageId(inReplyTo));
  }

  static Receipt receipt(ResultSet row, Instant now) throws SQLException {
    Instant expiresAt = Instant.ofEpochMilli(row.getLong("expires_at"));
    StoredState stored =
        switch (row.getInt("state")) {
          case DELIVERED -> StoredState.DELIVERED;
          case EXPIRED -> StoredState.EXPIRED;
          case UNDELIVERED -> StoredState.UNDELIVERED;
          default -> throw new SQLException("unknown state " + row.getInt("state"));
        };
    Instant leaseUntil = Instant.ofEpochMilli(row.getLong("lease_until"));
    MessageState state = stored.at(leaseUntil, expiresAt, now);
    return new Receipt(
        new MessageId(row.getLong("id")),
        new PeerId(row.getString("from_id")),
        new PeerId(row.getString("to_id")),
        state,
        Instant.ofEpochMilli(row.getLong("sent_at")),
        PeerTable.instant(row, "offered_at"),
        row.getInt("attempts"),
        PeerTable.instant(row, "delivered_at"),
        expiresAt);
  }

  private static long ceilingMillis(Instant instant) {
    long millis = instant.toEpochMilli();
    return Instant.ofEpochMilli(millis).isBefore(instant) ? millis + 1 : millis;
  }

  private record Found(HistoryEntry entry, long of) {}

  /** What a look at a mailbox yields; without a message where there is none. */
  private record Row(Optional<Message> message, int attempts, int remaining) {}
}
