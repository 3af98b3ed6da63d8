package dev.peers;

import org.jspecify.annotations.Nullable;

/**
 * What names a peer for ever: {@code <project>-<4 of a-z2-9>}, such as {@code eel-k3f9}. The broker
 * makes it; the same session key always yields the same id.
 *
 * @param value 1 to 40 of {@code a-z}, {@code 0-9} and {@code -}, with a letter or digit first
 * @since 0.1
 */
public record PeerId(String value) implements Comparable<PeerId> {
  /** The human at the command line, who has a mailbox like any peer and is never listed. */
  public static final PeerId OPERATOR = new PeerId("operator");

  /** The most characters an id can have. */
  public static final int MAX_LENGTH = 40;

  /** Checks the form. */
  public PeerId {
    if (value == null || !isWellFormed(value)) {
      throw Checks.invalid(
          "peer id '"
              + value
              + "' is malformed; expected 1 to 40 of a-z, 0-9 and '-', such as eel-k3f9");
    }
  }

  /** By hand: ids are made with every message, and a pattern costs more than all the rest. */
  private static boolean isWellFormed(String value) {
    if (value.isEmpty() || value.length() > MAX_LENGTH || value.charAt(0) == '-') {
      return false;
    }
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if ((c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-') {
        return false;
      }
    }
    return true;
  }

  // A record's own pair is spun at its first use, in tens of milliseconds of a broker's start on a
  // slow machine, and stays slow where nothing optimises it; ids are what most tables are asked by.

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof PeerId id && value.equals(id.value);
  }

  @Override
  public int hashCode() {
    return value.hashCode();
  }

  @Override
  public int compareTo(PeerId other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
