package dev.peers.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peers.tck.Eventually;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What another user prepares, in a directory where everybody may make files. */
class SquattingIT {
  /** A token as far as its form goes. */
  private static final String PLANTED = "planted-planted-planted-planted-planted-pla";

  private static final String TREASURE = "what is in the first user's file\n";

  private World world;

  @BeforeEach
  void begin() {
    SecondUser.assumePossible();
    world = new World();
  }

  @AfterEach
  void end() {
    if (world != null) {
      world.close();
    }
  }

  @ParameterizedTest(name = "{0} {1}")
  @CsvSource({
    ".token,file", ".keys,file", ".lock,file", ".db,file", ".log,file", ".sock,file",
    ".token,link", ".keys,link", ".lock,link", ".db,link", ".log,link", ".sock,link"
  })
  void aFileThatItPreparedIsRefusedOrHarmless(String end, String kind) throws Exception {
    Path shared = shared();
    Path treasure = world.file("treasure");
    Files.writeString(treasure, isSecret(end) ? PLANTED : TREASURE);
    mode(treasure, "rw-------");
    String before = Files.readString(treasure);
    SecondUser other = SecondUser.in(world, shared);
    String name = "peers" + end;
    if (kind.equals("link")) {
      other.run("", "link", treasure.toString(), name);
    } else {
      other.run("", "plant", name, isSecret(end) ? PLANTED : "");
    }
    Path planted = shared.resolve(name);

    World.Result result = world.peers("peers");

    if (result.code() == 0) {
      // It went on, so what it uses is its own: made by itself and closed to others.
      String token = Files.readString(world.files().token()).strip();
      assertThat(token).isNotEqualTo(PLANTED);
      assertThat(Files.readString(world.files().keys()).strip()).isNotEqualTo(PLANTED);
      for (Path file :
          List.of(
              world.files().token(),
              world.files().keys(),
              world.files().lock(),
              world.files().database(),
              world.files().log(),
              world.files().socket())) {
        assertThat(Files.isSymbolicLink(file)).as(file + " is a link").isFalse();
        assertThat(Files.getOwner(file).getName()).as(file.toString()).isEqualTo("root");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
            .as(file.toString())
            .isEqualTo("rw-------");
      }
    } else {
      assertThat(result.err()).contains(planted.toString()).doesNotContain("Exception");
    }
    assertThat(treasure).content(StandardCharsets.UTF_8).isEqualTo(before);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(treasure)))
        .isEqualTo("rw-------");
  }

  @Test
  void aSocketThatItPreparedHearsNothing() throws IOException {
    Path shared = shared();
    SecondUser other = SecondUser.in(world, shared);
    String card =
        RunningBroker.json(
            Map.of(
                "pid",
                ProcessHandle.current().pid(),
                "address",
                "http://127.0.0.1:" + World.freePort(),
                "version",
                "99.0.0",
                "socket",
                shared.resolve("peers.sock").toString()));
    other.run("", "plant", "peers.lock", card);
    try (SecondUser.Listener listener = other.listen("peers.sock", "{}\n")) {
      RawSession eel = world.start(world.directory("eel"), Map.of());
      int asked =
          eel.request(
              "initialize",
              Map.of(
                  "protocolVersion", "2025-11-25",
                  "capabilities", Map.of(),
                  "clientInfo", Map.of("name", "x", "version", "1")));
      Eventually.eventually(
          "the session was answered, or somebody else heard it",
          () ->
              !listener.all().isEmpty()
                  || eel.received().stream().anyMatch(m -> m.path("id").asInt() == asked));

      assertThat(listener.all()).isEmpty();
      JsonNode answer = eel.await("an answer", m -> m.path("id").asInt() == asked);
      World.Result sent = world.peers("send", "operator", "a secret");
      assertThat(listener.all()).isEmpty();
      if (answer.has("error")) {
        assertThat(answer.at("/error/message").asText()).contains(shared.toString());
        assertThat(sent.err()).contains(shared.toString());
      }
    }
  }

  /** A directory in which everybody may make files, as the temporary one is. */
  private Path shared() throws IOException {
    Path shared = world.directory("shared");
    // Java knows no sticky bit.
    World.Result chmod = world.run(List.of("chmod", "1777", shared.toString()), world.home(), "");
    assertThat(chmod.code()).isZero();
    world.with("CLAUDE_PEERS_DB", shared.resolve("peers.db").toString());
    return shared;
  }

  private static boolean isSecret(String end) {
    return end.equals(".token") || end.equals(".keys");
  }

  private static void mode(Path path, String mode) throws IOException {
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
  }
}
