package dev.peers.mcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.peers.Broker;
import dev.peers.MessageId;
import dev.peers.MessageState;
import dev.peers.OutgoingMessage;
import dev.peers.PeerId;
import dev.peers.PeerQuery;
import dev.peers.PeersException;
import dev.peers.Registration;
import dev.peers.Scope;
import dev.peers.SessionKey;
import dev.peers.Summary;
import dev.peers.Workspace;
import dev.peers.broker.InMemoryStore;
import dev.peers.broker.LocalBroker;
import dev.peers.tck.Eventually;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The gateway over its socket, as a relay sees it. */
class GatewayTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path directory;

  private final Broker broker = LocalBroker.over(new InMemoryStore()).build();
  private final ExecutorService workers = Executors.newFixedThreadPool(4);
  private final ScheduledExecutorService timer = Executors.newScheduledThreadPool(1);
  private final AtomicBoolean steppedDown = new AtomicBoolean();
  private Path socket;
  private Gateway gateway;

  @BeforeEach
  void open() {
    socket = directory.resolve("peers.sock");
    gateway =
        Gateway.builder(socket, broker)
            .executors(workers, timer)
            .onStepDown(() -> steppedDown.set(true))
            .pushesPerMinute(120)
            .open();
  }

  @AfterEach
  void close() {
    gateway.close();
    workers.shutdownNow();
    timer.shutdownNow();
    broker.close();
  }

  @Test
  void isForItsOwnerAlone() throws IOException {
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
        .isEqualTo("rw-------");
  }

  @Test
  void hangsUpOnWhoDoesNotIntroduceItself() throws IOException {
    for (String first :
        new String[] {
          "GET / HTTP/1.0", "{}", "{\"peers_hello\":2}", "{\"peers_hello\":1,\"instance\":\"i\"}"
        }) {
      try (RelayLine line = new RelayLine(socket)) {
        line.say(first);

        assertThat(line.hear().at("/error/code").asInt()).as(first).isEqualTo(-32600);
        assertThat(line.ended()).as(first).isTrue();
      }
    }
  }

  @Test
  void takesAnyTextForASessionsId() throws IOException {
    for (String key : new String[] {"operator", "x".repeat(5_000), "a\nb\u0085"}) {
      try (RelayLine line = new RelayLine(socket)) {
        line.say(hello(key));
        line.initialize();
        assertThat(line.hear().at("/result/instructions").asText())
            .contains("You are peer ")
            .doesNotContain("You are peer operator");
      }
    }
  }

  @Test
  void refusesWhatIsNoRequestWithItsIdAndWithoutTheSdksWords() throws IOException {
    try (RelayLine line = new RelayLine(socket)) {
      line.say(hello("one"));
      line.initialize();
      line.hear();
      String[][] cases = {
        {"7", "\"method\":5", "-32600"},
        {"1.5", "\"method\":\"ping\"", "-32600"},
        {"12345678901234567890", "\"method\":\"ping\"", "-32600"},
        {"8", "\"method\":\"logging/setLevel\",\"params\":{\"level\":\"info\"}", "-32601"},
        {"\"é😀\"", "\"method\":\"no/such\"", "-32601"},
        {"9", "\"method\":\"tools/call\"", "-32602"},
        {"10", "\"method\":\"tools/call\",\"params\":[1]", "-32602"},
        {"11", "\"method\":\"tools/call\",\"params\":{\"name\":7}", "-32602"},
        {
          "12",
          "\"method\":\"tools/call\",\"params\":{\"name\":\"whoami\",\"arguments\":\"secret\"}",
          "-32602"
        },
        {"13", "\"method\":\"tools/call\",\"params\":{\"name\":\"no_such_tool\"}", "-32602"},
      };
      for (String[] each : cases) {
        line.say("{\"jsonrpc\":\"2.0\",\"id\":" + each[0] + "," + each[1] + "}");
        JsonNode answer = line.hear();
        assertThat(answer.get("id")).as(each[1]).isEqualTo(JSON.readTree(each[0]));
        assertThat(answer.at("/error/code").asText()).as(answer.toString()).isEqualTo(each[2]);
        assertThat(answer.toString()).doesNotContain("Exception", "io.model", "java.", "secret");
      }
      line.say("{\"jsonrpc\":\"1.0\",\"id\":14,\"method\":\"ping\"}");
      assertThat(line.hear().at("/error/code").asInt()).isEqualTo(-32600);
      line.say("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":3}");
      line.say("{\"jsonrpc\":\"2.0\",\"id\":15,\"method\":\"ping\"}");
      assertThat(line.hear().get("id").asInt()).isEqualTo(15);
    }
  }

  @Test
  void aRequestsIdMayBeLongAndOddWithoutHarmToASend() throws IOException {
    PeerId eel = join("eel");
    try (RelayLine line = new RelayLine(socket)) {
      line.say(hello("one"));
      line.initialize();
      line.hear();
      int sends = 0;
      for (String id : new String[] {"1", "\"1\"", "\"a\\nb\"", "\"" + "x".repeat(250) + "\""}) {
        line.say(
            "{\"jsonrpc\":\"2.0\",\"id\":"
                + id
                + ",\"method\":\"tools/call\",\"params\":{\"name\":\"send_message\",\"arguments\":"
                + "{\"targetPeerId\":\""
                + eel
                + "\",\"message\":\"x\"}}}");
        assertThat(line.hear().at("/result/structuredContent/success").asBoolean()).isTrue();
        sends++;
        assertThat(broker.peek(eel, 0, 9).deliveries()).hasSize(sends);
      }
    }
  }

  @Test
  void aCallThatTheRelayRepeatsIsOneSendThoughIdsMayBeUsedAgain() throws IOException {
    PeerId eel = join("eel");
    try (RelayLine line = new RelayLine(socket)) {
      line.say(hello("one"));
      line.initialize();
      line.hear();
      String call = "{\"targetPeerId\":\"" + eel + "\",\"message\":\"x\"}";
      int[] numbers = {1, 2, 1, 2, 3};
      for (int number : numbers) {
        line.say("{\"peers_call\":" + number + "}");
        assertThat(line.call(7, "send_message", call).at("/structuredContent/success").asBoolean())
            .isTrue();
      }
      assertThat(broker.peek(eel, 0, 9).deliveries()).hasSize(3);
    }
    try (RelayLine another = new RelayLine(socket)) {
      another.say(hello("two"));
      another.initialize();
      another.hear();
      another.say("{\"peers_call\":1}");
      another.call(7, "send_message", "{\"targetPeerId\":\"" + eel + "\",\"message\":\"x\"}");
      assertThat(broker.peek(eel, 0, 9).deliveries()).hasSize(4);
    }
  }

  @Test
  void aSessionIsAPeerFromInitializeToItsEnd() throws IOException {
    try (RelayLine line = new RelayLine(socket)) {
      line.say(hello("one"));
      line.say("{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"ping\"}");
      assertThat(line.hear().has("result")).isTrue();
      assertThat(broker.list(PeerQuery.everyone())).isEmpty();

      line.initialize();

      assertThat(line.hear().at("/result/serverInfo/name").asText()).isEqualTo("claude-peers");
      assertThat(broker.status().activePeers()).isEqualTo(1);
    }
    Eventually.eventually("the peer has left", () -> broker.status().activePeers() == 0);
  }

  @Test
  void aSessionThatComesBackBeforeItsFormerConnectionEndsStaysAPeer() throws IOException {
    try (RelayLine second = new RelayLine(socket)) {
      try (RelayLine first = new RelayLine(socket)) {
        first.say(hello("one"));
        first.initialize();
        first.hear();
        second.say(hello("one"));
        second.initialize();
        second.hear();
      }
      // The former end is handled when a third session has come and gone.
      try (RelayLine third = new RelayLine(socket)) {
        third.say(hello("two"));
        third.initialize();
        third.hear();
      }
      Eventually.eventually("the other has left", () -> broker.status().activePeers() == 1);
    }
  }

  @Test
  void theNewestServerOfAnAgentIsItsSession() throws IOException {
    PeerId eel = join("eel");
    Process first = new ProcessBuilder("sleep", "600").start();
    Process second = new ProcessBuilder("sleep", "600").start();
    while (second.info().startInstant().equals(first.info().startInstant())) {
      // The system counts in ticks.
      second.destroyForcibly();
      second = new ProcessBuilder("sleep", "600").start();
    }
    try (RelayLine former = new RelayLine(socket);
        RelayLine owl = new RelayLine(socket)) {
      PeerId id = begin(former, "one", first);
      assertThat(begin(owl, "two", second)).isEqualTo(id);
      assertThat(former.hear().path("peers_superseded").asBoolean()).isTrue();

      MessageId sent = broker.send(OutgoingMessage.of(eel, id, "for the newest")).id();
      assertThat(owl.hear().toString()).contains("for the newest");
      former.say(
          "{\"jsonrpc\":\"2.0\",\"id\":9,\"method\":\"tools/call\",\"params\":{\"name\":\"whoami\"}}");
      assertThat(former.hear().at("/result/content/0/text").asText())
          .contains("a newer claude-peers");
      former.hangUp();
      try (RelayLine again = new RelayLine(socket)) {
        again.say(hello("one", first));
        again.initialize();
        assertThat(again.hear().path("peers_superseded").asBoolean()).isTrue();
        assertThat(again.hear().at("/error/message").asText()).contains("a newer process");
      }
      assertThat(broker.status().activePeers()).isEqualTo(2);
      assertThat(broker.receipt(sent).orElseThrow().attempts()).isEqualTo(1);
    } finally {
      first.destroyForcibly();
      second.destroyForcibly();
    }
  }

  @Test
  void aConversationThatAHookCallsByAnotherNameIsTheSamePeerElsewhere() throws IOException {
    PeerId id;
    try (RelayLine line = new RelayLine(socket)) {
      line.say(hello("one"));
      line.initialize();
      line.hear();
      for (String called : new String[] {"two", "${session_id}", "", "one"}) {
        line.call(
            3, "hook_mail", "{\"event\":\"UserPromptSubmit\",\"session_id\":\"" + called + "\"}");
      }
      id = new PeerId(line.call(2, "whoami", "{}").at("/structuredContent/id").asText());
    }
    Eventually.eventually("the peer has left", () -> broker.status().activePeers() == 0);
    try (RelayLine resumed = new RelayLine(socket)) {
      resumed.say(hello("two"));
      resumed.initialize();
      assertThat(resumed.hear().at("/result/instructions").asText()).contains(id.value());
    }
    try (RelayLine stranger = new RelayLine(socket)) {
      stranger.say(hello("${session_id}"));
      stranger.initialize();
      assertThat(stranger.hear().at("/result/instructions").asText()).doesNotContain(id.value());
    }
  }

  @Test
  void aSessionWhosePeerGoesBackToItsOwnerBeginsAnew() throws IOException {
    PeerId id = broker.register(named("owner")).id();
    broker.setSummary(id, "Mending nets.", Summary.Source.MANUAL);
    broker.unregister(id);
    try (RelayLine heir = new RelayLine(socket)) {
      heir.say(helloNamed("heir", ProcessHandle.current().pid()));
      heir.initialize();
      assertThat(heir.hear().at("/result/instructions").asText()).contains(id.value());
      Process process = new ProcessBuilder("sleep", "600").start();
      try (RelayLine owner = new RelayLine(socket)) {
        owner.say(helloNamed("owner", process.pid()));
        owner.initialize();
        assertThat(owner.hear().at("/result/instructions").asText()).contains(id.value());

        assertThat(heir.ended()).isTrue();
        try (RelayLine again = new RelayLine(socket)) {
          again.say(helloNamed("heir", ProcessHandle.current().pid()));
          again.initialize();
          assertThat(again.hear().at("/result/instructions").asText())
              .doesNotContain(id.value())
              .contains("eel-2");
        }
      } finally {
        process.destroyForcibly();
      }
    }
  }

  private Registration named(String key) {
    return Registration.builder(new SessionKey(key), Workspace.of(directory.toString()))
        .name("eel")
        .build();
  }

  private String helloNamed(String key, long process) throws IOException {
    return ((ObjectNode) JSON.readTree(hello(key)))
        .put("pid", process)
        .set("env", JSON.createObjectNode().put("CLAUDE_PEERS_NAME", "eel"))
        .toString();
  }

  /** Begins the session "owl" and tells who it is. */
  private PeerId begin(RelayLine line, String instance, Process process) throws IOException {
    line.say(hello(instance, process));
    line.initialize();
    line.hear();
    line.say("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}");
    return new PeerId(line.call(2, "whoami", "{}").at("/structuredContent/id").asText());
  }

  private String hello(String instance, Process process) {
    ObjectNode hello =
        JSON.createObjectNode()
            .put("peers_hello", 1)
            .put("instance", instance)
            .put("session_key", "owl")
            .put("pid", process.pid())
            .put("ppid", ProcessHandle.current().pid())
            .put("cwd", directory.toString());
    hello.putObject("env").put("CLAUDE_PEERS_CHANNEL", "on");
    return hello.toString();
  }

  @Test
  void everyToolSaysWhatItDoesToTheWorld() throws IOException {
    try (RelayLine line = new RelayLine(socket)) {
      line.say(hello("one"));
      line.initialize();
      line.hear();
      line.say("{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"tools/list\"}");

      JsonNode tools = line.hear().at("/result/tools");

      assertThat(tools.findValuesAsText("name"))
          .startsWith("list_peers")
          .contains("send_message", "set_summary", "check_messages", "whoami");
      for (JsonNode tool : tools) {
        boolean reads = tool.get("name").asText().matches("list_peers|whoami|message_status");
        assertThat(tool.at("/annotations/readOnlyHint").asBoolean()).as("" + tool).isEqualTo(reads);
        assertThat(tool.at("/inputSchema/type").asText()).isEqualTo("object");
        assertThat(tool.at("/outputSchema/type").asText()).isEqualTo("object");
      }
      JsonNode send = tools.get(1);
      assertThat(send.at("/inputSchema/required").toString())
          .isEqualTo("[\"targetPeerId\",\"message\"]");
      assertThat(send.at("/inputSchema/properties").fieldNames())
          .toIterable()
          .containsExactly("targetPeerId", "message", "inReplyTo");
    }
  }

  @Test
  void mailIsDeliveredWhenTheAgentHasItAndNotBefore() throws IOException {
    PeerId eel = join("eel");
    try (RelayLine line = new RelayLine(socket)) {
      line.say(hello("one"));
      line.initialize();
      line.hear();
      PeerId owl = broker.list(PeerQuery.active(Scope.machine()).without(eel)).get(0).id();
      MessageId sent = broker.send(OutgoingMessage.of(eel, owl, "precious")).id();
      String check = "\"method\":\"tools/call\",\"params\":{\"name\":\"check_messages\"}}";

      line.say("{\"jsonrpc\":\"2.0\",\"id\":5," + check);
      assertThat(line.hear().toString()).contains("precious");
      line.say("{\"jsonrpc\":\"2.0\",\"id\":6," + check);
      assertThat(line.hear().toString()).contains("No new messages").doesNotContain("precious");
      assertThat(broker.receipt(sent).orElseThrow().state()).isEqualTo(MessageState.OFFERED);
      try (RelayLine restarted = new RelayLine(socket)) {
        restarted.say(hello("one"));
        restarted.initialize();
        restarted.hear();
        restarted.say("{\"jsonrpc\":\"2.0\",\"id\":5," + check);
        assertThat(restarted.hear().toString()).contains("precious");
      }
      line.say("{\"peers_written\":5}");

      Eventually.eventually(
          "it is delivered",
          () -> broker.receipt(sent).orElseThrow().state() == MessageState.DELIVERED);
    }
  }

  @Test
  void aNewerInstallationMayHaveTheBrokersPlaceAndAnOlderNot() throws IOException {
    try (RelayLine line = new RelayLine(socket)) {
      line.say("{\"peers_step_down\":1,\"version\":\"0.0.1\"}");
      assertThat(line.ended()).isTrue();
      assertThat(steppedDown).isFalse();
    }
    try (RelayLine line = new RelayLine(socket)) {
      line.say("{\"peers_step_down\":1,\"version\":\"99.0\"}");
      Eventually.eventually("the broker makes room", steppedDown::get);
    }
  }

  @Test
  void aProgramThatOpensTheSocketMayHaveTheBrokerStop() throws IOException {
    try (RelayLine line = new RelayLine(socket)) {
      line.say("{\"peers_stop\":true}");
      Eventually.eventually("the broker stops", steppedDown::get);
    }
  }

  @Test
  void pushesABacklogInPartAndSumsUpTheRest() throws IOException {
    PeerId eel = join("eel");
    try (RelayLine line = new RelayLine(socket)) {
      line.say(hello("one"));
      line.initialize();
      line.hear();
      PeerId owl = broker.list(PeerQuery.active(Scope.machine()).without(eel)).get(0).id();
      for (int i = 0; i < 50; i++) {
        broker.send(OutgoingMessage.of(eel, owl, "number " + i));
      }
      line.say("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}");

      // While it pushes, which takes no time, it may push two more a second.
      int pushed = 0;
      JsonNode next = line.hear().get("params");
      while (next.get("content").asText().endsWith("\nnumber " + pushed)) {
        pushed++;
        next = line.hear().get("params");
      }
      assertThat(pushed).isBetween(20, 40);
      assertThat(next.get("content").asText())
          .isEqualTo(
              "📬 And %d more from peers: call check_messages to read them, oldest first."
                  .formatted(50 - pushed));
      assertThat(next.at("/meta/waiting").asInt()).isEqualTo(50 - pushed);
    }
  }

  private PeerId join(String name) {
    return broker
        .register(
            Registration.builder(new SessionKey("key of " + name), Workspace.of("/" + name))
                .build())
        .id();
  }

  @Test
  void cannotListenWhereItMayNot() {
    Path nowhere = directory.resolve("missing/peers.sock");

    assertThatThrownBy(
            () ->
                Gateway.builder(nowhere, broker)
                    .executors(workers, timer)
                    .pushesPerMinute(120)
                    .open())
        .isInstanceOf(PeersException.class)
        .hasMessageContaining("cannot listen on the socket " + nowhere)
        .hasMessageContaining("CLAUDE_PEERS_DB");
  }

  private String hello(String key) {
    ObjectNode hello =
        JSON.createObjectNode()
            .put("peers_hello", 1)
            .put("instance", "instance-" + key)
            .put("session_key", key)
            .put("pid", ProcessHandle.current().pid())
            .put("cwd", directory.toString());
    hello.putObject("env").put("CLAUDE_PEERS_CHANNEL", "on");
    return hello.toString();
  }
}
