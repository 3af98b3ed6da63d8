package dev.peers.store.postgres;

import dev.peers.MessageId;
import dev.peers.Receipt;
import dev.peers.spi.NewMessage;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jdbi.v3.core.ConnectionException;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** Appends messages in one round trip, which is one transaction. */
final class MessageAppend {
  private static final String SQL =
      "SELECT * FROM append(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

  private MessageAppend() {}

  /**
   * A message as it is to be written.
   *
   * @param message what to append
   * @param key what tells it from all others of its sender, so that it is never stored twice
   */
  record Entry(NewMessage message, String key) {
    int chars() {
      return message.text().length();
    }
  }

  /** Yields a receipt for each of them. */
  static List<Receipt> append(Handle handle, List<Entry> entries, ChangeNotification notice) {
    Connection connection = handle.getConnection();
    try (PreparedStatement statement = connection.prepareStatement(SQL)) {
      statement.setString(1, notice.channel());
      statement.setString(2, notice.broker());
      Columns columns = new Columns(connection, statement, entries);
      columns.texts(3, m -> m.to().value());
      columns.texts(4, m -> m.from().id().value());
      columns.texts(5, m -> NulEscaping.encode(m.from().name()));
      columns.texts(6, m -> NulEscaping.encode(m.from().project()));
      columns.texts(7, m -> NulEscaping.encode(m.from().cwd()));
      columns.texts(8, m -> NulEscaping.encodeOrNull(m.from().summary()));
      columns.texts(9, m -> NulEscaping.encode(m.text()));
      columns.set(10, "int4", entry -> entry.chars());
      columns.set(11, "int8", entry -> value(entry.message().inReplyTo()));
      columns.set(12, "text", Entry::key);
      columns.set(13, "int8", entry -> entry.message().sentAt().toEpochMilli());
      columns.set(14, "int8", entry -> entry.message().expiresAt().toEpochMilli());
      List<Receipt> receipts = new ArrayList<>(entries.size());
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          NewMessage message = entries.get(receipts.size()).message();
          receipts.add(MessageTable.receipt(rows, message.sentAt()));
        }
      }
      return receipts;
    } catch (SQLException e) {
      throw new ConnectionException(e);
    }
  }

  private static @Nullable Long value(@Nullable MessageId id) {
    return id == null ? null : id.value();
  }

  /** Each column of the entries is one parameter. */
  private record Columns(Connection connection, PreparedStatement statement, List<Entry> entries) {
    void texts(int index, Function<NewMessage, @Nullable String> value) throws SQLException {
      set(index, "text", entry -> value.apply(entry.message()));
    }

    void set(int index, String type, Function<Entry, @Nullable Object> value) throws SQLException {
      Object[] values = entries.stream().map(value).toArray();
      statement.setArray(index, connection.createArrayOf(type, values));
    }
  }
}
