/**
 * The broker of this user on this machine: where its files are, whether it runs, how it is started
 * and replaced, and the lines that sessions and broker exchange beside the agent's own.
 *
 * <p>Everything here needs java.base alone and avoids lambdas and regular expressions, since each
 * agent's session starts with it and each of those costs milliseconds.
 *
 * @since 0.1
 */
@NullMarked
package dev.peers.local;

import org.jspecify.annotations.NullMarked;
