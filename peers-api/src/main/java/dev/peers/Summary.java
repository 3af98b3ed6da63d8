package dev.peers;

import java.time.Instant;

/**
 * One or two sentences on what a peer is doing.
 *
 * @param text what it does, at most 2 KiB of UTF-8; never blank
 * @param source who wrote it
 * @param updatedAt when it was written
 * @since 0.1
 */
public record Summary(String text, Source source, Instant updatedAt) {
  /** The most bytes a summary can have. */
  public static final int MAX_BYTES = 2 * 1024;

  /** Who wrote a summary. */
  public enum Source {
    /** The agent itself, or its user. Only another manual summary replaces it. */
    MANUAL,
    /** A summarizer. Anything replaces it. */
    AUTOMATIC
  }

  /** Checks the length. */
  public Summary {
    Checks.bounded("summary", text, MAX_BYTES);
    if (text.isBlank()) {
      throw Checks.invalid("summary is blank; expected one or two sentences");
    }
    Checks.required("source", source);
    Checks.required("updatedAt", updatedAt);
  }
}
