/**
 * One session's life on a broker, for JVM programs: {@link dev.peers.client.PeerSession} joins,
 * stays and leaves, and its {@link dev.peers.client.SessionState} tells whether the broker is
 * there. {@link dev.peers.client.GitContext} gathers what a summary is made of. The other classes
 * tell where a session works and find peers by what people call them.
 *
 * @since 0.1
 */
@NullMarked
package dev.peers.client;

import org.jspecify.annotations.NullMarked;
