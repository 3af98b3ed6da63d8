package dev.peers.spi;

import java.util.Map;

/**
 * Makes summarizers of one kind. Selected with {@code CLAUDE_PEERS_SUMMARIZER}.
 *
 * @since 0.1
 */
public interface SummarizerProvider extends Provider {
  /**
   * Whether this kind can work with these settings; asked when the user left the choice open.
   *
   * @param settings environment variables by name
   * @return false if, for instance, a key is missing
   */
  boolean available(Map<String, String> settings);

  /**
   * Makes a summarizer.
   *
   * @param settings environment variables by name
   * @return a summarizer, which the caller closes
   */
  Summarizer create(Map<String, String> settings);
}
