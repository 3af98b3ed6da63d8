package dev.peers.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.peers.Broker;
import dev.peers.PeerId;
import dev.peers.PeersException;
import dev.peers.Registration;
import dev.peers.SessionKey;
import dev.peers.Workspace;
import dev.peers.cli.RunningBroker.Member;
import dev.peers.client.Brokers;
import dev.peers.client.PeerSession;
import dev.peers.daemon.TokenFile;
import dev.peers.tck.Eventually;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who learns the token and the keys of peers, and what they are good for. */
class CredentialsIT {
  /** What a broker would answer, to whatever it is asked. */
  private static final String BROKERS_ANSWER =
      "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 126\r\n\r\n"
          + "{\"status\":\"ok\",\"peers\":0,\"service\":\"claude-peers\",\"version\":\"99.0.0\","
          + "\"protocol\":1,\"pid\":1,\"id\":\"operator\",\"key\":\"x\",\"ok\":true}";

  private final World world = new World();

  @AfterEach
  void end() {
    world.close();
  }

  @Test
  void aProgramThatListensTellsNobodyItsTokenWhoTookTheBrokersPort() throws Exception {
    SecondUser.assumePossible();
    mode(world.home(), "rwxr-xr-x");
    SecondUser other = SecondUser.in(world, world.home());
    RunningBroker broker = RunningBroker.start(world);
    String token = broker.token();
    List<String> received = new CopyOnWriteArrayList<>();
    try (Broker client = Brokers.find(world.environment()).orElseThrow();
        PeerSession program = join(client)) {
      program.onMessage(message -> received.add(message.text()));
      Member sender = broker.register("sender");
      PeerId id = program.id();
      assertThat(broker.send(sender, new Member(id.value(), ""), "first").status()).isEqualTo(200);
      Eventually.eventually("it listens", () -> received.contains("first"));

      broker.process().destroyForcibly().waitFor();
      try (SecondUser.Listener listener =
          other.listen(Integer.toString(broker.port()), BROKERS_ANSWER)) {
        for (int i = 0; i < 10; i++) {
          assertThatThrownBy(() -> program.send(id, "a secret")).isInstanceOf(PeersException.class);
        }
        // It has another port, and the same token.
        RunningBroker next = RunningBroker.start(world);
        assertThat(next.token()).isEqualTo(token);
        next.send(next.register("sender"), new Member(id.value(), ""), "second");
        Eventually.eventually("it listens there", () -> received.contains("second"));
        program.send(id, "to itself");

        assertThat(listener.all()).doesNotContain(token, "Bearer", "Peers-Key", "a secret");
      }
    }
  }

  @Test
  void aTokenThatAnotherUserMayHaveBeenSentIsReplaced() throws Exception {
    SecondUser.assumePossible();
    mode(world.home(), "rwxr-xr-x");
    SecondUser other = SecondUser.in(world, world.home());
    RawSession eel = world.join("eel");
    eel.endInput();
    Eventually.eventually("nobody would start another", () -> !eel.process().isAlive());
    String former = Files.readString(world.files().token());
    ProcessHandle broker = ProcessHandle.of(world.brokerPid().orElseThrow()).orElseThrow();
    world.killBroker();
    broker.onExit().join();
    String port = world.environment().get("CLAUDE_PEERS_PORT");
    try (SecondUser.Listener listener = other.listen(port, BROKERS_ANSWER)) {
      World.Result refused = world.peers("broker");

      assertThat(refused.code()).isEqualTo(1);
      assertThat(refused.err()).contains("may have been sent the token", ":" + port);
      assertThat(Files.readString(world.files().token())).isNotEqualTo(former);
      assertThat(listener.all()).doesNotContain(former.strip());
    }
  }

  @Test
  void aTokenThatOthersCouldReadIsReplacedWhileSessionsGoOn() throws Exception {
    RawSession eel = world.join("eel");
    String id = eel.id();
    String former = Files.readString(world.files().token());
    mode(world.home(), "rwxr-xr-x");
    mode(world.files().token(), "rw-r--r--");

    Eventually.eventually(
        "there is another token",
        () -> !former.equals(TokenFile.read(world.files().token()).orElse("") + "\n"));

    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(world.files().token())))
        .isEqualTo("rw-------");
    assertThat(eel.id()).isEqualTo(id);
    assertThat(world.peers("status").out()).contains(id);
    assertThat(world.log()).contains("other users could read or write");
  }

  @Test
  void whoHasTheTokenCannotMakeThePeersKeys() throws Exception {
    RunningBroker broker = RunningBroker.start(world);
    Member eel = broker.register("eel");
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(broker.token().getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
    byte[] made = mac.doFinal(("peer:" + eel.id()).getBytes(StandardCharsets.UTF_8));
    Member forged = new Member(eel.id(), HexFormat.of().formatHex(made));

    assertThat(broker.send(forged, eel, "forged").status()).isEqualTo(403);
    assertThat(broker.send(eel, eel, "its own").status()).isEqualTo(200);
    assertThat(Files.readString(world.files().keys())).isNotBlank();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(world.files().keys())))
        .isEqualTo("rw-------");
  }

  @Test
  void keysOutliveTheBrokerAndEndWithTheToken() throws Exception {
    RunningBroker broker = RunningBroker.start(world);
    Member eel = broker.register("eel");
    broker.process().destroyForcibly().waitFor();

    RunningBroker next = RunningBroker.start(world);
    assertThat(next.send(eel, eel, "still good").status()).isEqualTo(200);
    assertThat(world.peers("token", "rotate").code()).isZero();
    RunningBroker same = next.withToken(Files.readString(world.files().token()).strip());
    assertThat(same.send(eel, eel, "no more").status()).isEqualTo(403);
    Member again = same.register("eel");
    assertThat(again.id()).isEqualTo(eel.id());
    assertThat(same.send(again, again, "good again").status()).isEqualTo(200);
  }

  @Test
  void aProgramThatListensGoesOnWhenTheTokenIsReplaced() throws Exception {
    RunningBroker broker = RunningBroker.start(world);
    List<String> received = new CopyOnWriteArrayList<>();
    try (Broker client = Brokers.find(world.environment()).orElseThrow();
        PeerSession program = join(client)) {
      program.onMessage(message -> received.add(message.text()));
      PeerId id = program.id();
      assertThat(world.peers("token", "rotate").code()).isZero();
      RunningBroker same = broker.withToken(Files.readString(world.files().token()).strip());

      same.send(same.register("sender"), new Member(id.value(), ""), "after");
      program.send(id, "its own");

      Eventually.eventually("it got both", () -> received.containsAll(List.of("after", "its own")));
      assertThat(program.id()).isEqualTo(id);
    }
  }

  private static PeerSession join(Broker broker) {
    return PeerSession.join(
        broker,
        Registration.builder(new SessionKey("program"), Workspace.of("/code/tool"))
            .name("tool")
            .build());
  }

  private static void mode(Path path, String mode) throws IOException {
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
  }
}
