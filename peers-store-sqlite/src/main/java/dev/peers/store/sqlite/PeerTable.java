package dev.peers.store.sqlite;

import dev.peers.Peer;
import dev.peers.PeerId;
import dev.peers.Presence;
import dev.peers.ProcessRef;
import dev.peers.SessionKey;
import dev.peers.Summary;
import dev.peers.Workspace;
import dev.peers.spi.StoredPeer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The SQL of the tables {@code peers} and {@code peer_keys}, without Jdbi: a broker's start needs
 * it.
 */
final class PeerTable {
  private static final String SAVE =
      """
      INSERT INTO peers (id, session_key, name, cwd, git_root, git_common_dir, git_branch, pid,
                         process_start, agent, tty, summary, summary_source, summary_at,
                         registered_at, last_seen, host)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (id) DO UPDATE SET
        session_key = excluded.session_key, name = excluded.name, cwd = excluded.cwd,
        git_root = excluded.git_root, git_common_dir = excluded.git_common_dir,
        git_branch = excluded.git_branch, pid = excluded.pid,
        process_start = excluded.process_start, agent = excluded.agent, tty = excluded.tty,
        summary = excluded.summary, summary_source = excluded.summary_source,
        summary_at = excluded.summary_at, last_seen = excluded.last_seen,
        host = excluded.host
      """;

  private PeerTable() {}

  static int save(Connection connection, StoredPeer stored) throws SQLException {
    Peer peer = stored.peer();
    Workspace workspace = peer.workspace();
    ProcessRef process = peer.process();
    Summary summary = peer.summary();
    execute(
        connection,
        SAVE,
        peer.id().value(),
        stored.sessionKey().value(),
        peer.name(),
        workspace.cwd(),
        workspace.gitRoot(),
        workspace.gitCommonDir(),
        workspace.gitBranch(),
        process == null ? null : process.pid(),
        process == null ? null : millis(process.startInstant()),
        peer.agent(),
        peer.tty(),
        summary == null ? null : summary.text(),
        summary == null ? null : summary.source().name(),
        summary == null ? null : millis(summary.updatedAt()),
        peer.registeredAt().toEpochMilli(),
        peer.lastSeen().toEpochMilli(),
        workspace.host());
    execute(connection, "DELETE FROM peer_keys WHERE peer_id = ?", peer.id().value());
    for (SessionKey key : stored.otherKeys()) {
      execute(
          connection,
          "INSERT OR REPLACE INTO peer_keys (session_key, peer_id) VALUES (?, ?)",
          key.value(),
          peer.id().value());
    }
    return 1;
  }

  static Optional<StoredPeer> find(Connection connection, PeerId id) throws SQLException {
    return findRow(connection, "SELECT * FROM peers WHERE id = ?", id.value());
  }

  private static Optional<StoredPeer> findRow(Connection connection, String sql, String value)
      throws SQLException {
    List<StoredPeer> found = query(connection, sql, PeerTable::read, value);
    return found.isEmpty()
        ? Optional.empty()
        : Optional.of(
            withKeys(
                found.get(0),
                query(
                    connection,
                    "SELECT session_key FROM peer_keys WHERE peer_id = ? ORDER BY rowid",
                    row -> new SessionKey(row.getString(1)),
                    found.get(0).peer().id().value())));
  }

  private static StoredPeer withKeys(StoredPeer peer, List<SessionKey> otherKeys) {
    return new StoredPeer(peer.peer(), peer.sessionKey(), otherKeys, peer.broker());
  }

  static Optional<StoredPeer> find(Connection connection, SessionKey key) throws SQLException {
    Optional<StoredPeer> found =
        findRow(connection, "SELECT * FROM peers WHERE session_key = ?", key.value());
    return found.isPresent()
        ? found
        : findRow(
            connection,
            "SELECT * FROM peers WHERE id = (SELECT peer_id FROM peer_keys WHERE session_key = ?)",
            key.value());
  }

  static List<StoredPeer> all(Connection connection) throws SQLException {
    Map<String, List<SessionKey>> keys = new HashMap<>();
    query(
        connection,
        "SELECT peer_id, session_key FROM peer_keys ORDER BY rowid",
        row ->
            keys.computeIfAbsent(row.getString(1), id -> new ArrayList<>())
                .add(new SessionKey(row.getString(2))));
    return query(
        connection,
        "SELECT * FROM peers ORDER BY rowid",
        row -> {
          StoredPeer peer = read(row);
          List<SessionKey> others = keys.get(peer.peer().id().value());
          return others == null ? peer : withKeys(peer, others);
        });
  }

  /** Removes who is old and has no mail; yields who is not there. */
  static Set<PeerId> forget(Connection connection, Set<PeerId> peers, Instant seenBefore)
      throws SQLException {
    String ids =
        peers.stream().map(id -> '"' + id.value() + '"').collect(Collectors.joining(",", "[", "]"));
    execute(
        connection,
        """
        DELETE FROM peers
        WHERE id IN (SELECT value FROM json_each(?)) AND last_seen < ?
          AND NOT EXISTS (SELECT 1 FROM messages INDEXED BY messages_mailbox
                          WHERE to_id = peers.id AND state < 2)
        """,
        ids,
        seenBefore.toEpochMilli());
    execute(
        connection,
        """
        DELETE FROM peer_keys
        WHERE peer_id IN (SELECT value FROM json_each(?))
          AND NOT EXISTS (SELECT 1 FROM peers WHERE id = peer_id)
        """,
        ids);
    Set<PeerId> gone = new HashSet<>(peers);
    query(
            connection,
            "SELECT id FROM peers WHERE id IN (SELECT value FROM json_each(?))",
            row -> new PeerId(row.getString(1)),
            ids)
        .forEach(gone::remove);
    return gone;
  }

  private static int execute(Connection connection, String sql, @Nullable Object... values)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      bind(statement, values);
      return statement.executeUpdate();
    }
  }

  private static <T> List<T> query(
      Connection connection, String sql, RowReader<T> reader, @Nullable Object... values)
      throws SQLException {
    List<T> found = new ArrayList<>();
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      bind(statement, values);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          found.add(reader.read(row));
        }
      }
    }
    return found;
  }

  private static void bind(PreparedStatement statement, @Nullable Object... values)
      throws SQLException {
    for (int i = 0; i < values.length; i++) {
      statement.setObject(i + 1, values[i]);
    }
  }

  private static StoredPeer read(ResultSet row) throws SQLException {
    Workspace workspace =
        new Workspace(
            row.getString("cwd"),
            row.getString("git_root"),
            row.getString("git_common_dir"),
            row.getString("git_branch"),
            row.getString("host"));
    long pid = row.getLong("pid");
    String summary = row.getString("summary");
    Peer peer =
        Peer.builder(
                new PeerId(row.getString("id")),
                workspace,
                Instant.ofEpochMilli(row.getLong("registered_at")))
            .name(row.getString("name"))
            .process(pid == 0 ? null : new ProcessRef(pid, instant(row, "process_start")))
            .agent(row.getString("agent"))
            .tty(row.getString("tty"))
            .summary(
                summary == null
                    ? null
                    : new Summary(
                        summary,
                        Summary.Source.valueOf(row.getString("summary_source")),
                        Instant.ofEpochMilli(row.getLong("summary_at"))))
            .presence(Presence.AWAY)
            .lastSeen(Instant.ofEpochMilli(row.getLong("last_seen")))
            .build();
    return new StoredPeer(peer, new SessionKey(row.getString("session_key")));
  }

  static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
    long millis = row.getLong(column);
    return row.wasNull() ? null : Instant.ofEpochMilli(millis);
  }

  private static @Nullable Long millis(@Nullable Instant instant) {
    return instant == null ? null : instant.toEpochMilli();
  }

  private interface RowReader<T> {
    T read(ResultSet row) throws SQLException;
  }
}
