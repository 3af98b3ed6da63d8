/**
 * A broker served over HTTP/1.1 and JSON: {@link dev.peers.server.http.HttpServerProvider} serves
 * any {@link dev.peers.Broker} with Jetty. The paths are those of the original claude-peers broker
 * and some more; {@code docs/protocol.md} lists them. The client, and what both ends share, is in
 * the artifact {@code peers-transport-http}.
 *
 * @since 0.1
 */
@NullMarked
package dev.peers.server.http;

import org.jspecify.annotations.NullMarked;
