package dev.peers.cli;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.peers.Peer;
import dev.peers.Presence;
import dev.peers.ProcessRef;
import dev.peers.Route;
import dev.peers.Summary;
import dev.peers.Workspace;
import dev.peers.client.GitWorkspace;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A peer as the command line shows it. */
@JsonNaming(SnakeCaseStrategy.class)
record PeerRow(
    String id,
    @Nullable String name,
    String project,
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
   * @param here whether it works on this machine, where its branch can be read afresh
   */
  static PeerRow of(Peer peer, boolean here) {
    Workspace workspace = here ? GitWorkspace.refresh(peer.workspace()) : peer.workspace();
    Summary summary = peer.summary();
    ProcessRef process = peer.process();
    Route route = peer.route();
    return new PeerRow(
        peer.id().value(),
        peer.name(),
        workspace.project(),
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

  /** Prints peers for people: one line of facts, and one for the summary. */
  static void print(Shell shell, List<PeerRow> peers) {
    int width = peers.stream().mapToInt(row -> row.id.length()).max().orElse(0);
    for (PeerRow row : peers) {
      List<String> facts = new ArrayList<>();
      if (row.name != null) {
        facts.add(row.name);
      }
      facts.add(row.cwd);
      if (row.gitRepo != null) {
        facts.add(row.gitBranch == null ? row.gitRepo : row.gitRepo + " on " + row.gitBranch);
      }
      if (row.agent != null) {
        facts.add(row.agent);
      }
      if (row.route != null) {
        facts.add("reached by " + (row.route.equals("pull") ? "pull only" : row.route));
      }
      if (row.presence.equals(Presence.AWAY.name().toLowerCase(Locale.ROOT))) {
        facts.add("away since " + row.lastSeen);
      }
      String margin = " ".repeat(width - row.id.length());
      shell.print("  " + row.id + margin + "  " + Shell.oneLine(String.join(" · ", facts)));
      if (row.summary != null) {
        shell.print("  " + " ".repeat(width) + "  " + Shell.oneLine(row.summary));
      }
    }
  }
}
