package dev.peers.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peers.tck.Eventually;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Named pipes where files are expected, directories that are gone, and no descriptors left. */
class OddFilesIT {
  private final World world = new World();

  @AfterEach
  void end() {
    world.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"lock", "token", "log", "db"})
  void aNamedPipeInPlaceOfAFileIsRefusedByName(String kind) throws Exception {
    Path pipe = pipe(world.file(".claude-peers." + kind));

    RawSession eel = world.start(world.directory("eel"), Map.of());
    JsonNode answer = eel.initializeOnly("2025-11-25");
    World.Result command = world.peers("peers");

    assertThat(answer.at("/error/message").asText()).contains(pipe + " is a named pipe");
    assertThat(command.code()).isEqualTo(1);
    assertThat(command.err()).contains(pipe + " is a named pipe");
    Files.delete(pipe);
    assertThat(world.join("owl").id()).startsWith("owl-");
  }

  @ParameterizedTest
  @ValueSource(strings = {"lock", "log", "log.1", "sock", "token", "keys", "db.owner", "db-wal"})
  void aTextFileOfTheUsersIsRefusedByNameAndLeftAlone(String kind) throws Exception {
    Path text = Files.writeString(world.file(".claude-peers." + kind), "buy milk\n");

    RawSession eel = world.start(world.directory("eel"), Map.of());
    JsonNode answer = eel.initializeOnly("2025-11-25");
    World.Result command = world.peers("peers");
    World.Result broker = world.peers("broker");

    assertThat(answer.at("/error/message").asText()).contains(text.toString(), "ove it away");
    for (World.Result result : List.of(command, broker)) {
      assertThat(result.code()).isEqualTo(1);
      assertThat(result.err()).contains(text.toString(), "ove it away");
    }
    assertThat(text).hasContent("buy milk\n");
    Files.delete(text);
    assertThat(world.join("owl").id()).startsWith("owl-");
  }

  @Test
  void aFileThatIsNotADatabaseIsRefusedAndNothingIsLeftBesideIt() throws Exception {
    Path text = Files.writeString(world.file(".claude-peers.db"), "buy milk\n");

    RawSession eel = world.start(world.directory("eel"), Map.of());
    JsonNode answer = eel.initializeOnly("2025-11-25");
    World.Result command = world.peers("peers");
    World.Result broker = world.peers("broker");

    assertThat(answer.at("/error/message").asText()).contains(text + " is not a database");
    assertThat(command.err()).contains(text + " is not a database");
    assertThat(broker.err()).contains(text + " is not a database");
    assertThat(text).hasContent("buy milk\n");
    // The session goes on trying, and may be ended while it does: the next one tidies up.
    eel.close();
    Eventually.eventually(
        "nothing but the file is there",
        () -> world.peers("peers").code() == 1 && world.file(".claude-peers.db").equals(only()));
  }

  /** The one file that begins as those of Peers do; null if there are more. */
  private Path only() {
    String[] names = world.home().toFile().list((home, name) -> name.startsWith(".claude-peers"));
    return names.length == 1 ? world.file(names[0]) : null;
  }

  @Test
  void aNamedPipeAmongTheFilesForFasterStartsIsPassedOver() throws Exception {
    String build = CopiedInstallation.original().name();
    Path start = CopiedInstallation.start(CopiedInstallation.original());
    try (Stream<Path> jdks = Files.list(start)) {
      for (Path jdk : jdks.toList()) {
        Path cache =
            world.file(".cache/claude-peers").resolve(build).resolve(jdk.getFileName().toString());
        Files.createDirectories(cache);
        try (Stream<Path> files = Files.list(jdk)) {
          for (Path file : files.toList()) {
            pipe(cache.resolve(file.getFileName().toString()));
          }
        }
      }
    }

    assertThat(world.join("eel").id()).startsWith("eel-");
    assertThat(world.peers("peers").code()).isZero();
  }

  @Test
  void aNamedPipeInPlaceOfAnAgentsConfigurationIsLeftAlone() throws Exception {
    Path pipe = pipe(world.file(".claude.json"));

    World.Result result = world.peers("install", "claude", "--yes");

    assertThat(result.code()).isEqualTo(1);
    assertThat(result.err()).contains(pipe + " is not a regular file but a pipe");
  }

  @Test
  void aHookDoesNotOpenANamedPipe() throws Exception {
    pipe(world.file(".claude-peers.lock"));
    ProcessBuilder builder =
        new ProcessBuilder(world.executable("peers-wake").toString())
            .directory(world.home().toFile())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD);
    builder.environment().clear();
    builder.environment().putAll(world.environment());
    Process wake = builder.start();
    try (var stdin = wake.getOutputStream()) {
      stdin.write("{\"session_id\":\"5f2b\"}".getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }
    try {
      assertThat(wake.waitFor(60, TimeUnit.SECONDS)).isTrue();
    } finally {
      wake.descendants().forEach(ProcessHandle::destroyForcibly);
      wake.destroyForcibly();
    }
  }

  @Test
  void aDirectoryThatWasRemovedIsNoObstacle() {
    RawSession eel =
        world.start(fromARemovedDirectory("peers-mcp", ""), world.directory("eel"), Map.of());
    eel.initialize();
    assertThat(eel.call("whoami", Map.of()).has("id")).isTrue();

    World.Result result = world.run(fromARemovedDirectory("peers", "peers"), world.home(), "");

    assertThat(result.err()).contains("was removed").doesNotContain("Error", "Exception");
    assertThat(result.code()).isZero();
    assertThat(result.out()).contains(eel.id());
  }

  @Test
  void whatNeedsTheDirectoryThatWasRemovedIsRefused() {
    for (String arguments :
        List.of(
            "install cursor --project --yes",
            "install vscode --yes",
            "uninstall claude --project --yes",
            "peers --scope directory",
            "backup backup.db",
            "restore backup.db",
            "self-install here")) {
      World.Result result = world.run(fromARemovedDirectory("peers", arguments), world.home(), "");

      assertThat(result.code()).as(arguments).isBetween(1, 2);
      assertThat(result.err())
          .as(arguments)
          .contains("the current directory was removed, and this command needs one");
    }
    World.Result user =
        world.run(fromARemovedDirectory("peers", "install cursor --yes"), world.home(), "");
    assertThat(user.code()).as(user.err()).isZero();
    String database = "env CLAUDE_PEERS_DB=relative.db ";
    World.Result relative =
        world.run(fromARemovedDirectory(database, "peers", "peers"), world.home(), "");
    assertThat(relative.err()).contains("this command needs one");
  }

  private List<String> fromARemovedDirectory(String program, String arguments) {
    return fromARemovedDirectory("", program, arguments);
  }

  private List<String> fromARemovedDirectory(String variable, String program, String arguments) {
    return List.of(
        "/bin/sh",
        "-c",
        "cd \"$1\" && rmdir \"$1\" && exec " + variable + "\"$0\" " + arguments,
        world.executable(program).toString(),
        world.directory("gone").toString());
  }

  @Test
  void withoutDescriptorsNobodyIsAcceptedAndTheLogSaysItOnce() throws Exception {
    String limited = "ulimit -n 140; exec \"$0\" broker --json";
    Path log = world.file("broker.log");
    ProcessBuilder builder =
        new ProcessBuilder("bash", "-c", limited, world.executable("peers").toString());
    builder.environment().clear();
    builder.environment().putAll(world.environment());
    builder.redirectError(log.toFile());
    Process broker = builder.start();
    assertThat(broker.inputReader(java.nio.charset.StandardCharsets.UTF_8).readLine())
        .contains("\"address\"");
    try (Crowding crowd = new Crowding(world.files().socket(), 200)) {
      Eventually.eventually("nobody is accepted", () -> read(log).contains("can be accepted"));
      assertThat(crowd.size()).isEqualTo(200);
    }

    assertThat(world.join("eel").id()).startsWith("eel-");
    assertThat(read(log).lines().filter(line -> line.contains("WARNING"))).hasSize(1);
    broker.destroy();
    broker.waitFor();
  }

  private static Path pipe(Path path) throws Exception {
    assertThat(new ProcessBuilder("mkfifo", path.toString()).inheritIO().start().waitFor())
        .isZero();
    return path;
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return "";
    }
  }
}
