package dev.peers.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Databases that go back, or away, and the sessions that go on. */
class BackupIT {
  private static final String DATABASE = ".claude-peers.db";

  private final World world = new World();

  @AfterEach
  void end() {
    world.close();
  }

  @Test
  void aBackupMadeAndRestoredUnderRunningSessionsIsWhatTheyGoOnWith() throws IOException {
    RawSession eel = world.join("eel");
    RawSession crab = world.join("crab");
    String crabId = crab.id();
    send(eel, crabId, "before the backup");
    crab.awaitPush("before the backup");
    Path backup = world.file("backup.db");

    World.Result made = world.peers("backup", backup.toString(), "--json");
    assertThat(made.err()).isEmpty();
    assertThat(World.JSON.readTree(made.out()).path("file").asText()).isEqualTo(backup.toString());
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(backup)))
        .isEqualTo("rw-------");
    World.Result again = world.peers("backup", backup.toString());
    assertThat(again.code()).isEqualTo(1);
    assertThat(again.err()).contains("is there already", "--force");
    assertThat(world.peers("backup", "--force", backup.toString()).code()).isZero();
    for (int i = 0; i < 5; i++) {
      send(eel, crabId, "lost " + i);
      crab.awaitPush("lost " + i);
    }

    World.Result restored = world.peers("restore", backup.toString(), "--json");

    assertThat(restored.err()).isEmpty();
    JsonNode report = World.JSON.readTree(restored.out());
    assertThat(Path.of(report.path("former_database").asText())).isRegularFile();
    assertThat(crab.id()).isEqualTo(crabId);
    // Its position was larger than this message's number.
    send(eel, crabId, "after the restore");
    crab.awaitPush("after the restore");
    assertThat(world.peers("log").out())
        .contains("before the backup", "after the restore")
        .doesNotContain("lost 3");
    assertThat(backup).exists();
  }

  @Test
  void aBrokerThatIsStoppedIsNamedAndKeepsItsDatabase() {
    RawSession eel = world.join("eel");
    Path backup = world.file("backup.db");
    assertThat(world.peers("backup", backup.toString()).code()).isZero();
    send(eel, "operator", "after the backup");
    long broker = world.brokerPid().orElseThrow();
    world.signal(broker, "STOP");
    World.Result result;
    try {
      result = world.peers("restore", backup.toString());
    } finally {
      world.signal(broker, "CONT");
    }

    assertThat(result.code()).isEqualTo(1);
    assertThat(result.err()).contains("kill -CONT " + broker, "kill -KILL " + broker);
    assertThat(world.peers("inbox").out()).contains("after the backup");
  }

  @Test
  void sessionsArePushedToAgainAfterTheDatabaseWasDeletedWhileNoBrokerRan() throws IOException {
    pushedAgainAfter(
        () -> {
          for (Path file : databaseFiles()) {
            Files.delete(file);
          }
        });
  }

  @Test
  void sessionsArePushedToAgainAfterTheDatabaseWasPutAsideAsCorrupt() throws IOException {
    pushedAgainAfter(() -> Files.writeString(world.file(DATABASE), "damage".repeat(5_000)));
    assertThat(world.log()).contains("is not a usable database");
  }

  @Test
  void sessionsArePushedToAgainAfterAnOldCopyWasPutBackByHand() throws IOException {
    Path copy = world.file("copy.db");
    world.join("first").id();
    assertThat(world.peers("backup", copy.toString()).code()).isZero();
    pushedAgainAfter(
        () -> Files.move(copy, world.file(DATABASE), StandardCopyOption.REPLACE_EXISTING));
    assertThat(world.log()).contains("is not the file that the last broker had open");
  }

  @Test
  void aFileThatIsNoBackupIsRefusedAndTheBrokerRunsOn() throws IOException {
    RawSession eel = world.join("eel");
    String id = eel.id();
    long broker = world.brokerPid().orElseThrow();
    Path text = world.file("text.db");
    Files.writeString(text, "no backup ".repeat(900), StandardCharsets.UTF_8);
    for (List<String> command :
        List.of(
            List.of("restore", text.toString()),
            List.of("restore", world.file("nowhere.db").toString()),
            List.of("restore", world.home().toString()),
            List.of("restore", world.file(DATABASE).toString()),
            List.of("backup", "--force", world.file(DATABASE).toString()),
            List.of("backup", world.file("no/such/directory.db").toString()))) {
      World.Result result = world.peers(command.toArray(String[]::new));
      assertThat(result.code()).as(command.toString()).isEqualTo(1);
      assertThat(result.err()).as(command.toString()).startsWith("peers: ");
    }
    assertThat(world.peers("restore").code()).isEqualTo(2);
    assertThat(world.brokerPid()).contains(broker);
    assertThat(eel.id()).isEqualTo(id);
    assertThat(text).hasContent("no backup ".repeat(900));
  }

  private interface Change {
    void apply() throws IOException;
  }

  /** Sessions whose relays remember more than the next database has. */
  private void pushedAgainAfter(Change change) throws IOException {
    RawSession eel = world.join("eel");
    RawSession crab = world.join("crab", Map.of());
    String crabId = crab.id();
    for (int i = 0; i < 5; i++) {
      send(eel, crabId, "early " + i);
      crab.awaitPush("early " + i);
    }
    // So that no session starts a broker before the change is made.
    world.killBrokerAnd(
        () -> {
          try {
            change.apply();
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });

    String now = crab.id();
    for (int i = 0; i < 3; i++) {
      send(eel, now, "late " + i);
      crab.awaitPush("late " + i);
    }
  }

  private List<Path> databaseFiles() throws IOException {
    try (Stream<Path> files = Files.list(world.home())) {
      return files.filter(f -> f.getFileName().toString().startsWith(DATABASE)).toList();
    }
  }

  private static void send(RawSession from, String to, String text) {
    JsonNode answer = from.call("send_message", Map.of("targetPeerId", to, "message", text));
    assertThat(answer.path("success").asBoolean()).as(answer.toString()).isTrue();
  }
}
