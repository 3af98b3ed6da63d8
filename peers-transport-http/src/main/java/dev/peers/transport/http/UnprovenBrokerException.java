package dev.peers.transport.http;

import dev.peers.ErrorCode;
import java.io.IOException;

/**
 * What answers at a broker's address has not shown that it knows the token; none was sent. An
 * {@link IOException}, because it is thrown from within a socket's connect, whose callers expect no
 * other; the message goes on a sentence that begins with who answers.
 */
final class UnprovenBrokerException extends IOException {
  private static final long serialVersionUID = 1L;

  private final ErrorCode code;

  UnprovenBrokerException(ErrorCode code, String message) {
    super(message);
    this.code = code;
  }

  ErrorCode code() {
    return code;
  }
}
