package dev.peers.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peers.cli.RunningBroker.Member;
import dev.peers.tck.Eventually;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What another user of the machine can do, and what it can prepare. */
class SecondUserIT {
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

  @Test
  void theFilesTheSocketAndThePortAreClosedToIt() throws IOException {
    // The directory protects nothing, so that the files must do so themselves.
    mode(world.home(), "rwxr-xr-x");
    RawSession eel = world.join("eel");
    RawSession crab = world.join("crab", Map.of("CLAUDE_PEERS_CHANNEL", "off"));
    String crabId = crab.id();
    eel.call("send_message", Map.of("targetPeerId", crabId, "message", "between us"));
    Files.writeString(world.file("open"), "for everybody");
    mode(world.file("open"), "rw-rw-rw-");
    BrokerCard card = BrokerCard.read(world.files().lock()).orElseThrow();
    SecondUser other = SecondUser.in(world, world.home());
    String stem = ".claude-peers";

    List<String> files = new ArrayList<>(List.of("open"));
    for (String end : List.of(".token", ".db", ".db-wal", ".db-shm", ".log", ".lock", ".sock")) {
      assertThat(world.file(stem + end)).exists();
      files.add(stem + end);
    }
    List<String> opened = other.run("", verb("open", files)).lines().toList();
    assertThat(opened)
        .filteredOn(line -> line.startsWith("open "))
        .allMatch(l -> l.endsWith("opened"));
    assertThat(opened)
        .filteredOn(line -> !line.startsWith("open "))
        .hasSize(14)
        .allMatch(line -> line.contains("refused: Permission denied"));
    assertThat(other.run("", "connect", stem + ".sock")).contains("refused: Permission denied");

    String port = Integer.toString(card.address().getPort());
    for (String path :
        List.of("/register", "/list-peers", "/send-message", "/shutdown", "/history")) {
      String body = RunningBroker.message(eel.id(), crabId, "forged");
      String request =
          "POST %s HTTP/1.1\r\nHost: 127.0.0.1:%s\r\nContent-Type: application/json\r\n"
              + "Authorization: Bearer %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s";
      String answer =
          other.run(request.formatted(path, port, PLANTED, body.length(), body), "http", port);
      assertThat(answer).as(path).startsWith("HTTP/1.1 401 ").doesNotContain(crabId);
    }
    assertThat(other.run("", "signal", Long.toString(card.pid())).lines())
        .hasSize(4)
        .allMatch(line -> line.endsWith("refused: Operation not permitted"));

    assertThat(world.brokerPid()).contains(card.pid());
    JsonNode mail = crab.call("check_messages", Map.of()).get("messages");
    assertThat(mail.findValuesAsText("message")).containsExactly("between us");
  }

  @ParameterizedTest(name = "{0} {1}")
  @CsvSource({
    ".token,file", ".lock,file", ".db,file", ".log,file", ".sock,file",
    ".token,link", ".lock,link", ".db,link", ".log,link", ".sock,link"
  })
  void aFileThatItPreparedIsRefusedOrHarmless(String end, String kind) throws Exception {
    Path shared = shared();
    Path treasure = world.file("treasure");
    Files.writeString(treasure, end.equals(".token") ? PLANTED : TREASURE);
    mode(treasure, "rw-------");
    String before = Files.readString(treasure);
    SecondUser other = SecondUser.in(world, shared);
    String name = "peers" + end;
    if (kind.equals("link")) {
      other.run("", "link", treasure.toString(), name);
    } else {
      other.run("", "plant", name, end.equals(".token") ? PLANTED : "");
    }
    Path planted = shared.resolve(name);

    World.Result result = world.peers("peers");

    if (result.code() == 0) {
      // It went on, so what it uses is its own: made by itself and closed to others.
      String token = Files.readString(world.files().token()).strip();
      assertThat(token).isNotEqualTo(PLANTED);
      for (Path file :
          List.of(
              world.files().token(),
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
          () -> !eel.received().isEmpty() || !listener.all().isEmpty());

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

  @Test
  void aPortThatItTookGetsNoToken() throws Exception {
    Path home = world.home();
    mode(home, "rwxr-xr-x");
    SecondUser other = SecondUser.in(world, home);
    String port = world.environment().get("CLAUDE_PEERS_PORT");
    String answer =
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n"
            + "{\"status\":\"ok\",\"peers\":0,\"service\":\"claude-peers\",\"version\":\"99.0.0\","
            + "\"protocol\":1,\"pid\":1,\"id\":\"operator\",\"key\":\"x\",\"ok\":true}";
    RunningBroker broker = RunningBroker.start(world);
    Member member = broker.register("member");
    RawSession eel = world.join("eel");
    try (SecondUser.Listener listener = other.listen(port, answer)) {
      // The next one would serve where now the other user listens.
      broker.process().destroyForcibly().waitFor();

      World.Result result = world.peers("broker");
      assertThat(result.code()).isEqualTo(1);
      assertThat(result.err()).contains(":" + port, "another program", "CLAUDE_PEERS_PORT");
      JsonNode called =
          eel.ask(
              "tools/call", Map.of("name", "list_peers", "arguments", Map.of("scope", "machine")));
      assertThat(called.toString()).contains(":" + port, "another program", "CLAUDE_PEERS_PORT");
      assertThat(world.peers("send", "operator", "a secret").code()).isEqualTo(1);
      assertThat(world.peers("status").code()).isEqualTo(1);
      world.peers("kill-broker");

      assertThat(listener.all()).doesNotContain(broker.token(), member.key(), "Bearer", "a secret");
    }
    assertThat(eel.id()).startsWith("eel-");
  }

  @Test
  void whereTheLastBrokerServedItGetsNoTokenEither() throws Exception {
    mode(world.home(), "rwxr-xr-x");
    SecondUser other = SecondUser.in(world, world.home());
    RunningBroker broker = RunningBroker.start(world);
    broker.process().destroyForcibly().waitFor();

    // The card in the lock file still tells the old address.
    String port = Integer.toString(broker.port());
    try (SecondUser.Listener listener = other.listen(port, "HTTP/1.1 200 OK\r\n\r\n{}")) {
      assertThat(world.peers("peers").code()).isZero();
      assertThat(world.peers("status").code()).isZero();
      assertThat(listener.all()).doesNotContain(broker.token(), "Bearer");
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

  private static void mode(Path path, String mode) throws IOException {
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
  }

  private static String[] verb(String verb, List<String> arguments) {
    List<String> all = new ArrayList<>(List.of(verb));
    all.addAll(arguments);
    return all.toArray(String[]::new);
  }
}
