package dev.peers.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.peers.Broker;
import dev.peers.PeerQuery;
import dev.peers.PeersException;
import dev.peers.client.Brokers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Commands where the broker's files are, but neither its network nor its processes, as in a
 * container that shares the home with its host.
 */
class SharedHomeIT {
  private static final List<String> ELSEWHERE =
      List.of("unshare", "--net", "--pid", "--fork", "--mount-proc");

  private final World world = new World();

  @BeforeEach
  void namespacesCanBeMade() {
    List<String> trial = new ArrayList<>(ELSEWHERE);
    trial.add("true");
    World.Result result;
    try {
      result = world.run(trial, world.home(), "");
    } catch (UncheckedIOException e) {
      result = new World.Result(1, "", String.valueOf(e.getMessage()));
    }
    assumeThat(result.code()).as("unshare: %s", result.err()).isZero();
  }

  @AfterEach
  void end() {
    world.close();
  }

  @Test
  void commandsReachTheBrokerOverItsSocket() {
    RawSession eel = world.join("eel");

    World.Result sent = elsewhere("send", eel.id(), "From another network");

    assertThat(sent.err()).isEmpty();
    assertThat(sent.code()).isZero();
    assertThat(eel.awaitPush("From another network")).isNotNull();
    eel.call("send_message", Map.of("targetPeerId", "operator", "message", "Heard you"));
    assertThat(elsewhere("inbox").out()).contains("Heard you");
    assertThat(elsewhere("status").out()).contains(eel.id());
    assertThat(elsewhere("doctor", "--no-message").out()).doesNotContain("kill-broker");
    assertThat(elsewhere("kill-broker").code()).isZero();
  }

  @Test
  void aProgramReachesABrokerOfAnotherNetworkOverItsSocket() {
    RawSession eel =
        start("unshare", "--net", "sh", "-c", "ip link set lo up 2>/dev/null; exec \"$0\"");
    try (Broker broker = Brokers.find(world.environment()).orElseThrow()) {
      String ids = broker.list(PeerQuery.everyone()).toString();
      assertThat(ids).contains(eel.id());
    } catch (PeersException e) {
      assumeThat(e)
          .as("the other network has a loopback")
          .hasMessageNotContaining("does not answer");
      throw e;
    }
  }

  @Test
  void aBrokerWhoseHttpIsOutOfReachIsEndedAndItsTokenReplaced() throws IOException {
    // Without any address, not even for itself.
    RawSession eel = start("unshare", "--net");
    long broker = world.brokerPid().orElseThrow();
    String former = Files.readString(world.files().token());

    World.Result rotated = world.peers("token", "rotate");

    assertThat(rotated.code()).isEqualTo(1);
    assertThat(Files.readString(world.files().token())).isNotEqualTo(former);
    assertThat(rotated.err())
        .contains("is a new one", world.files().token().toString(), "kill-broker");

    World.Result killed = world.peers("kill-broker");
    assertThat(killed.err()).isEmpty();
    assertThat(killed.code()).isZero();
    assertThat(killed.out()).contains("process " + broker);
    ProcessHandle.of(broker).ifPresent(process -> process.onExit().join());
    // The session starts the next one.
    assertThat(eel.id()).isNotBlank();
  }

  private RawSession start(String... wrapper) {
    List<String> command = new ArrayList<>(List.of(wrapper));
    command.add(world.executable("peers-mcp").toString());
    RawSession session = world.start(command, world.directory("eel"), Map.of());
    session.initialize();
    assertThat(session.id()).isNotBlank();
    return session;
  }

  private World.Result elsewhere(String... arguments) {
    List<String> command = new ArrayList<>(ELSEWHERE);
    command.add(world.executable("peers").toString());
    command.addAll(List.of(arguments));
    return world.run(command, world.home(), "");
  }
}
