package dev.peers.mcp;

import dev.peers.client.PeerSession;
import io.modelcontextprotocol.spec.McpSchema;
import java.util.Map;
import java.util.function.Consumer;

/** One tool: what it looks like, and what a call of it does. */
interface PeerTool {
  /**
   * A call of a tool.
   *
   * @param session who calls
   * @param arguments what with
   * @param idempotencyKey the same when the call is repeated after a broken connection
   * @param written takes what to do once the result has been written out to the agent
   */
  record Call(
      PeerSession session,
      ToolArguments arguments,
      String idempotencyKey,
      Consumer<Runnable> written) {}

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

  /** Whether mail that waits is added to its results; not where they are for somebody else. */
  default boolean carriesMail() {
    return true;
  }

  /** The structured result; what it throws as PeersException is shown to the agent. */
  Map<String, Object> call(Call call);
}
