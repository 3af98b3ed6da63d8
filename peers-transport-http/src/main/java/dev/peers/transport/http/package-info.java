/**
 * The client of a broker over HTTP/1.1 and JSON: {@link
 * dev.peers.transport.http.HttpTransportProvider} connects to one that another process serves, with
 * OkHttp and without Jetty. The server is in the artifact {@code peers-server-http}; what both ends
 * share is in {@code dev.peers.transport.http.wire}.
 *
 * <p>A call goes from {@code HttpBroker} to {@code RegisteredPeers}, which adds the key of the peer
 * that acts, to {@code HttpCalls}, which adds the token, and through OkHttp to a socket of {@code
 * BrokerSocketFactory}: a {@code LocalSocket}, which only the broker's user can serve, or a {@code
 * VerifiedSocket}, whose other end has proved that it knows the token. What a listener hears comes
 * back through an {@code EventStreamClient}.
 *
 * <p>Start at {@code HttpBroker} for what is asked of a broker, at {@code HttpCalls} for how, and
 * at {@code BrokerSocketFactory} for who may hear the token.
 *
 * @since 0.1
 */
@NullMarked
package dev.peers.transport.http;

import org.jspecify.annotations.NullMarked;
