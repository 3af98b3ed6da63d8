package dev.peers.server.http;

import dev.peers.ErrorCode;

/**
 * An answer other than 200: thrown where it is found, written in one place. It has no stack trace,
 * since strangers can have as many of them as they like, and none of them is a fault of ours.
 */
final class HttpError extends RuntimeException {
  private static final long serialVersionUID = 1L;

  final int status;
  final ErrorCode code;
  final String reason;

  /** After how many seconds it may be tried again; 0 for never. */
  final int retryAfter;

  HttpError(int status, ErrorCode code, String message) {
    this(status, code, message, 0);
  }

  HttpError(int status, ErrorCode code, String message, int retryAfter) {
    super(message, null, false, false);
    this.retryAfter = retryAfter;
    this.status = status;
    this.code = code;
    this.reason = message;
  }
}
