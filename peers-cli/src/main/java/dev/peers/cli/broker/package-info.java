/** The commands that look after a broker and its database. */
@NullMarked
package dev.peers.cli.broker;

import org.jspecify.annotations.NullMarked;
