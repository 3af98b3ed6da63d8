package dev.peers.transport.http;

import dev.peers.ErrorCode;
import java.io.IOException;

/** What answers at a broker's address has not shown that it knows the token; none was sent. */
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
