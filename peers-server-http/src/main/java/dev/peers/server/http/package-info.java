/**
 * A broker served over HTTP/1.1 and JSON: {@link dev.peers.server.http.HttpServerProvider} serves
 * any {@link dev.peers.Broker} with Jetty. The paths are those of the original claude-peers broker
 * and some more; {@code docs/protocol.md} lists them. The client, and what both ends share, is in
 * the artifact {@code peers-transport-http}.
 *
 * <p>A request passes, in this order:
 *
 * <ol>
 *   <li>{@code HttpBrokerServer}, which has the port, and {@code JettyServer} with all its limits;
 *   <li>{@code GuardedConnector} and {@code ConnectionGuard}: is there room for its connection;
 *   <li>{@code BrokerHandler}, which finds its row in {@code BrokerEndpoints}, an {@code Endpoint};
 *   <li>{@code AccessFilter} with the row's {@code Access}: may it come in, judged by its head;
 *   <li>{@code RequestBody}, within a {@code ByteBudget}: is it small enough, and quick enough;
 *   <li>{@code PeerKeys}: may it act as the peer that it names;
 *   <li>its action, a method of {@code BrokerEndpoints}, which asks the broker;
 *   <li>{@code AnswerRoom}: is there memory for what it reads;
 *   <li>{@code Exchange} and {@code BodyWriter}, which write the answer as the client takes it.
 * </ol>
 *
 * <p>No thread waits for a client, and whatever strangers can have more of is bounded for all of
 * them together.
 *
 * @since 0.1
 */
@NullMarked
package dev.peers.server.http;

import org.jspecify.annotations.NullMarked;
