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

/** Peers and registrations on the wire. No secret of a peer is among its fields. */
public final class PeerJson {
  private PeerJson() {}

  public static ObjectNode write(Peer peer) {
    ObjectNode json = WireCodec.object();
    json.put("id", peer.id().value());
    writeProcess(json, peer.process());
    writeWorkspace(json, peer.workspace());
    json.put("git_repo", peer.workspace().repositoryName());
    json.put("name", peer.name());
    json.put("agent", peer.agent());
    json.put("tty", peer.tty());
    Summary summary = peer.summary();
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

  public static Workspace readWorkspace(JsonFields json) {
    return new Workspace(
        json.text("cwd"),
        json.filledOrNull("git_root"),
        json.filledOrNull("git_common_dir"),
        json.filledOrNull("git_branch"),
        json.filledOrNull("host"));
  }

  public static @Nullable ProcessRef readProcess(JsonFields json) {
    return readProcess(json, "pid", "process_start");
  }

  private static @Nullable ProcessRef readProcess(JsonFields json, String number, String start) {
    Long pid = json.numberOrNull(number);
    return pid == null ? null : new ProcessRef(pid, json.instantOrNull(start));
  }

  private static void writeWorkspace(ObjectNode json, Workspace workspace) {
    json.put("cwd", workspace.cwd());
    json.put("git_root", workspace.gitRoot());
    json.put("git_common_dir", workspace.gitCommonDir());
    json.put("git_branch", workspace.gitBranch());
    json.put("host", workspace.host());
  }

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

  private static @Nullable Route readRoute(JsonFields json) {
    String name = json.filledOrNull("route");
    return name == null ? null : Route.named(name);
  }

  private static @Nullable String name(@Nullable Route route) {
    return route == null ? null : route.wireName();
  }

  private static String lower(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
