/** The tools of a session, a file each, and what they have in common. */
@NullMarked
package dev.peers.mcp.tool;

import org.jspecify.annotations.NullMarked;
