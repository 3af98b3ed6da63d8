package dev.peers;

import java.util.Locale;
import java.util.Optional;

/**
 * Why an operation was refused or failed. The wire name of a code is stable: programs may switch on
 * it, and it will not change between versions. What usually causes each, and what to do about it,
 * is in {@code docs/errors.md} under its wire name.
 *
 * @since 0.1
 */
public enum ErrorCode {
  /** A value is malformed, out of range or too long; sending it again unchanged cannot succeed. */
  INVALID_ARGUMENT,
  /** No peer has this id (or name). */
  UNKNOWN_PEER,
  /** A name or a prefix of an id fits more than one peer. */
  AMBIGUOUS_PEER,
  /** The peer cannot be forgotten: it is active, or has unread mail. */
  PEER_IN_USE,
  /** No message has this id, or it is older than the history that is kept. */
  UNKNOWN_MESSAGE,
  /** The target has too much unread mail; try again when it has read some. */
  MAILBOX_FULL,
  /** The sender sends too fast; the message says when to try again. */
  RATE_LIMITED,
  /** Peers answer each other without end, so it seems; the message says when they may go on. */
  LOOP_DETECTED,
  /** The token or the peer's key is missing or wrong. */
  UNAUTHORIZED,
  /** The broker cannot be reached, or went away before it answered. */
  UNAVAILABLE,
  /** The store could not read or write. */
  STORE_FAILED,
  /** A provider was named that is not there, or that could not be loaded. */
  PROVIDER_UNAVAILABLE,
  /** A newer process of the same agent has taken the session over. */
  SUPERSEDED,
  /** The object was closed. */
  CLOSED,
  /** A defect of Peers. */
  INTERNAL;

  private final String wireName = name().toLowerCase(Locale.ROOT);

  /**
   * The name in JSON and in logs, lower case with underscores: {@code unknown_peer}.
   *
   * @return the stable name
   */
  public String wireName() {
    return wireName;
  }

  /**
   * Finds a code by its wire name.
   *
   * @param wireName a name such as {@code mailbox_full}
   * @return the code, or empty for a name that this version does not know
   */
  public static Optional<ErrorCode> fromWireName(String wireName) {
    Arguments.required("name", wireName);
    for (ErrorCode code : values()) {
      if (code.wireName.equals(wireName)) {
        return Optional.of(code);
      }
    }
    return Optional.empty();
  }
}
