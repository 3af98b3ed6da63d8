package dev.peers.server.http;

import dev.peers.ErrorCode;
import java.util.concurrent.CompletionStage;

/**
 * One row of the server's table of paths. It is all that decides about a request to that path, in
 * this order: the method, who may ask, the body, as whom it acts, and what it does. A rule that
 * holds for one path alone belongs into its row, or its action, and nowhere else.
 *
 * @param path as it is sent; a path that is written in another way is another path
 * @param method the only one that it takes
 * @param access who may ask, and as which peer
 * @param okFalse whether what the broker refuses is answered as the original does, with status 200
 *     and {@code "ok":false}
 * @param action what it does
 */
record Endpoint(String path, Method method, Access access, boolean okFalse, Action action) {
  /** What is read of a request: a GET has its query alone, a POST has a JSON object. */
  enum Method {
    GET,
    POST
  }

  /** What a path does; where it must wait it may answer later, on another thread. */
  interface Action {
    CompletionStage<Reply> apply(Call call);
  }

  /** The status with which a refusal of the broker is answered. */
  int status(ErrorCode code) {
    return switch (code) {
      case INVALID_ARGUMENT, AMBIGUOUS_PEER -> 400;
      case UNAUTHORIZED -> 401;
      case SUPERSEDED, PEER_IN_USE -> 409;
      case UNKNOWN_PEER, UNKNOWN_MESSAGE -> okFalse ? 200 : 404;
      case MAILBOX_FULL, RATE_LIMITED, LOOP_DETECTED -> okFalse ? 200 : 429;
      case UNAVAILABLE, CLOSED, STORE_FAILED -> 503;
      case PROVIDER_UNAVAILABLE, INTERNAL -> 500;
    };
  }
}
