package dev.peers.transport.http.wire;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.peers.Peer;
import dev.peers.PeerId;
import dev.peers.Presence;
import dev.peers.ProcessRef;
import dev.peers.Registration;
import dev.peers.Route;
import dev.peers.SessionKey;
import dev.peers.Summary;
import dev.peers.Workspace;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Peers and registrations on the wire. A peer is shown to every other one, so nothing that would
 * let another act in its place is among its fields: neither session key nor instance. A
 * registration has both.
 *
 * <p>Fields that the original does not know may be missing in what its clients and brokers send,
 * and mean "not known" then. A field is never renamed: clients and brokers of different versions
 * talk to each other.
 */
public final class PeerJson {
  private PeerJson() {}

  /** A peer as others see it. */
  public static ObjectNode write(Peer peer) {
    ObjectNode json = WireCodec.object();
    json.put("id", peer.id().value());
    writeProcess(json, peer.process());
    writeWorkspace(json, peer.workspace());
    // Derived from the others, for clients that show it and do not compute it.
    json.put("git_repo", peer.workspace().repositoryName());
    json.put("name", peer.name());
    json.put("agent", peer.agent());
    json.put("tty", peer.tty());
    Summary summary = peer.summary();
    // The original has no null here.
    json.put("summary", summary == null ? "" : summary.text());
    if (summary != null) {
      json.put("summary_source", lower(summary.source()));
      json.put("summary_at", summary.updatedAt().toString());
    }
    json.put("presence", lower(peer.presence()));
    json.put("listening", peer.listening());
    json.put("route", name(peer.route()));
    json.put("registered_at", peer.registeredAt().toString());
    json.put("last_seen", peer.lastSeen().toString());
    return json;
  }

  /**
   * Reads what {@link #write(Peer)} writes; a value that it does not know counts as the default.
   */
  public static Peer read(JsonFields json) {
    String summary = json.filledOrNull("summary");
    Summary.Source source =
        "manual".equals(json.textOrNull("summary_source"))
            ? Summary.Source.MANUAL
            : Summary.Source.AUTOMATIC;
    return Peer.builder(
            new PeerId(json.text("id")), readWorkspace(json), json.instant("registered_at"))
        .name(json.textOrNull("name"))
        .process(readProcess(json))
        .agent(json.textOrNull("agent"))
        .tty(json.textOrNull("tty"))
        .summary(summary == null ? null : new Summary(summary, source, json.instant("summary_at")))
        .presence("away".equals(json.textOrNull("presence")) ? Presence.AWAY : Presence.ACTIVE)
        .listening(json.flag("listening"))
        .route(readRoute(json))
        .lastSeen(json.instant("last_seen"))
        .build();
  }

  /** With the session key, so only ever sent to a broker that has proved itself. */
  public static ObjectNode write(Registration registration) {
    ObjectNode json = WireCodec.object();
    json.put("session_key", registration.sessionKey().value());
    writeProcess(json, registration.process());
    ProcessRef parent = registration.parent();
    if (parent != null) {
      json.put("parent_pid", parent.pid());
      parent.started().ifPresent(start -> json.put("parent_start", start.toString()));
    }
    writeWorkspace(json, registration.workspace());
    json.put("name", registration.name());
    json.put("agent", registration.agent());
    json.put("tty", registration.tty());
    json.put("summary", registration.summary());
    json.put("route", name(registration.route()));
    json.put("instance", registration.instance());
    return json;
  }

  /**
   * Reads a registration.
   *
   * @param key the session key, which need not be the one in the fields: the original's clients
   *     have none, and what stands for it is the server's to decide
   */
  public static Registration readRegistration(JsonFields json, SessionKey key) {
    return Registration.builder(key, readWorkspace(json))
        .name(json.filledOrNull("name"))
        .process(readProcess(json))
        .parent(readProcess(json, "parent_pid", "parent_start"))
        .agent(json.filledOrNull("agent"))
        .tty(json.filledOrNull("tty"))
        .summary(json.filledOrNull("summary"))
        .route(readRoute(json))
        .instance(json.filledOrNull("instance"))
        .build();
  }

  /** Where a session works; the directory is the one field that must be there. */
  public static Workspace readWorkspace(JsonFields json) {
    return new Workspace(
        json.text("cwd"),
        json.filledOrNull("git_root"),
        json.filledOrNull("git_common_dir"),
        json.filledOrNull("git_branch"),
        json.filledOrNull("host"));
  }

  /** The process of a session; null if it names none, as one on another host may. */
  public static @Nullable ProcessRef readProcess(JsonFields json) {
    return readProcess(json, "pid", "process_start");
  }

  private static @Nullable ProcessRef readProcess(JsonFields json, String number, String start) {
    Long pid = json.numberOrNull(number);
    return pid == null ? null : new ProcessRef(pid, json.instantOrNull(start));
  }

  /** All fields, null where there is no repository: a client sees that there is none. */
  private static void writeWorkspace(ObjectNode json, Workspace workspace) {
    json.put("cwd", workspace.cwd());
    json.put("git_root", workspace.gitRoot());
    json.put("git_common_dir", workspace.gitCommonDir());
    json.put("git_branch", workspace.gitBranch());
    json.put("host", workspace.host());
  }

  /** Always with a number, since the original's clients expect the field. */
  private static void writeProcess(ObjectNode json, @Nullable ProcessRef process) {
    if (process == null) {
      json.putNull("pid");
      return;
    }
    json.put("pid", process.pid());
    Instant start = process.startInstant();
    if (start != null) {
      json.put("process_start", start.toString());
    }
  }

  /** The route by which a session is reached; null if it has said none yet. */
  private static @Nullable Route readRoute(JsonFields json) {
    String name = json.filledOrNull("route");
    return name == null ? null : Route.named(name);
  }

  private static @Nullable String name(@Nullable Route route) {
    return route == null ? null : route.wireName();
  }

  /** Constants as the wire has them; not by the user's locale, in which I may have no dot. */
  private static String lower(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
