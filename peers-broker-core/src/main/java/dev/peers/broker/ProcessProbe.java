package dev.peers.broker;

import dev.peers.ProcessRef;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Tells whether a process of this machine is still the one it was. Thread-safe.
 *
 * @since 0.1
 */
@FunctionalInterface
public interface ProcessProbe {
  /**
   * Whether a process runs. A process of another user counts; one that has only the same number,
   * having started at another time, does not.
   *
   * @param process which process
   * @return true if it runs
   */
  boolean isAlive(ProcessRef process);

  /**
   * A probe that asks the operating system.
   *
   * @return the probe
   */
  static ProcessProbe ofSystem() {
    return process ->
        ProcessHandle.of(process.pid())
            .filter(ProcessHandle::isAlive)
            .map(handle -> sameStart(process, handle.info().startInstant().orElse(null)))
            .orElse(false);
  }

  private static boolean sameStart(ProcessRef process, @Nullable Instant start) {
    Instant expected = process.startInstant();
    // The system counts in ticks of 10 ms, and sources differ by their rounding.
    return expected == null
        || start == null
        || Duration.between(expected, start).abs().compareTo(Duration.ofSeconds(1)) < 0;
  }
}
