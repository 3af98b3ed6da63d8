package com.example.journal;

import dev.peers.Peer;
import dev.peers.PeerId;
import dev.peers.Presence;
import dev.peers.ProcessRef;
import dev.peers.SessionKey;
import dev.peers.Summary;
import dev.peers.Workspace;
import dev.peers.spi.StoredPeer;
import java.util.ArrayList;
import java.util.List;

/** A peer as a line: all of it but what only its running session makes true. */
final class PeerLine {
  private PeerLine() {}

  static Line of(StoredPeer stored) {
    Peer peer = stored.peer();
    Workspace workspace = peer.workspace();
    ProcessRef process = peer.process();
    Summary summary = peer.summary();
    Line line =
        new Line("peer")
            .add(peer.id())
            .add(stored.sessionKey().value())
            .add(workspace.cwd())
            .add(workspace.gitRoot())
            .add(workspace.gitCommonDir())
            .add(workspace.gitBranch())
            .add(workspace.host())
            .add(peer.registeredAt())
            .add(peer.lastSeen())
            .add(peer.name())
            .add(peer.agent())
            .add(peer.tty())
            .add(process == null ? null : process.pid())
            .add(process == null ? null : process.startInstant())
            .add(summary == null ? null : summary.text())
            .add(summary == null ? null : summary.source())
            .add(summary == null ? null : summary.updatedAt());
    stored.otherKeys().forEach(key -> line.add(key.value()));
    return line;
  }

  static StoredPeer read(Line line) {
    PeerId id = new PeerId(line.text());
    SessionKey key = new SessionKey(line.text());
    Workspace workspace =
        new Workspace(line.text(), line.text(), line.text(), line.text(), line.text());
    Peer.Builder peer =
        Peer.builder(id, workspace, line.time())
            .presence(Presence.AWAY)
            .lastSeen(line.time())
            .name(line.text())
            .agent(line.text())
            .tty(line.text());
    String pid = line.text();
    var started = line.time();
    if (pid != null) {
      peer.process(new ProcessRef(Long.parseLong(pid), started));
    }
    String summary = line.text();
    String source = line.text();
    var updatedAt = line.time();
    if (summary != null) {
      peer.summary(new Summary(summary, Summary.Source.valueOf(source), updatedAt));
    }
    List<SessionKey> otherKeys = new ArrayList<>();
    while (line.hasNext()) {
      otherKeys.add(new SessionKey(line.text()));
    }
    return new StoredPeer(peer.build(), key, otherKeys, null);
  }
}
