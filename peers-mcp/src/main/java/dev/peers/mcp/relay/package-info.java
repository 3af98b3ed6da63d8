/**
 * The process that an agent starts. {@link dev.peers.mcp.relay.Relay} moves lines between the
 * agent's pipes and the broker's socket, and carries the session over a broker's death.
 *
 * <p>This package needs java.base alone, is packaged in a jar of its own, and keeps off lambdas and
 * regular expressions: each costs every session some milliseconds. The command line shares what it
 * says about the broker's files, its lock and its start.
 *
 * @since 0.1
 */
@NullMarked
package dev.peers.mcp.relay;

import org.jspecify.annotations.NullMarked;
