/**
 * The composition root: {@link dev.peers.cli.Main} is the command line and the broker daemon. Here,
 * and nowhere else, the environment is read, providers are chosen, and the process is ended.
 */
@NullMarked
package dev.peers.cli;

import org.jspecify.annotations.NullMarked;
