/**
 * The client of a broker over HTTP/1.1 and JSON: {@link
 * dev.peers.transport.http.HttpTransportProvider} connects to one that another process serves, with
 * OkHttp and without Jetty. The server is in the artifact {@code peers-server-http}; what both ends
 * share is in {@code dev.peers.transport.http.wire}.
 *
 * <p>Start at {@code HttpBroker} for what is asked of a broker, at {@code HttpCalls} for how, and
 * at {@code BrokerSocketFactory} for who may hear the token.
 *
 * @since 0.1
 */
@NullMarked
package dev.peers.transport.http;

import org.jspecify.annotations.NullMarked;
