package dev.peers;

import static dev.peers.Arguments.required;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A process of the machine the peer runs on. It is a hint only: a process id alone is reused by the
 * system, so the instant of the start tells two bearers of one number apart.
 *
 * @param pid at least 1
 * @param startInstant when it started, where the system tells; null otherwise
 * @since 0.1
 */
public record ProcessRef(long pid, @Nullable Instant startInstant) {
  private static final Instant EARLIEST = Instant.EPOCH;
  private static final Instant LATEST = Instant.parse("9999-12-31T23:59:59Z");

  /** Refuses ids that mean "every process" or "my group" to the system. */
  public ProcessRef {
    if (pid < 1) {
      throw Checks.invalid("process id " + pid + " is out of range; expected at least 1");
    }
    if (startInstant != null && (startInstant.isBefore(EARLIEST) || startInstant.isAfter(LATEST))) {
      throw Checks.invalid(
          "the start of process " + pid + ", " + startInstant + ", is not a valid time");
    }
  }

  /**
   * When the process started.
   *
   * @return the instant, or empty where the system did not tell
   */
  public Optional<Instant> started() {
    return Optional.ofNullable(startInstant);
  }

  /**
   * Whether two references mean one process: they have the same id, and no starts that contradict
   * each other. The system counts in ticks, and two programs that ask it differ by their rounding,
   * so starts less than a second apart are one.
   *
   * @param other another reference to a process of the same machine
   * @return true if it is the same process, as far as is known
   */
  public boolean isSame(ProcessRef other) {
    required("other", other);
    return pid == other.pid
        && (startInstant == null
            || other.startInstant == null
            || Duration.between(startInstant, other.startInstant)
                    .abs()
                    .compareTo(Duration.ofSeconds(1))
                < 0);
  }
}
