package dev.peers.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Code in documents is code of the examples. */
class DocumentsTest {
  private static final Pattern CODE = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);

  @Test
  void allCodeOfWritingAStoreIsInTheExample() throws IOException {
    List<String> sources;
    try (Stream<Path> files = Files.walk(Path.of("custom-store", "src"))) {
      sources =
          files
              .filter(file -> file.toString().endsWith(".java"))
              .map(DocumentsTest::withoutLayout)
              .toList();
    }
    Matcher code = CODE.matcher(Files.readString(Path.of("..", "docs", "writing-a-store.md")));

    assertThat(code.results().map(found -> withoutLayout(found.group(1))))
        .isNotEmpty()
        .allSatisfy(snippet -> assertThat(sources).anyMatch(source -> source.contains(snippet)));
  }

  private static String withoutLayout(Path file) {
    try {
      return withoutLayout(Files.readString(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String withoutLayout(String text) {
    return text.lines()
        .map(String::strip)
        .filter(line -> !line.isEmpty())
        .collect(Collectors.joining("\n"));
  }
}
