package dev.peers.local;

/**
 * Writes JSON where no library is: the relay and what it shares with the others need java.base
 * alone.
 *
 * @since 0.1
 */
public final class Json {
  private Json() {}

  /** Appends a member after another one. */
  public static void member(StringBuilder json, String name, String value) {
    json.append(',');
    text(json, name);
    json.append(':');
    text(json, value);
  }

  /** Appends a string; half a character, which UTF-8 cannot hold, as an escape. */
  public static void text(StringBuilder json, String value) {
    json.append('"');
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == '"' || c == '\\') {
        json.append('\\').append(c);
      } else if (Character.isHighSurrogate(c)
          && i + 1 < value.length()
          && Character.isLowSurrogate(value.charAt(i + 1))) {
        json.append(c).append(value.charAt(++i));
      } else if (c < ' ' || Character.isSurrogate(c)) {
        String hex = Integer.toHexString(c);
        json.append("\\u").append("0000", 0, 4 - hex.length()).append(hex);
      } else {
        json.append(c);
      }
    }
    json.append('"');
  }
}
