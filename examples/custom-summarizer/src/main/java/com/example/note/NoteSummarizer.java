package com.example.note;

import dev.peers.ErrorCode;
import dev.peers.PeersException;
import dev.peers.spi.Summarizer;
import dev.peers.spi.WorkContext;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Says what the first line of {@code .peers-summary} says: that of the session's directory, else
 * that of its repository. Without one it says nothing, and the next summarizer is asked.
 */
final class NoteSummarizer implements Summarizer {
  private static final String FILE = ".peers-summary";
  private static final int MAX_BYTES = 400;

  @Override
  public Optional<String> summarize(WorkContext context) {
    if (context.workspace().host() != null) {
      // A path of another machine.
      return Optional.empty();
    }
    return Stream.of(context.workspace().cwd(), context.workspace().gitRoot())
        .filter(Objects::nonNull)
        .map(directory -> Path.of(directory, FILE))
        // Whoever reads from a pipe may wait for ever.
        .filter(Files::isRegularFile)
        .map(NoteSummarizer::firstLine)
        .filter(line -> !line.isBlank())
        .findFirst();
  }

  private static String firstLine(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      String text = new String(in.readNBytes(MAX_BYTES), StandardCharsets.UTF_8);
      return text.lines().findFirst().orElse("").strip();
    } catch (IOException e) {
      throw new PeersException(
          ErrorCode.UNAVAILABLE, "cannot read " + file + ": " + e.getMessage(), e);
    }
  }
}
