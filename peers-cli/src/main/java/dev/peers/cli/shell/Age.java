package dev.peers.cli.shell;

import java.time.Duration;
import java.time.Instant;

/** How long ago something was, for people. */
public final class Age {
  private Age() {}

  /** Such as {@code 3 s}, {@code 5 min}, {@code 2 h} or {@code 4 d}; a time to come is now. */
  public static String of(Instant then, Instant now) {
    Duration age = Duration.between(then, now);
    if (age.toSeconds() < 60) {
      return Math.max(0, age.toSeconds()) + " s";
    }
    if (age.toMinutes() < 60) {
      return age.toMinutes() + " min";
    }
    return age.toHours() < 48 ? age.toHours() + " h" : age.toDays() + " d";
  }
}
