package dev.peers.summarizer.openai;

import dev.peers.spi.Summarizer;
import dev.peers.spi.SummarizerProvider;
import java.time.Duration;
import java.util.Map;

/**
 * Has a model write the summaries; the name is {@code openai}. Available with {@code
 * OPENAI_API_KEY}; {@code OPENAI_BASE_URL} and {@code CLAUDE_PEERS_SUMMARY_MODEL} choose another
 * server and model.
 *
 * @since 0.1
 */
public final class OpenAiSummarizerProvider implements SummarizerProvider {
  static final String DEFAULT_MODEL = "gpt-5.4-nano";

  private static final String DEFAULT_URL = "https://api.openai.com/v1";
  private static final Duration LIMIT = Duration.ofSeconds(5);

  @Override
  public String name() {
    return "openai";
  }

  @Override
  public boolean available(Map<String, String> settings) {
    return !value(settings, "OPENAI_API_KEY", "").isEmpty();
  }

  @Override
  public Summarizer create(Map<String, String> settings) {
    return create(settings, LIMIT);
  }

  static OpenAiSummarizer create(Map<String, String> settings, Duration limit) {
    return new OpenAiSummarizer(
        value(settings, "OPENAI_BASE_URL", DEFAULT_URL),
        value(settings, "OPENAI_API_KEY", ""),
        value(settings, "CLAUDE_PEERS_SUMMARY_MODEL", DEFAULT_MODEL),
        limit);
  }

  private static String value(Map<String, String> settings, String name, String otherwise) {
    String value = settings.getOrDefault(name, "").strip();
    return value.isEmpty() ? otherwise : value;
  }
}
