/**
 * What both ends of a connection have to agree on: JSON in {@link
 * dev.peers.transport.http.wire.WireCodec} and the classes that read and write with it, names and
 * times in {@link dev.peers.transport.http.wire.Protocol}, and the proof by which a broker shows
 * that it knows the token in {@link dev.peers.transport.http.wire.BrokerProof}. {@code
 * docs/protocol.md} describes the format.
 *
 * <p>Public for the sake of {@code peers-server-http}, and no part of the API: it changes without
 * notice. Nothing here needs OkHttp or Jetty.
 */
@NullMarked
package dev.peers.transport.http.wire;

import org.jspecify.annotations.NullMarked;
