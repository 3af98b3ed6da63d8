package dev.peers.cli.peers;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.peers.Peer;
import dev.peers.Presence;
import dev.peers.ProcessRef;
import dev.peers.Route;
import dev.peers.Summary;
import dev.peers.Workspace;
import dev.peers.client.GitWorkspace;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A peer as the command line shows it. */
@JsonNaming(SnakeCaseStrategy.class)
record PeerRow(
    String id,
    @Nullable String name,
    String project,
    @Nullable String host,
    String cwd,
    @Nullable String gitRepo,
    @Nullable String gitBranch,
    @Nullable String summary,
    @Nullable String summarySource,
    @Nullable String agent,
    @Nullable Long pid,
    @Nullable String tty,
    String presence,
    boolean listening,
    @Nullable String route,
    String registeredAt,
    String lastSeen) {

  /**
   * Describes a peer.
   *
   * @param machine what this machine is called; a branch can be read afresh on it, and nowhere else
   */
  static PeerRow of(Peer peer, String machine) {
    boolean here = machine.equals(peer.workspace().host());
    Workspace workspace = here ? GitWorkspace.refresh(peer.workspace()) : peer.workspace();
    Summary summary = peer.summary();
    ProcessRef process = peer.process();
    Route route = peer.route();
    return new PeerRow(
        peer.id().value(),
        peer.name(),
        workspace.project(),
        workspace.host(),
        workspace.cwd(),
        workspace.repositoryName(),
        workspace.gitBranch(),
        summary == null ? null : summary.text(),
        summary == null ? null : summary.source().name().toLowerCase(Locale.ROOT),
        peer.agent(),
        process == null ? null : process.pid(),
        peer.tty(),
        peer.presence().name().toLowerCase(Locale.ROOT),
        peer.listening(),
        route == null ? null : route.wireName(),
        peer.registeredAt().toString(),
        peer.lastSeen().toString());
  }

  boolean isActive() {
    return presence.equals(Presence.ACTIVE.name().toLowerCase(Locale.ROOT));
  }
}
