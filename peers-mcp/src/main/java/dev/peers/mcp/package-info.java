/**
 * Peers as an MCP server. {@link dev.peers.mcp.Gateway} takes the connections of relays and gives
 * each an MCP session of its own, on the official SDK, over one {@link dev.peers.Broker}.
 *
 * @since 0.1
 */
@NullMarked
package dev.peers.mcp;

import org.jspecify.annotations.NullMarked;
