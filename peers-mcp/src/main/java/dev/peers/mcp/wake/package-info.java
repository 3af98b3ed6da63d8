/** Hooks that wait for mail in the background, to wake an agent that has finished its turn. */
@NullMarked
package dev.peers.mcp.wake;

import org.jspecify.annotations.NullMarked;
