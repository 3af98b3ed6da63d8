/**
 * A broker over HTTP/1.1 and JSON, both ends: {@link
 * dev.peers.transport.http.HttpTransportProvider} serves any {@link dev.peers.Broker} and connects
 * to one. The routes are those of the original claude-peers broker and some more; {@code
 * docs/protocol.md} lists them.
 *
 * @since 0.1
 */
@NullMarked
package dev.peers.transport.http;

import org.jspecify.annotations.NullMarked;
