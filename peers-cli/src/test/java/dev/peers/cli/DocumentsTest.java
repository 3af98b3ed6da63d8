package dev.peers.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peers.ErrorCode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The documents keep up with the code. */
class DocumentsTest {
  private static final Path PROJECT = Path.of(System.getProperty("basedir", "")).resolve("..");
  private static final Pattern VARIABLE =
      Pattern.compile("\\b(?:CLAUDE_PEERS|OPENAI|PEERS)_[A-Z]+(?:_[A-Z]+)*\\b");

  @Test
  void everyVariableInTheCodeIsDocumentedAndNoOtherIs() throws IOException {
    Set<String> used = new TreeSet<>();
    for (Path source : sources()) {
      used.addAll(variables(Files.readString(source, StandardCharsets.ISO_8859_1)));
    }

    assertThat(variables(document("configuration.md"))).isEqualTo(used);
  }

  @Test
  void everyErrorCodeIsExplained() throws IOException {
    assertThat(document("errors.md").lines().filter(line -> line.startsWith("## ")))
        .containsExactlyElementsOf(
            Stream.of(ErrorCode.values()).map(code -> "## " + code.wireName()).toList());
  }

  private static List<Path> sources() throws IOException {
    List<Path> sources = new ArrayList<>();
    try (DirectoryStream<Path> modules = Files.newDirectoryStream(PROJECT)) {
      for (Path module : modules) {
        Path main = module.resolve("src/main");
        if (Files.isDirectory(main)) {
          try (Stream<Path> files = Files.walk(main)) {
            files.filter(Files::isRegularFile).forEach(sources::add);
          }
        }
      }
    }
    return sources;
  }

  private static String document(String name) throws IOException {
    return Files.readString(PROJECT.resolve("docs").resolve(name));
  }

  private static Set<String> variables(String text) {
    return VARIABLE
        .matcher(text)
        .results()
        .map(MatchResult::group)
        .collect(Collectors.toCollection(TreeSet::new));
  }
}
