package com.example.note;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peers.Workspace;
import dev.peers.spi.Providers;
import dev.peers.spi.Summarizer;
import dev.peers.spi.SummarizerProvider;
import dev.peers.spi.WorkContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NoteSummarizerTest {
  private final Summarizer note =
      Providers.of(SummarizerProvider.class).named("note").create(Map.of());

  @TempDir Path root;

  @Test
  void saysTheFirstLineOfTheNearestNote() throws IOException {
    Path directory = Files.createDirectory(root.resolve("parser"));
    assertThat(summaryIn(directory)).isEmpty();

    Files.writeString(root.resolve(".peers-summary"), "Rewriting the parser.\nNotes follow.\n");
    assertThat(summaryIn(directory)).contains("Rewriting the parser.");

    Files.writeString(directory.resolve(".peers-summary"), "  Strings and their escapes ");
    assertThat(summaryIn(directory)).contains("Strings and their escapes");
  }

  @Test
  void readsNoEndlessLine() throws IOException {
    Files.writeString(root.resolve(".peers-summary"), "x".repeat(1_000_000));

    assertThat(summaryIn(root)).contains("x".repeat(400));
  }

  @Test
  void readsNothingForASessionOfAnotherMachine() throws IOException {
    Files.writeString(root.resolve(".peers-summary"), "ours");

    assertThat(summaryIn(Workspace.of(root.toString()).onHost("ada"))).isEmpty();
  }

  private Optional<String> summaryIn(Path directory) {
    return summaryIn(new Workspace(directory.toString(), root.toString(), null, "main"));
  }

  private Optional<String> summaryIn(Workspace workspace) {
    return note.summarize(new WorkContext(workspace, List.of(), List.of(), List.of(), List.of()));
  }
}
