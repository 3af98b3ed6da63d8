package dev.peers.mcp.tool;

import dev.peers.Peer;
import dev.peers.Summary;
import dev.peers.Workspace;
import dev.peers.client.GitWorkspace;
import dev.peers.client.PeerSession;
import dev.peers.mcp.delivery.SessionReachability;
import io.modelcontextprotocol.spec.McpSchema;
import java.util.LinkedHashMap;
import java.util.Map;

/** {@code whoami}. */
final class WhoamiTool implements PeerTool {
  private final SessionReachability routes;

  WhoamiTool(SessionReachability routes) {
    this.routes = routes;
  }

  @Override
  public McpSchema.Tool definition() {
    Map<String, Object> out = Schema.properties();
    out.put("id", Schema.string("your id, under which others reach you"));
    out.put("name", Schema.nullable(Schema.string("your name, if you have one")));
    out.put("cwd", Schema.string("your working directory"));
    out.put("gitRepo", Schema.nullable(Schema.string("your repository's name")));
    out.put("gitBranch", Schema.nullable(Schema.string("the branch you are on")));
    out.put("summary", Schema.nullable(Schema.string("what the others are told you are doing")));
    SummaryFacts.describe(out);
    out.put("unread", Schema.integer("how many messages have not been delivered to you"));
    out.put(
        "reachedBy",
        Schema.string(
            "the best way by which messages reach you: channel or inbox (pushed), hook, or piggyback"
                + " (with the results of these tools)"));
    out.put("message", Schema.string("the same in a sentence"));

    return McpSchema.Tool.builder("whoami", Schema.object(Schema.properties()))
        .title("Who am I")
        .description(
            "Tells your own peer id and name, where you work, how many messages wait for you and how"
                + " messages reach you.")
        .outputSchema(Schema.object(out))
        .annotations(PeerTool.reads("Who am I"))
        .build();
  }

  @Override
  public Map<String, Object> call(Call call) {
    PeerSession session = call.session();
    Workspace now = GitWorkspace.refresh(session.registration().workspace());
    Summary summary = session.broker().find(session.id()).map(Peer::summary).orElse(null);
    int unread = session.broker().peek(session.id(), 0, 0).remaining();
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("id", session.id().value());
    result.put("name", session.name().orElse(null));
    result.put("cwd", now.cwd());
    result.put("gitRepo", now.repositoryName());
    result.put("gitBranch", now.gitBranch());
    result.put("summary", summary == null ? null : summary.text());
    SummaryFacts.put(result, summary);
    result.put("unread", unread);
    result.put("reachedBy", routes.best().wireName());
    result.put(
        "message",
        call.caller() == Caller.SUB_AGENT
            ? "You are a sub-agent of peer " + session.id() + ", whose main agent gets its mail."
            : "You are peer " + session.id() + ". " + routes.sentence());
    return result;
  }
}
