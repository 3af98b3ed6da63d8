package dev.peers.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peers.cli.RunningBroker.Member;
import dev.peers.local.BrokerInfo;
import dev.peers.tck.Eventually;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What another user of the machine can do. */
class SecondUserIT {
  /** A token as far as its form goes. */
  private static final String PLANTED = "planted-planted-planted-planted-planted-pla";

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
    BrokerInfo card = BrokerInfo.read(world.files().lock()).orElseThrow();
    SecondUser other = SecondUser.in(world, world.home());
    String stem = ".claude-peers";

    List<String> files = new ArrayList<>(List.of("open"));
    for (String end :
        List.of(".token", ".keys", ".db", ".db-wal", ".db-shm", ".log", ".lock", ".sock")) {
      assertThat(world.file(stem + end)).exists();
      files.add(stem + end);
    }
    List<String> opened = other.run("", verb("open", files)).lines().toList();
    assertThat(opened)
        .filteredOn(line -> line.startsWith("open "))
        .allMatch(l -> l.endsWith("opened"));
    assertThat(opened)
        .filteredOn(line -> !line.startsWith("open "))
        .hasSize(16)
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

      // One that the session starts meanwhile may hold the lock for a moment.
      Eventually.eventually(
          "the foreign program is named",
          () -> {
            World.Result result = world.peers("broker");
            assertThat(result.code()).isEqualTo(1);
            return result.err().contains(":" + port)
                && result.err().contains("CLAUDE_PEERS_PORT")
                && result.err().contains("holds the port");
          });
      JsonNode called =
          eel.ask(
              "tools/call", Map.of("name", "list_peers", "arguments", Map.of("scope", "machine")));
      assertThat(called.toString()).contains(":" + port, "holds the port", "CLAUDE_PEERS_PORT");
      assertThat(world.peers("send", "operator", "a secret").code()).isEqualTo(1);
      assertThat(world.peers("status").code()).isEqualTo(1);
      world.peers("kill-broker");

      assertThat(listener.all()).doesNotContain(broker.token(), member.key(), "Bearer", "a secret");
    }
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

  private static void mode(Path path, String mode) throws IOException {
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
  }

  private static String[] verb(String verb, List<String> arguments) {
    List<String> all = new ArrayList<>(List.of(verb));
    all.addAll(arguments);
    return all.toArray(String[]::new);
  }
}
