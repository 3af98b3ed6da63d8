package dev.peers;

import static dev.peers.Arguments.required;

import java.util.regex.Pattern;

/**
 * Text that another agent, program or file chose, made safe for where it is shown. The policy is
 * the same at every exit: an agent, a terminal, a log, an error.
 *
 * <ul>
 *   <li>Control characters, line and paragraph separators, direction marks, the invisible tag
 *       letters U+E0000 to U+E007F and lone surrogates never pass: they steer a display, or carry
 *       text that a model reads and a human does not see.
 *   <li>Where lines are allowed, line feeds and tabs pass.
 *   <li>Tags with which clients tell an agent who speaks are escaped.
 * </ul>
 *
 * <p>The text of a message is stored and sent as it is; this is applied where it is shown. All
 * methods are pure and thread-safe, and refuse null and limits out of range with a {@link
 * PeersException}.
 *
 * @since 0.1
 */
public final class UntrustedText {
  private static final String STEERING =
      "\\p{Cc}\\p{Cs}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069"
          + "\\x{E0000}-\\x{E007F}";

  private static final Pattern NOT_A_LINE = Pattern.compile("[" + STEERING + "\\s]+");
  private static final Pattern NOT_LINES = Pattern.compile("[" + STEERING + "&&[^\n\t]]");
  private static final Pattern LINE_END = Pattern.compile("\r\n?");

  private static final Pattern TAG =
      Pattern.compile(
          "<(?=\\s*/?\\s*(channel|system-reminder|cross-session-message))",
          Pattern.CASE_INSENSITIVE);

  private UntrustedText() {}

  /**
   * Puts a text on one line. Each run of white space and of what never passes becomes one space.
   *
   * @param text any text
   * @return the line, without white space around it
   */
  public static String line(String text) {
    return NOT_A_LINE.matcher(required("text", text)).replaceAll(" ").strip();
  }

  /**
   * The same, shortened with an ellipsis.
   *
   * @param text any text
   * @param maxChars the most characters of the result, the ellipsis included; from 2 on
   * @return the line
   */
  public static String line(String text, int maxChars) {
    String line = line(text);
    if (maxChars < 2) {
      throw Checks.invalid("limit " + maxChars + " is out of range; expected 2 or more");
    }
    return line.length() <= maxChars ? line : cut(line, maxChars - 1).stripTrailing() + "…";
  }

  /**
   * Keeps the lines of a text. Each character that never passes becomes U+FFFD.
   *
   * @param text any text
   * @return the lines, each ended by a line feed
   */
  public static String lines(String text) {
    return NOT_LINES
        .matcher(LINE_END.matcher(required("text", text)).replaceAll("\n"))
        .replaceAll("\uFFFD");
  }

  /**
   * Prepares lines for an agent, which must not take them for what its client says.
   *
   * @param text any text
   * @return the lines, with the client's tags escaped
   */
  public static String forAgent(String text) {
    return TAG.matcher(lines(text)).replaceAll("&lt;");
  }

  /**
   * Prepares a line for the value of an attribute, or for between other words.
   *
   * @param text any text
   * @return the line, without angle brackets and double quotes
   */
  public static String attribute(String text) {
    return line(text).replace('<', '‹').replace('>', '›').replace('"', '\'');
  }

  /**
   * Cuts a text, never within a character.
   *
   * @param text any text
   * @param maxChars the most characters of the result; from 1 on
   * @return its beginning
   */
  public static String cut(String text, int maxChars) {
    required("text", text);
    if (maxChars < 1) {
      throw Checks.invalid("limit " + maxChars + " is out of range; expected 1 or more");
    }
    if (text.length() <= maxChars) {
      return text;
    }
    boolean splits = Character.isHighSurrogate(text.charAt(maxChars - 1));
    return text.substring(0, splits ? maxChars - 1 : maxChars);
  }
}
