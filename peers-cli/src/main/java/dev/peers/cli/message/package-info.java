/** The commands that send and show messages. */
@NullMarked
package dev.peers.cli.message;

import org.jspecify.annotations.NullMarked;
