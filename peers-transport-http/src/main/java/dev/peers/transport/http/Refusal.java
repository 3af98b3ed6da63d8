package dev.peers.transport.http;

import dev.peers.ErrorCode;

/** An answer other than 200: thrown where it is found, written in one place. */
final class Refusal extends RuntimeException {
  private static final long serialVersionUID = 1L;

  final int status;
  final ErrorCode code;
  final String reason;

  Refusal(int status, ErrorCode code, String message) {
    super(message, null, false, false);
    this.status = status;
    this.code = code;
    this.reason = message;
  }
}
