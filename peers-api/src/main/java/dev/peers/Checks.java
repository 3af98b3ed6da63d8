package dev.peers;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** The checks that the records share; each refusal names the value's role and the rule. */
final class Checks {
  private Checks() {}

  /** A non-empty text without control characters, for what is shown on one line. */
  static String oneLine(String what, @Nullable String value, int maxLength) {
    if (value == null || value.isBlank()) {
      throw invalid(what + " is missing; expected a text of 1 to " + maxLength + " characters");
    }
    if (value.length() > maxLength) {
      throw invalid(
          what + " has " + value.length() + " characters; at most " + maxLength + " are allowed");
    }
    for (int i = 0; i < value.length(); i++) {
      if (Character.isISOControl(value.charAt(i))) {
        throw invalid(what + " contains a control character at position " + i + "; remove it");
      }
    }
    return value;
  }

  static @Nullable String oneLineOrNull(String what, @Nullable String value, int maxLength) {
    return value == null ? null : oneLine(what, value, maxLength);
  }

  /** A text of any lines whose UTF-8 form is bounded; returned as it came. */
  static String bounded(String what, @Nullable String value, int maxBytes) {
    if (value == null) {
      throw invalid(what + " is missing; expected a text of at most " + maxBytes + " bytes");
    }
    if (value.length() > maxBytes
        || (value.length() > maxBytes / 3
            && value.getBytes(StandardCharsets.UTF_8).length > maxBytes)) {
      throw invalid(
          what
              + " has "
              + value.getBytes(StandardCharsets.UTF_8).length
              + " bytes; at most "
              + maxBytes
              + " are allowed. Shorten it, or put it in a file and send the path");
    }
    int half = unpairedSurrogate(value);
    if (half >= 0) {
      throw invalid(
          what
              + " has half a character at position "
              + half
              + ", an unpaired surrogate, which UTF-8 cannot say; it may have been cut there."
              + " Remove it");
    }
    return value;
  }

  /** Where a text was cut within a character; -1 if nowhere. */
  private static int unpairedSurrogate(String value) {
    for (int i = 0; i < value.length(); i++) {
      if (Character.isSurrogate(value.charAt(i))) {
        if (!Character.isSupplementaryCodePoint(value.codePointAt(i))) {
          return i;
        }
        i++;
      }
    }
    return -1;
  }

  static <T> T required(String what, @Nullable T value) {
    return Arguments.required(what, value);
  }

  static PeersException invalid(String message) {
    return new PeersException(ErrorCode.INVALID_ARGUMENT, message);
  }
}
