package dev.peers.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** The packaged commands with settings that make no sense. */
class SettingsIT {
  private static final String DATABASE = "expected the path of a database of Peers, or one where ";

  /** Each with a value that makes no sense, and what is said to be expected. */
  static final List<List<String>> NONSENSE =
      List.of(
          List.of("CLAUDE_PEERS_AUTH", "None", "expected one of: token, off"),
          List.of("CLAUDE_PEERS_CHANNEL", "maybe", "expected one of: on, off, auto"),
          List.of("CLAUDE_PEERS_DB", "/", DATABASE),
          List.of("CLAUDE_PEERS_HOST", "no host!", "expected an address such as 127.0.0.1"),
          List.of("CLAUDE_PEERS_INBOX", "yes", "expected one of: on, off"),
          List.of("CLAUDE_PEERS_MAX_RATE", "-1", "expected a whole number from 0"),
          List.of("CLAUDE_PEERS_MAX_TURNS", "many", "expected a whole number from 0"),
          List.of("CLAUDE_PEERS_MAX_UNREAD", "10001", "expected a whole number from 0 to 10000"),
          List.of("CLAUDE_PEERS_PORT", "0x1F", "expected a whole number from 1 to 65535"),
          List.of("CLAUDE_PEERS_STOP_HOOK", "?", "expected one of: on, off"),
          List.of("CLAUDE_PEERS_STORE", "sqlit", "expected one of: memory, postgres, sqlite"),
          List.of("CLAUDE_PEERS_SUMMARIZER", "oracle", "expected one of: auto, off, git, openai"),
          List.of("CLAUDE_PEERS_TRANSPORT", "pigeon", "expected one of: http"),
          List.of("CLAUDE_PEERS_URL", "localhost:7899", "expected an address such as http://"),
          List.of("CLAUDE_PEERS_WAKE_INTERVAL", "soon", "expected a number of seconds from 0"),
          List.of("CLAUDE_PEERS_WITH", "/missing.jar", "expected a jar"));

  /** A name or an option of another program may be any text; a secret is not repeated. */
  private static final Set<String> ANY_TEXT =
      Set.of(
          "CLAUDE_PEERS_MACHINE",
          "CLAUDE_PEERS_NAME",
          "CLAUDE_PEERS_STORE_URL",
          "CLAUDE_PEERS_SUMMARY_MODEL",
          "CLAUDE_PEERS_TOKEN");

  private final World world = new World();

  @AfterEach
  void end() {
    world.close();
  }

  @ParameterizedTest
  @FieldSource("NONSENSE")
  void oneThatMakesNoSenseIsNamedByCommandsAndTheDoctor(List<String> setting) throws IOException {
    String sentence = setting.get(0) + " is '" + setting.get(1) + "'; " + setting.get(2);
    world.with(setting.get(0), setting.get(1));

    World.Result command = world.peers("peers");
    World.Result broker = world.peers("broker");
    World.Result doctor = world.peers("doctor", "--json");

    for (World.Result result : List.of(command, broker)) {
      assertThat(result.code()).as(result.err()).isEqualTo(2);
      assertThat(result.err())
          .startsWith("peers: " + sentence)
          .hasLineCount(1)
          .doesNotContain("META-INF", "Provider", "SPI", "Exception");
    }
    assertThat(doctor.code()).isEqualTo(1);
    List<String> found = new ArrayList<>();
    for (JsonNode finding : doctor.json().get("findings")) {
      if (finding.get("check").asText().equals("settings")) {
        found.add(finding.get("message").asText());
      }
    }
    assertThat(found).singleElement().asString().startsWith(sentence);
    assertThat(world.brokerPid()).as("a broker that was started").isEmpty();
  }

  @Test
  void everySettingOfPeersIsAmongThem() throws IOException {
    Path document = Path.of(System.getProperty("basedir", "")).resolve("../docs/configuration.md");
    Set<String> tested =
        NONSENSE.stream()
            .map(setting -> setting.get(0))
            .collect(Collectors.toCollection(TreeSet::new));
    tested.addAll(ANY_TEXT);

    assertThat(
            Pattern.compile("CLAUDE_PEERS_[A-Z]+(?:_[A-Z]+)*")
                .matcher(Files.readString(document))
                .results()
                .map(MatchResult::group))
        .allMatch(tested::contains);
  }

  @Test
  void aTokenThatNoHeaderCanCarryIsNotRepeated() {
    world.with("CLAUDE_PEERS_TOKEN", "sécret");

    World.Result result = world.peers("peers");

    assertThat(result.code()).isEqualTo(2);
    assertThat(result.err())
        .startsWith("peers: CLAUDE_PEERS_TOKEN is ")
        .contains("expected")
        .doesNotContain("cret'");
  }

  @Test
  void aDatabaseOfAnotherProgramIsNamedAndLeftAsItIs() throws IOException, SQLException {
    Path notes = Files.writeString(world.file("notes.txt"), "buy milk\n".repeat(1_000));
    Path original = world.file("original.db");
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + original);
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE TABLE peers (id TEXT PRIMARY KEY, pid INTEGER, cwd TEXT)");
    }
    byte[] before = Files.readAllBytes(original);

    assertForeign(notes, "that file is not a database");
    assertForeign(original, "that file is another program's database");

    assertThat(notes).content(StandardCharsets.UTF_8).startsWith("buy milk\n");
    assertThat(original).hasBinaryContent(before);
  }

  private void assertForeign(Path file, String what) {
    world.with("CLAUDE_PEERS_DB", file.toString());

    World.Result result = world.peers("peers");

    assertThat(result.code()).isEqualTo(2);
    assertThat(result.err())
        .startsWith("peers: CLAUDE_PEERS_DB is '" + file + "'; " + DATABASE)
        .contains(what, "left as it is")
        .hasLineCount(1);
  }

  @Test
  void aSettingOfSessionsThatMakesNoSenseIsRefusedByTheSessionAndByCommands() {
    RawSession eel = world.start(world.directory("eel"), Map.of("CLAUDE_PEERS_INBOX", "yes"));

    String refusal = eel.initializeOnly("2025-11-25").at("/error/message").asText();

    assertThat(refusal).contains("CLAUDE_PEERS_INBOX is 'yes'; expected one of: on, off");
    world.join("owl", Map.of("CLAUDE_PEERS_INBOX", "Off"));
    world.with("CLAUDE_PEERS_INBOX", "yes");
    assertThat(world.peers("status").code()).isEqualTo(2);
  }
}
