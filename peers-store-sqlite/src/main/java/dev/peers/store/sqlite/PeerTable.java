package dev.peers.store.sqlite;

import dev.peers.Peer;
import dev.peers.PeerId;
import dev.peers.Presence;
import dev.peers.ProcessRef;
import dev.peers.SessionKey;
import dev.peers.Summary;
import dev.peers.Workspace;
import dev.peers.spi.StoredPeer;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** The SQL of the table {@code peers}. */
final class PeerTable {
  private static final String SAVE =
      """
      INSERT INTO peers (id, session_key, name, cwd, git_root, git_common_dir, git_branch, pid,
                         process_start, agent, tty, summary, summary_source, summary_at,
                         registered_at, last_seen, host)
      VALUES (:id, :key, :name, :cwd, :root, :common, :branch, :pid,
              :started, :agent, :tty, :summary, :source, :summaryAt,
              :registered, :seen, :host)
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

  static void save(Handle handle, StoredPeer stored) {
    Peer peer = stored.peer();
    Workspace workspace = peer.workspace();
    ProcessRef process = peer.process();
    Summary summary = peer.summary();
    handle
        .createUpdate(SAVE)
        .bind("id", peer.id().value())
        .bind("key", stored.sessionKey().value())
        .bind("name", peer.name())
        .bind("cwd", workspace.cwd())
        .bind("root", workspace.gitRoot())
        .bind("common", workspace.gitCommonDir())
        .bind("branch", workspace.gitBranch())
        .bind("host", workspace.host())
        .bind("pid", process == null ? null : process.pid())
        .bind("started", process == null ? null : millis(process.startInstant()))
        .bind("agent", peer.agent())
        .bind("tty", peer.tty())
        .bind("summary", summary == null ? null : summary.text())
        .bind("source", summary == null ? null : summary.source().name())
        .bind("summaryAt", summary == null ? null : millis(summary.updatedAt()))
        .bind("registered", peer.registeredAt().toEpochMilli())
        .bind("seen", peer.lastSeen().toEpochMilli())
        .execute();
  }

  static Optional<StoredPeer> find(Handle handle, PeerId id) {
    return handle
        .createQuery("SELECT * FROM peers WHERE id = :id")
        .bind("id", id.value())
        .map((row, context) -> read(row))
        .findOne();
  }

  static Optional<StoredPeer> find(Handle handle, SessionKey key) {
    return handle
        .createQuery("SELECT * FROM peers WHERE session_key = :key")
        .bind("key", key.value())
        .map((row, context) -> read(row))
        .findOne();
  }

  static List<StoredPeer> all(Handle handle) {
    return handle
        .createQuery("SELECT * FROM peers ORDER BY rowid")
        .map((row, context) -> read(row))
        .list();
  }

  /** Removes who is old and has no mail; yields who is not there. */
  static Set<PeerId> forget(Handle handle, Set<PeerId> peers, Instant seenBefore) {
    String ids =
        peers.stream().map(id -> '"' + id.value() + '"').collect(Collectors.joining(",", "[", "]"));
    handle
        .createUpdate(
            """
            DELETE FROM peers
            WHERE id IN (SELECT value FROM json_each(:ids)) AND last_seen < :before
              AND NOT EXISTS (SELECT 1 FROM messages INDEXED BY messages_mailbox
                              WHERE to_id = peers.id AND state < 2)
            """)
        .bind("ids", ids)
        .bind("before", seenBefore.toEpochMilli())
        .execute();
    Set<PeerId> gone = new HashSet<>(peers);
    handle
        .createQuery("SELECT id FROM peers WHERE id IN (SELECT value FROM json_each(:ids))")
        .bind("ids", ids)
        .mapTo(String.class)
        .forEach(id -> gone.remove(new PeerId(id)));
    return gone;
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
}
