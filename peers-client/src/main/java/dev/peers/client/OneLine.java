package dev.peers.client;

import java.util.regex.Pattern;

/** Makes of any text one line of bounded length that steers no display. */
final class OneLine {
  // Controls, line and paragraph separators, direction marks, and the invisible tag letters.
  private static final Pattern STEERING =
      Pattern.compile(
          "[\\p{Cc}\\p{Cs}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069"
              + "\\x{E0000}-\\x{E007F}]");

  private OneLine() {}

  static String of(String text, int maxChars) {
    return cut(STEERING.matcher(text.strip()).replaceAll("\uFFFD").strip(), maxChars);
  }

  /** Shortens a text, and says so with an ellipsis; never within a character. */
  static String cut(String text, int maxChars) {
    if (text.length() <= maxChars) {
      return text;
    }
    int end = maxChars - 1;
    if (Character.isHighSurrogate(text.charAt(end - 1))) {
      end--;
    }
    return text.substring(0, end).stripTrailing() + "…";
  }
}
