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

  /** The structured result; what it throws as PeersException is shown to the agent. */
  Map<String, Object> call(Call call);
}
