package dev.peers.store.postgres;

import org.jspecify.annotations.Nullable;

/**
 * Texts as PostgreSQL can hold them, which knows no U+0000. It is written as U+001A 0, and U+001A
 * as U+001A 1; all other texts are written as they are.
 */
final class NulEscaping {
  private static final String NUL = "\u0000";
  private static final String ESCAPE = "\u001a";

  /** What no encoded text begins with. */
  static final String RESERVED = ESCAPE + ":";

  private NulEscaping() {}

  static String encode(String text) {
    if (!text.contains(NUL) && !text.contains(ESCAPE)) {
      return text;
    }
    return text.replace(ESCAPE, ESCAPE + "1").replace(NUL, ESCAPE + "0");
  }

  static @Nullable String encodeOrNull(@Nullable String text) {
    return text == null ? null : encode(text);
  }

  static String decode(String stored) {
    if (!stored.contains(ESCAPE)) {
      return stored;
    }
    return stored.replace(ESCAPE + "0", NUL).replace(ESCAPE + "1", ESCAPE);
  }

  static @Nullable String decodeOrNull(@Nullable String stored) {
    return stored == null ? null : decode(stored);
  }
}
