package dev.peers.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** {@code peers doctor} on installations that are well, and on broken ones. */
class DoctorIT {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final World world = new World();

  @AfterEach
  void end() {
    world.close();
  }

  @Test
  void sendsItselfAMessageWhereAllIsWellAndLeavesNoPeer() throws IOException {
    JsonNode report = examine(0);

    assertThat(report.get("ok").asBoolean()).isTrue();
    assertThat(report.findValuesAsText("level")).containsOnly("ok");
    assertThat(finding(report, "message")).contains("arrived after");
    assertThat(world.peers("peers", "--json").out().strip()).isEqualTo("[]");
  }

  @Test
  void leavesNoMessageAndNoBrokerBehind() throws IOException {
    examine(0);

    assertThat(world.runs()).as("a broker that only the examination used").isFalse();
    assertThat(world.peers("log").out()).isEmpty();
  }

  @Test
  void examinesWhatIsLeftWhereOneCheckCannotBeMade() throws IOException {
    // A directory in the place of each file that is read.
    Files.createDirectories(world.files().token());
    Files.createDirectories(world.files().lock());

    JsonNode report = examine(1);

    assertThat(finding(report, "broker"))
        .contains(world.files().lock().toString())
        .containsIgnoringCase("is a directory");
    assertThat(report.findValuesAsText("check"))
        .contains("java", "settings", "launcher", "files", "disk", "broker", "clock");
  }

  @Test
  void startsNothingWhereItShallSendNothing() throws IOException {
    examine(0, "--no-message");

    assertThat(world.brokerPid()).isEmpty();
    assertThat(world.files().database()).doesNotExist();
  }

  @Test
  void namesASettingThatMakesNoSense() throws IOException {
    world.with("CLAUDE_PEERS_CHANNEL", "perhaps");

    assertThat(finding(examine(1), "settings"))
        .contains("CLAUDE_PEERS_CHANNEL is 'perhaps'; expected one of: on, off, auto");
  }

  @Test
  void warnsOfABrokerThatAsksNobodyForAToken() throws IOException {
    world.with("CLAUDE_PEERS_AUTH", "off");

    assertThat(finding(examine(0, "--no-message"), "settings"))
        .contains("CLAUDE_PEERS_AUTH is off");
  }

  @Test
  void namesFilesThatOthersMayRead() throws IOException {
    world.join("eel");
    Files.setPosixFilePermissions(
        world.files().log(), PosixFilePermissions.fromString("rw-r--r--"));

    assertThat(finding(examine(0, "--no-message"), "files"))
        .contains("has mode rw-r--r--")
        .contains("chmod 600 '" + world.files().log() + "'");
  }

  @Test
  void namesALinkInATokensPlace() throws IOException {
    Path elsewhere = Files.writeString(world.file("elsewhere"), "secret");
    Files.createSymbolicLink(world.files().token(), elsewhere);

    assertThat(finding(examine(1), "files")).contains(world.files().token().toString());
  }

  @Test
  void namesAFileThatIsNoDatabase() throws IOException {
    Files.writeString(world.files().database(), "my shopping list");
    Files.setPosixFilePermissions(
        world.files().database(), PosixFilePermissions.fromString("rw-------"));

    assertThat(finding(examine(1), "files")).contains("is not a SQLite database");
    assertThat(world.files().database()).hasContent("my shopping list");
  }

  @Test
  void namesADatabaseThatWasFoundDamaged() throws IOException {
    Path database = world.files().database();
    Files.writeString(
        database.resolveSibling(database.getFileName() + ".suspect"), "[SQLITE_CORRUPT]");

    assertThat(finding(examine(1), "files")).contains("was found damaged").contains("kill-broker");
  }

  @Test
  void namesAPortThatAnotherProgramHas() throws IOException {
    try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      world.with("CLAUDE_PEERS_PORT", Integer.toString(other.getLocalPort()));

      assertThat(finding(examine(1), "broker"))
          .contains("its port " + other.getLocalPort() + " is taken")
          .contains("CLAUDE_PEERS_PORT");
    }
  }

  @Test
  void namesABrokerOfAnotherDatabaseThatHasThePort() throws IOException {
    RunningBroker other = RunningBroker.start(world);
    world
        .with("CLAUDE_PEERS_PORT", Integer.toString(other.port()))
        .with("CLAUDE_PEERS_DB", world.directory("elsewhere").resolve("peers.db").toString());
    try {
      assertThat(finding(examine(1), "broker"))
          .contains("is taken", "a Peers broker of another database")
          .contains(Long.toString(other.process().pid()));
    } finally {
      other.process().destroy();
      other.process().onExit().join();
    }
  }

  @Test
  void namesTheCommandsThatResumeOrEndABrokerThatIsStopped() throws Exception {
    world.join("eel");
    long broker = world.brokerPid().orElseThrow();
    world.signal(broker, "STOP");
    try {
      JsonNode report = examine(1);
      World.Result kill = world.peers("kill-broker");

      assertThat(finding(report, "broker"))
          .contains("kill -CONT " + broker, "kill -KILL " + broker)
          .doesNotContain("kill-broker");
      assertThat(kill.code()).isEqualTo(1);
      assertThat(kill.err()).contains("kill -CONT " + broker, "kill -KILL " + broker);
    } finally {
      world.signal(broker, "CONT");
    }
  }

  @Test
  void namesABrokerThatSessionsCannotReach() throws IOException {
    world.join("eel");
    // A socket that is only gone the broker makes again.
    Files.move(
        Files.createFile(world.file("no socket")),
        world.files().socket(),
        StandardCopyOption.REPLACE_EXISTING);

    assertThat(finding(examine(1, "--no-message"), "broker")).contains("sessions cannot reach it");
  }

  @Test
  void namesASessionThatNothingWakes() throws IOException {
    RawSession deaf = world.join("eel", Map.of("CLAUDE_PEERS_CHANNEL", "off"));

    assertThat(finding(examine(0, "--no-message"), "sessions"))
        .contains("nothing wakes " + deaf.id())
        .contains("server:claude-peers");
  }

  @Test
  void tellsWhichAgentsStartThisInstallation() throws IOException {
    world.peers("install", "claude", "--wake", "--yes");
    world.peers("install", "codex", "--yes");
    JsonNode report = examine(0, "--no-message");

    assertThat(report.findValuesAsText("level")).containsOnly("ok");
    assertThat(finding(report, "agents"))
        .contains(world.file(".claude.json") + " starts " + world.executable("peers-mcp"))
        .contains(world.file(".claude/settings.json") + " starts " + world.executable("peers-wake"))
        .contains(world.file(".codex/config.toml") + " starts " + world.executable("peers-mcp"))
        .contains("not set up for gemini, cursor, vscode");
  }

  @Test
  void namesAgentsThatStartWhatIsGoneOrAnotherInstallations() throws IOException {
    world.peers("install", "codex", "--yes");
    world.peers("install", "cursor", "--project", "--yes");
    Path codex = world.file(".codex/config.toml");
    Path cursor = world.file(".cursor/mcp.json");
    String launcher = world.executable("peers-mcp").toString();
    Files.writeString(codex, Files.readString(codex).replace(launcher, "/gone/peers-mcp"));
    Files.writeString(cursor, Files.readString(cursor).replace("peers-mcp", "bun"));

    String found = finding(examine(1), "agents");

    assertThat(found)
        .contains(codex + " starts /gone/peers-mcp, which is not there\n'peers install codex'\n")
        .contains(cursor + " starts bun, which is not of this installation\n'peers install cursor");
    world.peers("install", "codex", "--yes");
    world.peers("install", "cursor", "--yes");
    assertThat(examine(0, "--no-message").findValuesAsText("level")).containsOnly("ok");
  }

  @Test
  void namesAnAgentsFileThatCannotBeUnderstood() throws IOException {
    Files.writeString(world.file(".claude.json"), "{ broken");

    assertThat(finding(examine(0, "--no-message"), "agents"))
        .contains(world.file(".claude.json") + " cannot be understood: not valid JSON")
        .contains("'peers install claude'");
  }

  @Test
  void warnsOfAFileOfTheFuture() throws IOException {
    world.join("eel");
    Files.setLastModifiedTime(
        world.files().token(), FileTime.from(Instant.now().plus(Duration.ofHours(2))));

    assertThat(finding(examine(0, "--no-message"), "clock"))
        .contains("but " + world.files().token() + " was written at")
        .contains("set the clock");
  }

  @Test
  void warnsOfAMessageOfTheFuture() throws IOException, SQLException {
    RawSession eel = world.join("eel");
    world.peers("send", eel.id(), "from tomorrow");
    try (Connection database =
            DriverManager.getConnection("jdbc:sqlite:" + world.files().database());
        Statement statement = database.createStatement()) {
      statement.execute("PRAGMA busy_timeout = 10000");
      assertThat(statement.executeUpdate("UPDATE messages SET sent_at = sent_at + 86400000"))
          .isEqualTo(1);
    }

    assertThat(finding(examine(0, "--no-message"), "clock"))
        .contains("but message 1 was sent at")
        .contains("set the clock");
  }

  private JsonNode examine(int code, String... options) throws IOException {
    String[] command = new String[options.length + 2];
    command[0] = "doctor";
    command[1] = "--json";
    System.arraycopy(options, 0, command, 2, options.length);
    World.Result result = world.peers(command);
    assertThat(result.code()).as(result.out() + result.err()).isEqualTo(code);
    return JSON.readTree(result.out());
  }

  /** What was found by one look, with its fix. */
  private static String finding(JsonNode report, String check) {
    StringBuilder text = new StringBuilder();
    for (JsonNode finding : report.get("findings")) {
      if (finding.get("check").asText().equals(check)) {
        text.append(finding.get("message").asText()).append('\n');
        text.append(finding.path("fix").asText()).append('\n');
      }
    }
    return text.toString();
  }
}
