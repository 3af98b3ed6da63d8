package dev.peers.mcp.tool;

import dev.peers.ErrorCode;
import dev.peers.PeersException;
import dev.peers.Summary;
import io.modelcontextprotocol.spec.McpSchema;
import java.util.Map;

/** {@code set_summary}. */
final class SetSummaryTool implements PeerTool {
  @Override
  public McpSchema.Tool definition() {
    Map<String, Object> in = Schema.properties();
    in.put("summary", Schema.string("one or two sentences on what you are doing, at most 2 KiB"));
    Map<String, Object> out = Schema.properties();
    out.put("success", Schema.bool("true: the others see it from now on"));

    return McpSchema.Tool.builder("set_summary", Schema.object(in))
        .title("Set your summary")
        .description(
            "Tells the other AI coding sessions what you are working on, in one or two sentences."
                + " They see it in list_peers and with your messages.")
        .outputSchema(Schema.object(out))
        .annotations(PeerTool.writes("Set your summary", true))
        .build();
  }

  @Override
  public Map<String, Object> call(Call call) {
    if (call.caller() == Caller.SUB_AGENT) {
      throw new PeersException(
          ErrorCode.INVALID_ARGUMENT,
          "set_summary tells what the whole session is doing, so its main agent sets it, and no"
              + " sub-agent");
    }
    String summary = call.arguments().text("summary", "text");
    call.session().broker().setSummary(call.session().id(), summary, Summary.Source.MANUAL);
    return Map.of("success", true);
  }
}
