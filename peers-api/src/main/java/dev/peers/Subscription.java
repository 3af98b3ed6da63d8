package dev.peers;

/**
 * A standing wish to be woken for new mail. Thread-safe; closing it twice is harmless.
 *
 * @since 0.1
 */
public interface Subscription extends AutoCloseable {
  /** Ends the wake-ups. A wake-up that already runs is not waited for. */
  @Override
  void close();
}
