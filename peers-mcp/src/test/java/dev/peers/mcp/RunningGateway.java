package dev.peers.mcp;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.peers.Broker;
import dev.peers.MessageState;
import dev.peers.OutgoingMessage;
import dev.peers.PeerId;
import dev.peers.PeerQuery;
import dev.peers.Receipt;
import dev.peers.Registration;
import dev.peers.Scope;
import dev.peers.SessionKey;
import dev.peers.Workspace;
import dev.peers.broker.InMemoryStore;
import dev.peers.broker.LocalBroker;
import dev.peers.tck.Eventually;
import dev.peers.tck.ManualClock;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A gateway with a peer that writes to its sessions. */
final class RunningGateway implements AutoCloseable {
  static final ObjectMapper JSON = new ObjectMapper();

  private static final Pattern ID = Pattern.compile("You are peer ([a-z0-9-]+)");

  final ManualClock clock = new ManualClock();
  final Broker broker = LocalBroker.over(new InMemoryStore()).clock(clock, clock::nanoTime).build();
  final PeerId eel =
      broker
          .register(Registration.builder(new SessionKey("eel"), Workspace.of("/eel")).build())
          .id();

  private final ExecutorService workers = Executors.newFixedThreadPool(4);
  private final ScheduledExecutorService timer = Executors.newScheduledThreadPool(1);
  private final Path directory;
  private final Path socket;
  private final Gateway gateway;
  private PeerId latest = PeerId.OPERATOR;

  RunningGateway(Path directory) {
    this.directory = directory;
    this.socket = directory.resolve("peers.sock");
    this.gateway =
        Gateway.builder(socket, broker).executors(workers, timer).pushesPerMinute(120).open();
  }

  /** A session of a client, with a key of its own, and what else its relay says. */
  RelayLine session(String key, String client, String channel, String relay) throws IOException {
    return session(key, client, "2025-06-18", channel, relay);
  }

  RelayLine session(String key, String client, String protocol, String channel, String relay)
      throws IOException {
    RelayLine line = new RelayLine(socket);
    line.say(
        """
        {"peers_hello":1,"instance":"%1$s","session_key":"%1$s","pid":%2$d,"cwd":%3$s%5$s,\
        "env":{"CLAUDE_PEERS_CHANNEL":"%4$s"}}\
        """
            .formatted(
                key,
                ProcessHandle.current().pid(),
                JSON.writeValueAsString(directory.toString()),
                channel,
                relay));
    line.initialize(client, protocol);
    Matcher id = ID.matcher(line.hear().at("/result/instructions").asText());
    assertThat(id.find()).isTrue();
    latest = new PeerId(id.group(1));
    line.say("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}");
    return line;
  }

  /** Who is listed but the one that writes. */
  List<PeerId> listed() {
    return broker.list(PeerQuery.active(Scope.machine()).without(eel)).stream()
        .map(peer -> peer.id())
        .toList();
  }

  /** The id of the session that began last. */
  PeerId latest() {
    return latest;
  }

  /** Writes to the session that began last. */
  Receipt send(String text) {
    return broker.send(OutgoingMessage.of(eel, latest, text));
  }

  MessageState state(Receipt sent) {
    return broker.receipt(sent.id()).orElseThrow().state();
  }

  void awaitDelivered(Receipt sent) {
    Eventually.eventually("the message is delivered", () -> state(sent) == MessageState.DELIVERED);
  }

  /** Calls for a hook with this input, and returns what the agent's program reads. */
  static JsonNode hook(RelayLine agent, int id, String input) throws IOException {
    return hook(agent, id, input, "{}");
  }

  static JsonNode hook(RelayLine agent, int id, String input, String meta) throws IOException {
    JsonNode result = agent.call(id, "hook_mail", input, meta);
    assertThat(result.path("isError").asBoolean()).as("%s", result).isFalse();
    return JSON.readTree(result.at("/content/0/text").asText());
  }

  @Override
  public void close() {
    gateway.close();
    workers.shutdownNow();
    timer.shutdownNow();
    broker.close();
  }
}
