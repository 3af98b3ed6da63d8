package dev.peers.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The code in the documents is code that is compiled and run here. */
class DocumentsTest {
  private static final Path MODULE = Path.of(System.getProperty("basedir", ""));
  private static final Pattern JAVA = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);

  @ParameterizedTest
  @ValueSource(strings = {"README.md", "docs/embedding.md", "docs/writing-a-store.md"})
  void everyJavaBlockStandsInAnExample(String document) throws IOException {
    List<String> examples = examples();
    Matcher block = JAVA.matcher(Files.readString(MODULE.resolve("..").resolve(document)));
    int blocks = 0;
    while (block.find()) {
      blocks++;
      String code = withoutSpace(block.group(1));
      assertThat(examples.stream().anyMatch(example -> example.contains(code)))
          .as(block.group(1))
          .isTrue();
    }
    assertThat(blocks).isPositive();
  }

  private static List<String> examples() throws IOException {
    try (Stream<Path> recipes = Files.walk(MODULE.resolve("src/main/java"));
        Stream<Path> store = Files.walk(MODULE.resolve("custom-store/src"))) {
      return Stream.concat(recipes, store)
          .filter(Files::isRegularFile)
          .map(
              file -> {
                try {
                  return withoutSpace(Files.readString(file));
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              })
          .toList();
    }
  }

  private static String withoutSpace(String code) {
    return code.replaceAll("\\s+", "");
  }
}
