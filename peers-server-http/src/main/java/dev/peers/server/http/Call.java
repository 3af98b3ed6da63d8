package dev.peers.server.http;

import dev.peers.PeerId;
import dev.peers.transport.http.wire.JsonFields;
import java.util.Objects;
import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.Nullable;

/**
 * A request that was let in.
 *
 * @param body the fields of its body, or of its query
 * @param actor the peer that it acts as, whose key it has shown; null if its endpoint names none
 * @param request for the head, and for the connection
 */
record Call(JsonFields body, @Nullable PeerId actor, Request request) {
  /** The peer that it acts as, where its endpoint names one. */
  PeerId self() {
    return Objects.requireNonNull(actor, "the access of this endpoint names no peer");
  }

  @Nullable String header(String name) {
    return request.getHeaders().get(name);
  }

  /** Whether the connection was closed at the other end, as far as is known now. */
  boolean hasHungUp() {
    return WatchedEndPoint.hasHungUp(request);
  }
}
