/** The commands that show peers. */
@NullMarked
package dev.peers.cli.peers;

import org.jspecify.annotations.NullMarked;
