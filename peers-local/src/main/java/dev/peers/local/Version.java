package dev.peers.local;

/**
 * Which of two versions of Peers is the newer one.
 *
 * @since 0.1
 */
public final class Version {
  private Version() {}

  /**
   * Compares versions such as {@code 0.10.2} number by number; a snapshot comes before its release.
   *
   * @param one a version
   * @param other another; what is no version counts as the oldest of all
   * @return true if the first is newer than the second
   */
  public static boolean isNewer(String one, String other) {
    if (!isVersion(one)) {
      return false;
    }
    if (!isVersion(other)) {
      return true;
    }
    int i = 0;
    int j = 0;
    while (true) {
      int endOfOne = endOfNumber(one, i);
      int endOfOther = endOfNumber(other, j);
      int difference = number(one, i, endOfOne) - number(other, j, endOfOther);
      if (difference != 0) {
        return difference > 0;
      }
      boolean moreOfOne = endOfOne < one.length() && one.charAt(endOfOne) == '.';
      boolean moreOfOther = endOfOther < other.length() && other.charAt(endOfOther) == '.';
      if (!moreOfOne && !moreOfOther) {
        // What follows can only be a qualifier, which makes it a forerunner.
        return endOfOne == one.length() && endOfOther < other.length();
      }
      i = moreOfOne ? endOfOne + 1 : one.length();
      j = moreOfOther ? endOfOther + 1 : other.length();
    }
  }

  /** The version of the jar that this class is in; empty outside a jar. */
  static String own() {
    String version = Version.class.getPackage().getImplementationVersion();
    return version == null ? "" : version;
  }

  /** Whether this installation is newer than a broker that says of itself what it is. */
  static boolean ownIsNewer(String card) {
    String version = member(card, "version");
    return !version.isEmpty() && isNewer(own(), version);
  }

  /** A text in what a broker says of itself; empty if it is not there, or spelt with escapes. */
  static String member(String card, String name) {
    String label = "\"" + name + "\":\"";
    int start = card.indexOf(label);
    if (start < 0) {
      return "";
    }
    int from = start + label.length();
    int end = card.indexOf('"', from);
    String text = end < 0 ? "" : card.substring(from, end);
    return text.indexOf('\\') < 0 ? text : "";
  }

  private static boolean isVersion(String text) {
    return !text.isEmpty() && text.charAt(0) >= '0' && text.charAt(0) <= '9';
  }

  private static int endOfNumber(String text, int from) {
    int end = from;
    while (end < text.length() && text.charAt(end) >= '0' && text.charAt(end) <= '9') {
      end++;
    }
    return end;
  }

  private static int number(String text, int from, int to) {
    int number = 0;
    for (int i = from; i < Math.min(to, from + 9); i++) {
      number = number * 10 + (text.charAt(i) - '0');
    }
    return number;
  }
}
