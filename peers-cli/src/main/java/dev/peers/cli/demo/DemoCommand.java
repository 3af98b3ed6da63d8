package dev.peers.cli.demo;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peers.ErrorCode;
import dev.peers.PeersException;
import dev.peers.cli.install.Agent;
import dev.peers.cli.shell.BaseCommand;
import dev.peers.cli.shell.CommandIo;
import dev.peers.cli.startup.Installation;
import dev.peers.cli.trial.PrivateBroker;
import dev.peers.cli.trial.TrialSession;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;

/** {@code peers demo}. */
@Command(
    name = "demo",
    description = {
      "Show what Peers does.",
      "A private broker, two real MCP sessions in two directories, a message each way. Needs nothing,"
          + " touches nothing of yours, and removes what it made."
    },
    footer = {"  peers demo"})
public final class DemoCommand extends BaseCommand {
  private static final long ARRIVAL_SECONDS = 10;

  private final Object lock = new Object();
  // Guarded by lock: what to undo, last done first.
  private final Deque<AutoCloseable> made = new ArrayDeque<>();

  public DemoCommand(CommandIo shell) {
    super(shell);
  }

  /** One end of the conversation. */
  private record Agent(
      String name, String id, TrialSession session, BlockingQueue<Arrival> arrivals) {}

  /** A channel notification, and when it came. */
  private record Arrival(JsonNode params, long nanos) {}

  @Override
  public Integer call() throws InterruptedException {
    // Ctrl-C leaves nothing behind either.
    Thread cleanup = new Thread(this::undo, "peers-demo-cleanup");
    Runtime.getRuntime().addShutdownHook(cleanup);
    try {
      converse();
      return OK;
    } finally {
      undo();
    }
  }

  private void converse() throws InterruptedException {
    PrivateBroker broker = keep(PrivateBroker.start(shell.environment()));
    say(
        "broker",
        Map.of("address", broker.address()),
        "A private broker runs at " + broker.address() + ".\n");

    Agent api = join("api-server", broker);
    Agent web = join("web-app", broker);

    JsonNode listed = web.session.call("list_peers", Map.of("scope", "machine"));
    JsonNode found = listed.at("/peers/0");
    say(
        "listed",
        Map.of("by", web.id, "peers", listed.path("peers")),
        "web-app lists its peers and finds "
            + found.path("id").asText()
            + ": \""
            + found.path("summary").asText()
            + "\"\n");

    JsonNode question =
        exchange(web, api, "Which port does the API listen on in development?", null);
    exchange(api, web, "8080. It reads PORT from .env.", question.path("message_id").asText());
    say("done", Map.of("ok", true), "Both messages arrived. The demo's files are removed.");
  }

  private Agent join(String name, PrivateBroker broker) {
    BlockingQueue<Arrival> arrivals = new LinkedBlockingQueue<>();
    Path directory = broker.directory(name);
    TrialSession session =
        keep(
            TrialSession.start(
                Installation.mcpCommand(),
                directory,
                broker.environment(),
                ProcessBuilder.Redirect.INHERIT,
                params -> arrivals.add(new Arrival(params, System.nanoTime()))));
    session.call("set_summary", Map.of("summary", "Working on the " + name + "."));
    String id = session.call("whoami", Map.of()).path("id").asText();
    say(
        "joined",
        Map.of("id", id, "cwd", directory.toString()),
        "Session " + id + " has started in " + directory + ".");
    return new Agent(name, id, session, arrivals);
  }

  /** Sends a message, shows its arrival, and returns what came with it. */
  private JsonNode exchange(Agent from, Agent to, String text, @Nullable String inReplyTo)
      throws InterruptedException {
    Map<String, Object> arguments = new LinkedHashMap<>();
    arguments.put("targetPeerId", to.id);
    arguments.put("message", text);
    if (inReplyTo != null) {
      arguments.put("inReplyTo", inReplyTo);
    }
    say(
        "sent",
        Map.of("from", from.id, "to", to.id, "text", text),
        from.name + " calls send_message: \"" + text + "\"");
    long start = System.nanoTime();
    from.session.call("send_message", arguments);
    Arrival arrival = to.arrivals.poll(ARRIVAL_SECONDS, TimeUnit.SECONDS);
    if (arrival == null) {
      throw new PeersException(
          ErrorCode.UNAVAILABLE, "the message did not arrive within " + ARRIVAL_SECONDS + " s");
    }
    double millis = Math.round((arrival.nanos - start) / 100_000.0) / 10.0;
    String content = arrival.params.path("content").asText();
    say(
        "received",
        Map.of("by", to.id, "millis", millis, "params", arrival.params),
        to.name
            + " receives, "
            + millis
            + " ms later:\n    "
            + content.replace("\n", "\n    ")
            + "\n");
    return arrival.params.path("meta");
  }

  private void say(String event, Map<String, Object> facts, String line) {
    Map<String, Object> report = new LinkedHashMap<>();
    report.put("event", event);
    report.putAll(facts);
    shell.print(json, report, line);
  }

  private <C extends AutoCloseable> C keep(C closeable) {
    synchronized (lock) {
      made.push(closeable);
    }
    return closeable;
  }

  private void undo() {
    synchronized (lock) {
      while (!made.isEmpty()) {
        try {
          made.pop().close();
        } catch (Exception e) {
          shell.complain("the demo left something behind: " + e.getMessage());
        }
      }
    }
  }
}
