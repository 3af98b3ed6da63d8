package dev.peers.spi;

import java.util.Optional;

/**
 * Says in one or two sentences what a session is about. Thread-safe.
 *
 * @since 0.1
 */
public interface Summarizer extends AutoCloseable {
  /**
   * Describes a session. May take seconds; is never called where somebody waits.
   *
   * @param context what is known of the session
   * @return one or two sentences, or empty if there is nothing to say
   * @throws dev.peers.PeersException if it failed; the next summarizer is asked then
   */
  Optional<String> summarize(WorkContext context);

  @Override
  default void close() {}
}
