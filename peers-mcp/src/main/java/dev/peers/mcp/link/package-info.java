/** The connections of sessions to the gateway: lines, their limits, and how each one begins. */
@NullMarked
package dev.peers.mcp.link;

import org.jspecify.annotations.NullMarked;
