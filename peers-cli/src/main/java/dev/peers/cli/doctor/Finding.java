package dev.peers.cli.doctor;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What one look of {@code peers doctor} has found.
 *
 * @param check what was looked at, a stable word
 * @param level how bad it is
 * @param message what was found
 * @param fix what to do about it; null where all is well
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record Finding(String check, Level level, String message, @Nullable String fix) {
  /** How bad it is; an error keeps Peers from working. */
  enum Level {
    OK,
    WARNING,
    ERROR;

    @JsonValue
    String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  static Finding ok(String check, String message) {
    return new Finding(check, Level.OK, message, null);
  }

  static Finding warning(String check, String message, String fix) {
    return new Finding(check, Level.WARNING, message, fix);
  }

  static Finding error(String check, String message, String fix) {
    return new Finding(check, Level.ERROR, message, fix);
  }
}
