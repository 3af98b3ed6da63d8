package dev.peers.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;

/** What the packaged directory says of the jars of others that are in its own. */
class ThirdPartyIT {
  private static final Path HOME = Path.of(System.getProperty("peers.home"));
  private static final String LIST = "THIRD-PARTY.txt";

  /** " (licence) (another) the name (group:artifact:version - address)". */
  private static final Pattern LISTED =
      Pattern.compile(
          "^ +(?:\\([^)]+\\) )+.* \\([^:() ]+:([^: ]+):([^: ]+) - .*\\)$", Pattern.MULTILINE);

  @Test
  void listsEachShippedJarWithItsLicence() throws IOException {
    String list = Files.readString(HOME.resolve(LIST));

    assertThat(list).contains("third-party dependencies.\n");
    assertThat(jars(LISTED.matcher(list).results().map(ThirdPartyIT::jar))).isEqualTo(shipped());
  }

  @Test
  void theBillOfMaterialsNamesEachShippedJar() throws IOException {
    assumeFalse(
        "offline=true".equals(System.getProperty("peers.maven")),
        "Maven makes the bill only when it is online");

    JsonNode bill = World.JSON.readTree(HOME.resolve("peers.cdx.json").toFile());

    assertThat(bill.get("bomFormat").asText()).isEqualTo("CycloneDX");
    assertThat(
            jars(
                bill.get("components")
                    .valueStream()
                    .filter(component -> !component.get("group").asText().equals("dev.peers"))
                    .map(
                        component ->
                            component.get("name").asText()
                                + "-"
                                + component.get("version").asText()
                                + ".jar")))
        .isEqualTo(shipped());
  }

  @Test
  void theJarThatWorksAloneCarriesTheList() throws IOException {
    try (ZipFile alone = new ZipFile(HOME.resolve("peers-mcp.jar").toFile())) {
      byte[] list = alone.getInputStream(alone.getEntry("META-INF/" + LIST)).readAllBytes();

      assertThat(list).isEqualTo(Files.readAllBytes(HOME.resolve(LIST)));
    }
  }

  private static SortedSet<String> shipped() throws IOException {
    String classPath = Files.readString(Path.of(System.getProperty("peers.shipped")));
    return jars(
        Stream.of(classPath.strip().split(File.pathSeparator))
            .map(jar -> Path.of(jar).getFileName().toString())
            .filter(name -> name.endsWith(".jar") && !name.startsWith("peers-")));
  }

  private static String jar(MatchResult listed) {
    return listed.group(1) + "-" + listed.group(2) + ".jar";
  }

  private static SortedSet<String> jars(Stream<String> names) {
    return names.collect(Collectors.toCollection(TreeSet::new));
  }
}
