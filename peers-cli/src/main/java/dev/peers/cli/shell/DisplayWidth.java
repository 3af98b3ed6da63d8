package dev.peers.cli.shell;

/**
 * How much of a terminal's line a text takes. Where terminals differ, as with emoji made of
 * several, it is the greater number.
 */
public final class DisplayWidth {
  private static final String ELLIPSIS = "…";

  /** First and last of what takes two cells: East Asian scripts, full-width forms, emoji. */
  private static final int[] WIDE = {
    0x1100, 0x115F, 0x231A, 0x231B, 0x2329, 0x232A, 0x23E9, 0x23EC, 0x23F0, 0x23F0, 0x23F3, 0x23F3,
    0x25FD, 0x25FE, 0x2614, 0x2615, 0x2648, 0x2653, 0x267F, 0x267F, 0x2693, 0x2693, 0x26A1, 0x26A1,
    0x26AA, 0x26AB, 0x26BD, 0x26BE, 0x26C4, 0x26C5, 0x26CE, 0x26CE, 0x26D4, 0x26D4, 0x26EA, 0x26EA,
    0x26F2, 0x26F3, 0x26F5, 0x26F5, 0x26FA, 0x26FA, 0x26FD, 0x26FD, 0x2705, 0x2705, 0x270A, 0x270B,
    0x2728, 0x2728, 0x274C, 0x274C, 0x274E, 0x274E, 0x2753, 0x2755, 0x2757, 0x2757, 0x2795, 0x2797,
    0x27B0, 0x27B0, 0x27BF, 0x27BF, 0x2B1B, 0x2B1C, 0x2B50, 0x2B50, 0x2B55, 0x2B55, 0x2E80, 0x303E,
    0x3041, 0x4DBF, 0x4E00, 0xA4CF, 0xA960, 0xA97F, 0xAC00, 0xD7A3, 0xF900, 0xFAFF, 0xFE10, 0xFE19,
    0xFE30, 0xFE6F, 0xFF00, 0xFF60, 0xFFE0, 0xFFE6, 0x16FE0, 0x18DFF, 0x1AFF0, 0x1B2FF, 0x1F004,
    0x1F004, 0x1F0CF, 0x1F0CF, 0x1F18E, 0x1F18E, 0x1F191, 0x1F19A, 0x1F1E6, 0x1F265, 0x1F300,
    0x1F64F, 0x1F680, 0x1F6FF, 0x1F7E0, 0x1F7F0, 0x1F900, 0x1F9FF, 0x1FA70, 0x1FAFF, 0x20000,
    0x3FFFD
  };

  private DisplayWidth() {}

  public static int width(String text) {
    return text.codePoints().map(DisplayWidth::width).sum();
  }

  /** The text, or as much of its beginning as fits, and an ellipsis. */
  public static String cutEnd(String text, int width) {
    return width(text) <= width ? text : head(text, width - 1) + ELLIPSIS;
  }

  /** The text, or an ellipsis and as much of its end as fits; of a path only whole names. */
  static String cutStart(String text, int width) {
    if (width(text) <= width) {
      return text;
    }
    String tail = tail(text, width - 1);
    int name = tail.indexOf('/');
    return ELLIPSIS + (name > 0 && name < tail.length() - 1 ? tail.substring(name) : tail);
  }

  /** The text, or as much of its beginning and of its end as fits around an ellipsis. */
  static String cutMiddle(String text, int width) {
    if (width(text) <= width) {
      return text;
    }
    int tail = width / 2;
    return head(text, width - 1 - tail) + ELLIPSIS + tail(text, tail);
  }

  private static String head(String text, int width) {
    int end = 0;
    int left = width;
    while (end < text.length()) {
      int character = text.codePointAt(end);
      left -= width(character);
      if (left < 0) {
        break;
      }
      end += Character.charCount(character);
    }
    return text.substring(0, end);
  }

  private static String tail(String text, int width) {
    int start = text.length();
    int left = width;
    for (int i = start; i > 0; ) {
      int character = text.codePointBefore(i);
      int cells = width(character);
      left -= cells;
      if (left < 0) {
        break;
      }
      i -= Character.charCount(character);
      // An accent does not stand at the beginning, without its letter.
      start = cells > 0 ? i : start;
    }
    return text.substring(start);
  }

  private static int width(int character) {
    if (character < 0x300) {
      return 1;
    }
    // Makes an emoji of a sign that is one cell wide without it.
    if (character == 0xFE0F) {
      return 1;
    }
    int type = Character.getType(character);
    if (type == Character.NON_SPACING_MARK
        || type == Character.ENCLOSING_MARK
        || type == Character.FORMAT) {
      return 0;
    }
    for (int i = 0; i < WIDE.length && character >= WIDE[i]; i += 2) {
      if (character <= WIDE[i + 1]) {
        return 2;
      }
    }
    return 1;
  }
}
