package dev.peers.mcp.tool;

import dev.peers.Batch;
import dev.peers.ReceiveRequest;
import dev.peers.client.PeerSession;
import dev.peers.mcp.delivery.UnconfirmedDeliveries;
import io.modelcontextprotocol.spec.McpSchema;
import java.util.Map;

/** One tool: what it looks like, and what a call of it does. */
public interface PeerTool {
  /**
   * A call of a tool.
   *
   * @param session who calls
   * @param arguments what with
   * @param idempotencyKey the same when the call is repeated after a broken connection
   * @param requestId the request that it is
   * @param handovers mail that results carry
   * @param caller which agent of the session it is
   */
  record Call(
      PeerSession session,
      ToolArguments arguments,
      String idempotencyKey,
      Object requestId,
      UnconfirmedDeliveries handovers,
      Caller caller) {

    /** Takes mail that is delivered once the agent has this call's result. */
    public Batch take(ReceiveRequest take) {
      return handovers.take(requestId, take);
    }
  }

  McpSchema.Tool definition();

  /** What clients are told of a tool that only looks. */
  static McpSchema.ToolAnnotations reads(String title) {
    return McpSchema.ToolAnnotations.builder()
        .title(title)
        .readOnlyHint(true)
        .openWorldHint(false)
        .build();
  }

  /** What clients are told of a tool that changes something, and destroys nothing. */
  static McpSchema.ToolAnnotations writes(String title, boolean idempotent) {
    return McpSchema.ToolAnnotations.builder()
        .title(title)
        .readOnlyHint(false)
        .destructiveHint(false)
        .idempotentHint(idempotent)
        .openWorldHint(false)
        .build();
  }

  /** Which agent of the session makes a call. */
  default Caller caller(Callers callers, ToolArguments arguments, Map<String, Object> meta) {
    return callers.of(meta);
  }

  /** Whether mail that waits is added to its results; not where they are for somebody else. */
  default boolean carriesMail() {
    return true;
  }

  /** The structured result; what it throws as PeersException is shown to the agent. */
  Map<String, Object> call(Call call);
}
