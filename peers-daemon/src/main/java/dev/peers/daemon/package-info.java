/**
 * The broker as a whole: it opens the store, the transport, the gateway for sessions and the files
 * beside the database, as {@code peers broker} does, for a program that embeds it.
 *
 * @since 0.1
 */
@NullMarked
package dev.peers.daemon;

import org.jspecify.annotations.NullMarked;
