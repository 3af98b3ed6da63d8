/**
 * Whether the libraries of the program that Peers is a part of are fit for Peers: {@link
 * dev.peers.transport.http.linkage.Linkage} is asked before the client connects and before the
 * server of {@code peers-server-http} starts.
 *
 * <p>Public for that server's sake, and no part of the API: it changes without notice.
 */
@NullMarked
package dev.peers.transport.http.linkage;

import org.jspecify.annotations.NullMarked;
