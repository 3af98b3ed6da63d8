package dev.peers.store.sqlite;

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
import dev.peers.spi.NewMessage;
import dev.peers.spi.StoredState;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.result.ResultIterator;
import org.jdbi.v3.core.statement.Query;

/** The SQL of the table {@code messages}. */
final class MessageTable {
  private static final int UNDELIVERED = 0;
  private static final int DELIVERED = 2;
  private static final int EXPIRED = 3;

  // The index has the undelivered alone, however long the history; the planner does not know that.
  private static final String IN_MAILBOX =
      " FROM messages INDEXED BY messages_mailbox WHERE to_id = :to AND state < 2 AND id > :after AND expires_at > :now";

  // Nothing is written where the sender has used the key before.
  private static final String INSERT =
      """
      INSERT INTO messages (id, to_id, from_id, from_name, from_project, from_cwd, from_summary,
                            text, in_reply_to, idempotency_key, sent_at, expires_at)
      VALUES (1 + max(coalesce((SELECT max(id) FROM messages), 0), (SELECT up_to FROM purged)),
              ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (from_id, idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING
      RETURNING id
      """;

  private static final String LEASE =
      """
      UPDATE messages SET attempts = attempts + 1, offered_at = :now, lease_until = :lease
      WHERE id IN (SELECT value FROM json_each(:ids))
      """;

  private static final String EXPIRING =
      " FROM messages INDEXED BY messages_mailbox WHERE state < 2 AND expires_at <= :now";

  private MessageTable() {}

  static Receipt append(StoreConnection connection, NewMessage message) throws SQLException {
    Sender from = message.from();
    MessageId inReplyTo = message.inReplyTo();
    PreparedStatement insert = connection.prepared(INSERT);
    insert.setString(1, message.to().value());
    insert.setString(2, from.id().value());
    insert.setString(3, from.name());
    insert.setString(4, from.project());
    insert.setString(5, from.cwd());
    insert.setString(6, from.summary());
    insert.setString(7, message.text());
    if (inReplyTo == null) {
      insert.setNull(8, Types.INTEGER);
    } else {
      insert.setLong(8, inReplyTo.value());
    }
    insert.setString(9, message.idempotencyKey());
    insert.setLong(10, message.sentAt().toEpochMilli());
    insert.setLong(11, message.expiresAt().toEpochMilli());
    try (ResultSet row = insert.executeQuery()) {
      if (row.next()) {
        return new Receipt(
            new MessageId(row.getLong(1)),
            from.id(),
            message.to(),
            MessageState.QUEUED,
            message.sentAt(),
            null,
            0,
            null,
            message.expiresAt());
      }
    }
    String key = Objects.requireNonNull(message.idempotencyKey(), "nothing else is in the way");
    return receipt(connection.handle(), from.id(), key, message.sentAt()).orElseThrow();
  }

  static Batch take(StoreConnection connection, PeerId mailbox, ReceiveRequest take, Instant now)
      throws SQLException {
    String leases =
        take.policy() == ReceiveRequest.LeasePolicy.SKIP_LEASED ? " AND lease_until <= :now" : "";
    boolean toFirstLease = take.policy() == ReceiveRequest.LeasePolicy.STOP_AT_LEASED;
    List<Delivery> taken = new ArrayList<>();
    for (Row row :
        read(connection, mailbox, take.after().id(), take.limit(), take.maxChars(), now, leases)) {
      if (toFirstLease && row.leased()) {
        break;
      }
      taken.add(new Delivery(row.message(), row.attempts() + 1));
    }
    if (!taken.isEmpty()) {
      PreparedStatement lease = connection.prepared(LEASE);
      lease.setLong(1, now.toEpochMilli());
      lease.setLong(2, now.plus(take.lease()).toEpochMilli());
      lease.setString(3, json(taken.stream().map(d -> d.message().id()).toList()));
      lease.executeUpdate();
    }
    return new Batch(taken, remaining(connection, mailbox, take.after().id(), taken.size(), now));
  }

  /** The same where nothing can be written. */
  static Batch takeUnwritten(
      StoreConnection connection,
      PeerId mailbox,
      ReceiveRequest take,
      Instant now,
      UnwrittenOffers offers)
      throws SQLException {
    long after = take.after().id();
    List<Row> waiting =
        read(
            connection,
            mailbox,
            after,
            ReceiveRequest.MAX_LIMIT,
            ReceiveRequest.MAX_CHARS,
            now,
            "");
    List<Delivery> taken = offers.offer(waiting, take, now);
    return new Batch(taken, remaining(connection, mailbox, after, taken.size(), now));
  }

  static Batch pending(
      StoreConnection connection, PeerId mailbox, long after, int limit, Instant now)
      throws SQLException {
    List<Delivery> seen = new ArrayList<>();
    if (limit > 0) {
      for (Row row : read(connection, mailbox, after, limit, ReceiveRequest.MAX_CHARS, now, "")) {
        seen.add(new Delivery(row.message(), 0));
      }
    }
    return new Batch(seen, remaining(connection, mailbox, after, seen.size(), now));
  }

  static boolean hasMail(StoreConnection connection, PeerId mailbox, long after, Instant now)
      throws SQLException {
    return count(connection, mailbox, after, now, 1) > 0;
  }

  static int acknowledge(
      Handle handle, PeerId mailbox, Collection<MessageId> messages, Instant now) {
    return handle
        .createUpdate(
            """
            UPDATE messages SET state = %d, delivered_at = :now
            WHERE id IN (SELECT value FROM json_each(:ids)) AND to_id = :to AND state < 2
            """
                .formatted(DELIVERED))
        .bind("now", now.toEpochMilli())
        .bind("ids", json(messages))
        .bind("to", mailbox.value())
        .execute();
  }

  static Optional<Receipt> receipt(Handle handle, MessageId id, Instant now) {
    return handle
        .createQuery("SELECT * FROM messages WHERE id = :id")
        .bind("id", id.value())
        .map((row, context) -> receipt(row, now))
        .findOne();
  }

  static Optional<Receipt> receipt(Handle handle, PeerId sender, String key, Instant now) {
    return handle
        .createQuery("SELECT * FROM messages WHERE from_id = :from AND idempotency_key = :key")
        .bind("from", sender.value())
        .bind("key", key)
        .map((row, context) -> receipt(row, now))
        .findOne();
  }

  /** The largest id that was ever given. */
  static long lastId(StoreConnection connection) throws SQLException {
    try (ResultSet row =
        connection
            .prepared(
                "SELECT max(coalesce((SELECT max(id) FROM messages), 0), (SELECT up_to FROM purged))")
            .executeQuery()) {
      return row.getLong(1);
    }
  }

  static HistoryPage history(Handle handle, HistoryQuery query, Instant now) {
    String between = " id > :after AND id < :before";
    String all = "SELECT * FROM messages WHERE" + between + " ORDER BY id DESC LIMIT :limit";
    // Three walks through three indexes, each as short as the answer.
    String one =
        """
        SELECT * FROM messages WHERE id IN (
          SELECT id FROM (SELECT id FROM messages INDEXED BY messages_mailbox
                          WHERE to_id = :peer AND state < 2 AND id > :after AND id < :before
                          ORDER BY id DESC LIMIT :limit)
          UNION
          SELECT id FROM (SELECT id FROM messages INDEXED BY messages_received
                          WHERE to_id = :peer AND state >= 2 AND id > :after AND id < :before
                          ORDER BY id DESC LIMIT :limit)
          UNION
          SELECT id FROM (SELECT id FROM messages
                          WHERE from_id = :peer AND id > :after AND id < :before
                          ORDER BY id DESC LIMIT :limit))
        ORDER BY id DESC LIMIT :limit
        """;
    PeerId peer = query.peer();
    Query select = handle.createQuery(peer == null ? all : one);
    if (peer != null) {
      select.bind("peer", peer.value());
    }
    Instant since = query.since();
    List<HistoryEntry> newestFirst = new ArrayList<>();
    int chars = 0;
    boolean more = false;
    // Row by row: those beyond the text that is wanted are never read.
    try (ResultIterator<HistoryEntry> found =
        select
            .bind("after", query.after().id())
            .bind("before", query.before() == 0 ? Long.MAX_VALUE : query.before())
            .bind("limit", query.limit())
            .map((row, context) -> new HistoryEntry(message(row), receipt(row, now)))
            .iterator()) {
      while (found.hasNext()) {
        HistoryEntry entry = found.next();
        if (since != null && entry.message().sentAt().isBefore(since)) {
          break;
        }
        chars += entry.message().text().length();
        if (chars > query.maxChars() && !newestFirst.isEmpty()) {
          more = true;
          break;
        }
        newestFirst.add(entry);
      }
    }
    Collections.reverse(newestFirst);
    return new HistoryPage(newestFirst, more);
  }

  /** Looks at all mailboxes, and into no row. */
  static boolean hasExpired(Handle handle, Instant now) {
    return handle
        .createQuery("SELECT EXISTS (SELECT 1" + EXPIRING + ")")
        .bind("now", now.toEpochMilli())
        .mapTo(Boolean.class)
        .one();
  }

  static int expire(Handle handle, Instant now) {
    return handle
        .createUpdate(
            "UPDATE messages SET state = %d WHERE id IN (SELECT id%s)".formatted(EXPIRED, EXPIRING))
        .bind("now", now.toEpochMilli())
        .execute();
  }

  /** Removes some of what is old, so that no transaction is long; 0 when nothing is left. */
  static int purgeSome(Handle handle, Instant sentBefore) {
    // Whichever go, their ids are not given again.
    handle.execute(
        """
        UPDATE purged SET up_to = (SELECT max(id) FROM messages)
        WHERE up_to < (SELECT max(id) FROM messages)
        """);
    return handle
        .createUpdate(
            """
            DELETE FROM messages WHERE id IN
              (SELECT id FROM messages WHERE state >= 2 AND sent_at < :before LIMIT 1000)
            """)
        .bind("before", sentBefore.toEpochMilli())
        .execute();
  }

  private static List<Row> read(
      StoreConnection connection,
      PeerId mailbox,
      long after,
      int limit,
      int maxChars,
      Instant now,
      String condition)
      throws SQLException {
    PreparedStatement select =
        connection.prepared("SELECT *" + IN_MAILBOX + condition + " ORDER BY id LIMIT :limit");
    select.setString(1, mailbox.value());
    select.setLong(2, after);
    select.setLong(3, now.toEpochMilli());
    select.setInt(4, limit);
    List<Row> rows = new ArrayList<>();
    int chars = 0;
    try (ResultSet found = select.executeQuery()) {
      while (found.next()) {
        Message message = message(found);
        chars += message.text().length();
        if (chars > maxChars && !rows.isEmpty()) {
          break;
        }
        rows.add(
            new Row(
                message,
                found.getInt("attempts"),
                found.getLong("lease_until") > now.toEpochMilli()));
      }
    }
    return rows;
  }

  /** Counts in the index alone, and not further than a batch tells. */
  private static int remaining(
      StoreConnection connection, PeerId mailbox, long after, int taken, Instant now)
      throws SQLException {
    return Math.max(0, count(connection, mailbox, after, now, Batch.MAX_COUNT + taken) - taken);
  }

  private static int count(
      StoreConnection connection, PeerId mailbox, long after, Instant now, int most)
      throws SQLException {
    PreparedStatement count =
        connection.prepared("SELECT count(*) FROM (SELECT 1" + IN_MAILBOX + " LIMIT :most)");
    count.setString(1, mailbox.value());
    count.setLong(2, after);
    count.setLong(3, now.toEpochMilli());
    count.setInt(4, most);
    try (ResultSet row = count.executeQuery()) {
      return row.getInt(1);
    }
  }

  private static Message message(ResultSet row) throws SQLException {
    long inReplyTo = row.getLong("in_reply_to");
    return new Message(
        new MessageId(row.getLong("id")),
        new Sender(
            new PeerId(row.getString("from_id")),
            row.getString("from_name"),
            row.getString("from_project"),
            row.getString("from_cwd"),
            row.getString("from_summary")),
        new PeerId(row.getString("to_id")),
        row.getString("text"),
        Instant.ofEpochMilli(row.getLong("sent_at")),
        inReplyTo == 0 ? null : new MessageId(inReplyTo));
  }

  private static Receipt receipt(ResultSet row, Instant now) throws SQLException {
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

  private static String json(Collection<MessageId> ids) {
    return ids.stream().map(MessageId::toString).collect(Collectors.joining(",", "[", "]"));
  }

  /** What the mailbox has of a message. */
  record Row(Message message, int attempts, boolean leased) {}
}
