package dev.peers.client;

import dev.peers.spi.Summarizer;
import dev.peers.spi.SummarizerProvider;
import java.util.Map;

/**
 * Summaries made of what git tells, offline; the name is {@code git}. Always available.
 *
 * @since 0.1
 */
public final class GitSummarizerProvider implements SummarizerProvider {
  @Override
  public String name() {
    return "git";
  }

  @Override
  public boolean available(Map<String, String> settings) {
    return true;
  }

  @Override
  public Summarizer create(Map<String, String> settings) {
    return new GitSummarizer();
  }
}
