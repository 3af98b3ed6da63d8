/**
 * The process that an agent starts. {@link dev.peers.relay.Relay} moves lines between the agent's
 * pipes and the broker's socket, and carries the session over a broker's death.
 *
 * <p>It needs java.base and {@code dev.peers.local} alone, is packaged with that in one jar, and
 * avoids lambdas and regular expressions: each costs every session some milliseconds.
 *
 * @since 0.1
 */
@NullMarked
package dev.peers.relay;

import org.jspecify.annotations.NullMarked;
