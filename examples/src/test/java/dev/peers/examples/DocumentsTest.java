package dev.peers.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The code in the documents is code that is compiled and run here. */
class DocumentsTest {
  private static final Path MODULE = Path.of(System.getProperty("basedir", ""));
  private static final Path PROJECT = MODULE.resolve("..");
  private static final Pattern PEERS_VERSION =
      Pattern.compile(
          "(?:peers-bom:|<artifactId>peers-bom</artifactId>\\s*<version>|peersVersion=)([\\w.-]+)");
  private static final Pattern PLUGIN =
      Pattern.compile(
          "<artifactId>(?:maven-)?(\\w+)(?:-maven)?-plugin</artifactId>\\s*<version>([^<]+)<");
  private static final Pattern JAVA = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);

  @ParameterizedTest
  @ValueSource(strings = {"README.md", "docs/embedding.md", "docs/writing-a-store.md"})
  void everyJavaBlockStandsInAnExample(String document) throws IOException {
    List<String> examples = examples();
    Matcher block = JAVA.matcher(Files.readString(PROJECT.resolve(document)));
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

  @Test
  void theReadmeShowsAWholeProgram() throws IOException {
    String readme = Files.readString(PROJECT.resolve("README.md"));
    Matcher block = JAVA.matcher(readme);

    assertThat(block.find()).isTrue();
    assertThat(block.group(1)).startsWith("import ").contains("void main(").endsWith("\n}\n");
    assertThat(readme.lines().count()).isLessThan(150);
  }

  @ParameterizedTest
  @ValueSource(strings = {"README.md", "docs/embedding.md", "consumers/gradle/gradle.properties"})
  void theVersionToDependOnIsThisOne(String document) throws IOException {
    Matcher named = PEERS_VERSION.matcher(Files.readString(PROJECT.resolve(document)));
    int count = 0;
    while (named.find()) {
      count++;
      assertThat(named.group(1)).as(named.group()).isEqualTo(property("revision"));
    }
    assertThat(count).isPositive();
  }

  @Test
  void projectsToCopyNameThisVersionAndThePluginsOfThisBuild() throws IOException {
    List<Path> poms = new ArrayList<>();
    for (String directory : List.of("consumers", "examples")) {
      try (Stream<Path> projects = Files.list(PROJECT.resolve(directory))) {
        projects.map(one -> one.resolve("pom.xml")).filter(Files::exists).forEach(poms::add);
      }
    }
    assertThat(poms).hasSizeGreaterThan(5);
    for (Path pom : poms) {
      String text = Files.readString(pom);
      assertThat(text).as(pom.toString()).doesNotContain("<version>@");
      assertThat(text)
          .as(pom.toString())
          .contains("<peers.version>" + property("revision") + "</peers.version>");
      Matcher plugin = PLUGIN.matcher(text);
      while (plugin.find()) {
        assertThat(plugin.group(2))
            .as(pom + ": " + plugin.group(1))
            .isEqualTo(property("version.plugin." + plugin.group(1)));
      }
    }
  }

  /** As it is written in the root pom: a release may be built under another version. */
  private static String property(String name) throws IOException {
    Matcher value =
        Pattern.compile("<" + Pattern.quote(name) + ">([^<]+)<")
            .matcher(Files.readString(PROJECT.resolve("pom.xml")));
    assertThat(value.find()).as(name).isTrue();
    return value.group(1);
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
