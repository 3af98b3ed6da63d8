/** Setting up agents: what each reads, and what is written into it. */
@NullMarked
package dev.peers.cli.install;

import org.jspecify.annotations.NullMarked;
