package dev.peers.server.http;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peers.transport.http.wire.WireCodec;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How a call is answered. What is thrown while it is sent becomes the answer in its place. */
interface Reply {
  /** Sends it; the exchange ends with it, be it at once or later. */
  void send(Exchange exchange);

  /** The usual one: an object or an array, of which nothing more is to be done. */
  static Reply of(JsonNode body) {
    return new Json(List.of(WireCodec.write(body)), null, null);
  }

  /**
   * JSON in one part or more, with status 200.
   *
   * @param body the parts, which stay as they are until the end
   * @param written what to do once it was written out in full; not called if it was not
   * @param end what to do at its end, whatever came of it
   */
  record Json(List<byte[]> body, @Nullable Runnable written, @Nullable Runnable end)
      implements Reply {
    /** An answer that takes room in memory until it has been written. */
    static Json of(AnswerRoom.Answer<?> answer, @Nullable Runnable written) {
      return new Json(answer.parts(), written, answer::close);
    }

    @Override
    public void send(Exchange exchange) {
      exchange.answer(this);
    }
  }
}
