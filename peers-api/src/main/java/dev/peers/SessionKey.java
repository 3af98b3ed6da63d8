package dev.peers;

import org.jspecify.annotations.Nullable;

/**
 * What makes a peer the same peer again: an agent's own session id, or a random UUID that lives as
 * long as the session's process. Whoever knows a key can be that peer, so it is never listed,
 * logged or printed.
 *
 * @param value 1 to 200 characters on one line
 * @since 0.1
 */
public record SessionKey(String value) {
  /** The key of {@link PeerId#OPERATOR}. */
  public static final SessionKey OPERATOR = new SessionKey("operator");

  /** Checks the form. */
  public SessionKey {
    Checks.oneLine("session key", value, 200);
  }

  // By hand, as in PeerId.

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof SessionKey key && value.equals(key.value);
  }

  @Override
  public int hashCode() {
    return value.hashCode();
  }

  /** Hides the key: this text may reach a log. */
  @Override
  public String toString() {
    return "SessionKey[hidden]";
  }
}
