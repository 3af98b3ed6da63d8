package com.example.note;

import dev.peers.spi.Summarizer;
import dev.peers.spi.SummarizerProvider;
import java.util.Map;

/** Makes summarizers of the kind {@code note}. */
public final class NoteSummarizerProvider implements SummarizerProvider {
  @Override
  public String name() {
    return "note";
  }

  @Override
  public boolean available(Map<String, String> settings) {
    return true;
  }

  @Override
  public Summarizer create(Map<String, String> settings) {
    return new NoteSummarizer();
  }
}
