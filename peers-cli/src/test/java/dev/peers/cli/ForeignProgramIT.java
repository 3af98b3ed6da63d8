package dev.peers.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A program of the same user that holds the broker's port. */
class ForeignProgramIT {
  private static final boolean LINUX = Files.exists(Path.of("/proc/net/tcp"));

  private final World world = new World();

  @AfterEach
  void end() {
    world.close();
  }

  @Test
  void oneThatSaysNothingIsNamed() throws IOException {
    try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      assertNamed(silent.getLocalPort(), ProcessHandle.current().pid());
    }
  }

  @Test
  void oneThatSaysItIsABrokerIsNamedAndLearnsNothing() throws Exception {
    String answer =
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n"
            + "{\"status\":\"ok\",\"peers\":0,\"service\":\"claude-peers\",\"version\":\"99.0.0\","
            + "\"protocol\":1,\"pid\":1}";
    List<String> heard = new CopyOnWriteArrayList<>();
    // There is a token already, from a broker that has ended.
    RunningBroker broker = RunningBroker.start(world);
    broker.process().destroyForcibly().waitFor();
    CompletableFuture<Void> listener;
    try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      listener =
          CompletableFuture.runAsync(
              () -> listen(server, answer, heard),
              task -> new Thread(task, "test-foreign").start());
      assertNamed(server.getLocalPort(), ProcessHandle.current().pid());
    }
    listener.join();
    assertThat(String.join("\n", heard)).doesNotContain(broker.token(), "Bearer");
  }

  @Test
  void theBrokerOfAnotherDatabaseIsNamedToo() {
    RunningBroker other = RunningBroker.start(world);
    world.with("CLAUDE_PEERS_DB", world.directory("elsewhere").resolve("peers.db").toString());

    assertNamed(other.port(), other.process().pid());

    // One that is stopped does not answer when it is asked what it is.
    world.signal(other.process().pid(), "STOP");
    try {
      World.Result broker = world.peers("broker");
      assertThat(broker.err()).doesNotContain("not a Peers broker");
      if (LINUX) {
        assertThat(broker.err()).contains("a Peers broker of another database");
      }
    } finally {
      world.signal(other.process().pid(), "CONT");
    }
    // The first one is not disturbed.
    assertThat(other.post("/list-peers", "{\"scope\":\"machine\"}").status()).isEqualTo(200);
    assertThat(other.process().isAlive()).isTrue();
    other.process().destroy();
    assertThat(other.process().onExit().join().isAlive()).isFalse();
  }

  private void assertNamed(int port, long pid) {
    world.with("CLAUDE_PEERS_PORT", Integer.toString(port));
    World.Result broker = world.peers("broker");
    RawSession eel = world.start(world.directory("eel"), Map.of());
    String told = eel.initializeOnly("2025-11-25").at("/error/message").asText();

    assertThat(broker.code()).isEqualTo(1);
    assertThat(broker.out()).isEmpty();
    for (String message : List.of(broker.err(), told)) {
      assertThat(message)
          .contains("127.0.0.1:" + port, "CLAUDE_PEERS_PORT")
          .doesNotContain("is running already", "Exception", "\tat ");
      if (LINUX) {
        assertThat(message).containsPattern("\\b" + pid + "\\b");
      }
    }
  }

  private static void listen(ServerSocket server, String answer, List<String> heard) {
    while (!server.isClosed()) {
      try (Socket client = server.accept()) {
        byte[] bytes = new byte[1 << 16];
        client.setSoTimeout(1_000);
        int n = client.getInputStream().read(bytes);
        heard.add(new String(bytes, 0, Math.max(0, n), StandardCharsets.UTF_8));
        client.getOutputStream().write(answer.getBytes(StandardCharsets.UTF_8));
      } catch (IOException e) {
        // It hung up, or the test is over.
      }
    }
  }
}
