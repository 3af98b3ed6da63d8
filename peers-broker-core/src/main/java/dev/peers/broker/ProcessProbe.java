package dev.peers.broker;

import dev.peers.ProcessRef;
import java.util.Optional;

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
   * Which process started another, as far as it still runs.
   *
   * @param process which process
   * @return its parent, or empty if that is not known; always empty unless overridden
   */
  default Optional<ProcessRef> parentOf(ProcessRef process) {
    return Optional.empty();
  }

  /**
   * A probe that asks the operating system.
   *
   * @return the probe
   */
  static ProcessProbe ofSystem() {
    return new SystemProcessProbe();
  }
}
