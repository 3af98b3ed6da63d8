package dev.peers.store.sqlite;

import dev.peers.MessageId;
import dev.peers.spi.NewMessage;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;

/**
 * The statement that every send goes through, prepared once: with Jdbi's own way, which prepares
 * each time anew, the writer would be busy four times as long. For the writer's thread alone;
 * closed with its connection.
 */
final class MessageInsert {
  private final Connection connection;
  private final PreparedStatement statement;

  MessageInsert(Connection connection) throws SQLException {
    this.connection = connection;
    this.statement =
        connection.prepareStatement(
            """
            INSERT INTO messages (id, to_id, from_id, from_name, from_project, from_cwd,
                                  from_summary, text, in_reply_to, idempotency_key, sent_at,
                                  expires_at)
            VALUES (1 + max(coalesce((SELECT max(id) FROM messages), 0),
                            (SELECT up_to FROM purged)),
                    ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            RETURNING id
            """);
  }

  /** Whether it belongs to a connection. */
  boolean isOf(Connection other) {
    return connection.equals(other);
  }

  MessageId insert(NewMessage message) throws SQLException {
    MessageId inReplyTo = message.inReplyTo();
    statement.setString(1, message.to().value());
    statement.setString(2, message.from().id().value());
    statement.setString(3, message.from().name());
    statement.setString(4, message.from().project());
    statement.setString(5, message.from().cwd());
    statement.setString(6, message.from().summary());
    statement.setString(7, message.text());
    if (inReplyTo == null) {
      statement.setNull(8, Types.INTEGER);
    } else {
      statement.setLong(8, inReplyTo.value());
    }
    statement.setString(9, message.idempotencyKey());
    statement.setLong(10, message.sentAt().toEpochMilli());
    statement.setLong(11, message.expiresAt().toEpochMilli());
    try (ResultSet row = statement.executeQuery()) {
      row.next();
      return new MessageId(row.getLong(1));
    }
  }
}
