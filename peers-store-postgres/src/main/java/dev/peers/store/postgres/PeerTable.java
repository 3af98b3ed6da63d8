package dev.peers.store.postgres;

import dev.peers.Peer;
import dev.peers.PeerId;
import dev.peers.Presence;
import dev.peers.ProcessRef;
import dev.peers.Route;
import dev.peers.SessionKey;
import dev.peers.Summary;
import dev.peers.Workspace;
import dev.peers.spi.StoredPeer;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;
import org.jspecify.annotations.Nullable;

/** The SQL of the table {@code peers}. */
final class PeerTable {
  private static final String INSERT =
      """
      INSERT INTO peers (id, session_key, other_keys, name, cwd, git_root, git_common_dir, git_branch, host, pid,
                         process_start, agent, tty, summary, summary_source, summary_at, route,
                         presence, listening, broker, registered_at, last_seen, added_by)
      VALUES (:id, :key, cast(:others AS text[]), :name, :cwd, :root, :common, :branch, :host, :pid,
              :started, :agent, :tty, :summary, :source, :summaryAt, :route,
              :presence, :listening, :broker, :registered, :seen, cast(:token AS uuid))
      """;

  private static final String UPDATE =
      """
      ON CONFLICT (id) DO UPDATE SET
        session_key = excluded.session_key, other_keys = excluded.other_keys,
        name = excluded.name, cwd = excluded.cwd,
        git_root = excluded.git_root, git_common_dir = excluded.git_common_dir,
        git_branch = excluded.git_branch, host = excluded.host, pid = excluded.pid,
        process_start = excluded.process_start, agent = excluded.agent, tty = excluded.tty,
        summary = excluded.summary, summary_source = excluded.summary_source,
        summary_at = excluded.summary_at, route = excluded.route, presence = excluded.presence,
        listening = excluded.listening, broker = excluded.broker, last_seen = excluded.last_seen
      """;

  // Others are told in the same statement, which is a transaction of its own.
  private static final String SAVE = tellingOf(INSERT + UPDATE);
  private static final String ADD = tellingOf(INSERT + "ON CONFLICT DO NOTHING");

  private PeerTable() {}

  static void save(Handle handle, StoredPeer stored, ChangeNotification notice) {
    bind(handle.createQuery(SAVE), stored, null, notice).mapTo(int.class).one();
  }

  /**
   * Adds a peer.
   *
   * @param token the same when the call is repeated, so that it is known by what it has written
   */
  static boolean add(Handle handle, StoredPeer stored, UUID token, ChangeNotification notice) {
    if (find(handle, stored.sessionKey())
        .filter(other -> !other.peer().id().equals(stored.peer().id()))
        .isPresent()) {
      // As one of several keys it is not in the index that keeps the first ones apart.
      return false;
    }
    boolean added =
        bind(handle.createQuery(ADD), stored, token, notice).mapTo(int.class).one() == 1;
    return added
        || handle
            .createQuery("SELECT EXISTS (SELECT FROM peers WHERE id = :id AND added_by = :token)")
            .bind("id", stored.peer().id().value())
            .bind("token", token)
            .mapTo(boolean.class)
            .one();
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
        .createQuery(
            "SELECT * FROM peers WHERE session_key = :key"
                + " OR other_keys @> ARRAY[cast(:key AS text)]"
                + " ORDER BY session_key = :key DESC LIMIT 1")
        .bind("key", key.value())
        .map((row, context) -> read(row))
        .findOne();
  }

  static List<StoredPeer> all(Handle handle) {
    return handle
        .createQuery("SELECT * FROM peers ORDER BY ordinal")
        .map((row, context) -> read(row))
        .list();
  }

  /**
   * Removes who is old, has no mail, and is at no broker that is there; yields who is not there.
   */
  static Set<PeerId> forget(Handle handle, Set<PeerId> peers, Instant seenBefore) {
    String[] ids = peers.stream().map(PeerId::value).toArray(String[]::new);
    // That of the function append: what it writes is seen here, or is not written yet.
    handle.execute("SELECT pg_advisory_xact_lock('messages'::regclass::oid::bigint)");
    handle
        .createUpdate(
            """
            DELETE FROM peers p
            WHERE p.id = ANY (cast(:ids AS text[])) AND p.last_seen < :before
              AND NOT EXISTS (SELECT FROM messages m WHERE m.to_id = p.id AND m.state = 0)
              AND NOT EXISTS (SELECT FROM brokers b
                              WHERE b.id = p.broker
                                AND b.until > extract(epoch FROM clock_timestamp()) * 1000)
            """)
        .bindArray("ids", String.class, (Object[]) ids)
        .bind("before", seenBefore.toEpochMilli())
        .execute();
    Set<PeerId> gone = new HashSet<>(peers);
    handle
        .createQuery("SELECT id FROM peers WHERE id = ANY (cast(:ids AS text[]))")
        .bindArray("ids", String.class, (Object[]) ids)
        .mapTo(String.class)
        .forEach(id -> gone.remove(new PeerId(id)));
    return gone;
  }

  private static String tellingOf(String insert) {
    return "WITH written AS ("
        + insert
        + " RETURNING id), told AS (SELECT pg_notify(:channel, :notice) FROM written)"
        + " SELECT count(*) FROM told";
  }

  private static Query bind(
      Query query, StoredPeer stored, @Nullable UUID token, ChangeNotification notice) {
    Peer peer = stored.peer();
    Workspace workspace = peer.workspace();
    ProcessRef process = peer.process();
    Summary summary = peer.summary();
    Route route = peer.route();
    return query
        .bind("id", peer.id().value())
        .bind("key", stored.sessionKey().value())
        .bindArray(
            "others",
            String.class,
            stored.otherKeys().stream().map(key -> (Object) key.value()).toArray())
        .bind("name", peer.name())
        .bind("cwd", workspace.cwd())
        .bind("root", workspace.gitRoot())
        .bind("common", workspace.gitCommonDir())
        .bind("branch", workspace.gitBranch())
        .bind("host", workspace.host())
        .bind("pid", process == null ? null : process.pid())
        .bind("started", process == null ? null : millis(process.startInstant()))
        .bind("agent", NulEscaping.encodeOrNull(peer.agent()))
        .bind("tty", NulEscaping.encodeOrNull(peer.tty()))
        .bind("summary", summary == null ? null : NulEscaping.encode(summary.text()))
        .bind("source", summary == null ? null : summary.source().name())
        .bind("summaryAt", summary == null ? null : millis(summary.updatedAt()))
        .bind("route", route == null ? null : route.name())
        .bind("presence", peer.presence().name())
        .bind("listening", peer.listening())
        .bind("broker", NulEscaping.encodeOrNull(stored.broker()))
        .bind("registered", peer.registeredAt().toEpochMilli())
        .bind("seen", peer.lastSeen().toEpochMilli())
        .bind("token", token)
        .bind("channel", notice.channel())
        .bind("notice", notice.ofPeer(peer.id()));
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
    String summary = NulEscaping.decodeOrNull(row.getString("summary"));
    String route = row.getString("route");
    Peer peer =
        Peer.builder(
                new PeerId(row.getString("id")),
                workspace,
                Instant.ofEpochMilli(row.getLong("registered_at")))
            .name(row.getString("name"))
            .process(pid == 0 ? null : new ProcessRef(pid, instant(row, "process_start")))
            .agent(NulEscaping.decodeOrNull(row.getString("agent")))
            .tty(NulEscaping.decodeOrNull(row.getString("tty")))
            .summary(
                summary == null
                    ? null
                    : new Summary(
                        summary,
                        Summary.Source.valueOf(row.getString("summary_source")),
                        Instant.ofEpochMilli(row.getLong("summary_at"))))
            .route(route == null ? null : Route.valueOf(route))
            .presence(Presence.valueOf(row.getString("presence")))
            .listening(row.getBoolean("listening"))
            .lastSeen(Instant.ofEpochMilli(row.getLong("last_seen")))
            .build();
    return new StoredPeer(
        peer,
        new SessionKey(row.getString("session_key")),
        Arrays.stream((String[]) row.getArray("other_keys").getArray())
            .map(SessionKey::new)
            .toList(),
        NulEscaping.decodeOrNull(row.getString("broker")));
  }

  static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
    long millis = row.getLong(column);
    return row.wasNull() ? null : Instant.ofEpochMilli(millis);
  }

  private static @Nullable Long millis(@Nullable Instant instant) {
    return instant == null ? null : instant.toEpochMilli();
  }
}
