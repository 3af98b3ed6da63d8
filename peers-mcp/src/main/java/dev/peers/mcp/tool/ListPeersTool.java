package dev.peers.mcp.tool;

import dev.peers.Peer;
import dev.peers.PeerQuery;
import dev.peers.Route;
import dev.peers.Scope;
import dev.peers.Summary;
import dev.peers.UntrustedText;
import dev.peers.Workspace;
import dev.peers.client.GitWorkspace;
import dev.peers.mcp.delivery.ChannelMessage;
import io.modelcontextprotocol.spec.McpSchema;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** {@code list_peers}. */
final class ListPeersTool implements PeerTool {
  @Override
  public McpSchema.Tool definition() {
    Map<String, Object> in = Schema.properties();
    in.put(
        "scope",
        Schema.choice(
            "machine: all sessions; directory: those in the same directory; repo: those in the same"
                + " git repository, its work trees and subdirectories included; network: those of"
                + " other machines too",
            "machine",
            "directory",
            "repo",
            "network"));

    Map<String, Object> peer = Schema.properties();
    peer.put("id", Schema.string("what send_message takes as targetPeerId"));
    peer.put("name", Schema.nullable(Schema.string("its name, if it has one")));
    peer.put("host", Schema.nullable(Schema.string("the name of its machine")));
    peer.put("cwd", Schema.string("its working directory"));
    peer.put("gitRepo", Schema.nullable(Schema.string("its repository's name")));
    peer.put("gitBranch", Schema.nullable(Schema.string("the branch it is on now")));
    peer.put("summary", Schema.nullable(Schema.string("what it says it is doing")));
    SummaryFacts.describe(peer);
    peer.put("agent", Schema.nullable(Schema.string("the program it runs in")));
    peer.put("listening", Schema.bool("whether messages are pushed to it as they arrive"));
    peer.put(
        "reachedBy",
        Schema.nullable(
            Schema.string(
                "the best way by which mail reaches it: channel, inbox, hook, piggyback, pull")));
    peer.put("lastSeen", Schema.string("when it was last heard of, ISO-8601 UTC"));
    Map<String, Object> out = Schema.properties();
    out.put("peers", Schema.array(Schema.object(peer)));
    out.put("message", Schema.string("a remark on the list"));

    return McpSchema.Tool.builder("list_peers", Schema.object(in))
        .title("List peers")
        .description(
            "Lists the other AI coding sessions that are active, with their id, directory, git"
                + " branch and what they are working on. You yourself are not listed.")
        .outputSchema(Schema.object(out, "message"))
        .annotations(PeerTool.reads("List peers"))
        .build();
  }

  @Override
  public Map<String, Object> call(Call call) {
    Workspace here = call.session().registration().workspace();
    String name = call.arguments().text("scope");
    Scope scope = Scope.named(name, () -> here).onHost(here.host());
    boolean fellBack =
        scope instanceof Scope.Directory && !name.strip().equalsIgnoreCase("directory");
    String own =
        call.session()
            .broker()
            .find(call.session().id())
            .map(self -> self.workspace().host())
            .orElse(here.host());
    List<Map<String, Object>> peers = new ArrayList<>();
    for (Peer peer :
        call.session().broker().list(PeerQuery.active(scope).without(call.session().id()))) {
      peers.add(describe(peer, Objects.equals(own, peer.workspace().host())));
    }
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("peers", peers);
    if (fellBack) {
      result.put(
          "message",
          "This directory is in no git repository, so these are the peers of the same directory.");
    } else if (peers.isEmpty()) {
      result.put("message", "No other session is active in this scope.");
    }
    return result;
  }

  private static Map<String, Object> describe(Peer peer, boolean here) {
    // The branch may have changed since the session told; its repository knows.
    Workspace now = here ? GitWorkspace.refresh(peer.workspace()) : peer.workspace();
    Summary summary = peer.summary();
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("id", peer.id().value());
    row.put("name", ChannelMessage.attributeOrNull(peer.name()));
    row.put("host", ChannelMessage.attributeOrNull(now.host()));
    row.put("cwd", UntrustedText.forAgent(now.cwd()));
    row.put("gitRepo", ChannelMessage.attributeOrNull(now.repositoryName()));
    row.put("gitBranch", ChannelMessage.attributeOrNull(now.gitBranch()));
    row.put("summary", summary == null ? null : UntrustedText.forAgent(summary.text()));
    SummaryFacts.put(row, summary);
    row.put("agent", ChannelMessage.attributeOrNull(peer.agent()));
    row.put("listening", peer.listening());
    Route route = peer.route();
    row.put("reachedBy", route == null ? null : route.wireName());
    row.put("lastSeen", peer.lastSeen().toString());
    return row;
  }
}
