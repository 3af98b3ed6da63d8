package dev.peers;

import java.util.regex.Pattern;

/**
 * What names a peer for ever: {@code <project>-<4 of a-z2-9>}, such as {@code eel-k3f9}. The broker
 * makes it; the same session key always yields the same id.
 *
 * @param value 1 to 40 of {@code a-z}, {@code 0-9} and {@code -}, with a letter or digit first
 */
public record PeerId(String value) implements Comparable<PeerId> {
  // First: the constants below are made with it.
  private static final Pattern FORM = Pattern.compile("[a-z0-9][a-z0-9-]{0,39}");

  /** The human at the command line, who has a mailbox like any peer and is never listed. */
  public static final PeerId OPERATOR = new PeerId("operator");

  /** The most characters an id can have. */
  public static final int MAX_LENGTH = 40;

  /** Checks the form. */
  public PeerId {
    if (value == null || !FORM.matcher(value).matches()) {
      throw Text.invalid(
          "peer id '"
              + value
              + "' is malformed; expected 1 to 40 of a-z, 0-9 and '-', such as eel-k3f9");
    }
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
