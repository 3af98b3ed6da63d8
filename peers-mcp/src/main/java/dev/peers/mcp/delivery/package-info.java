/** How mail reaches the agent of a session: pushes, what they prove, and what they say. */
@NullMarked
package dev.peers.mcp.delivery;

import org.jspecify.annotations.NullMarked;
