package dev.peers.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peers.tck.Eventually;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The hook that wakes a session, run as Claude Code runs what {@code peers install} has set up. */
class WakeIT {
  private static final int WOKEN = 2;

  private final World world = new World().with("CLAUDE_PEERS_WAKE_INTERVAL", "0");
  private final List<Process> hooks = new ArrayList<>();
  private RawSession owl;
  private RawSession eel;
  private String id;

  @BeforeEach
  void start() {
    owl = join("owl", "claude-code");
    eel = world.join("eel", Map.of("CLAUDE_CODE_SESSION_ID", "eel", "CLAUDE_PEERS_CHANNEL", "off"));
    id = owl.id();
  }

  @AfterEach
  void end() {
    hooks.forEach(hook -> hook.descendants().forEach(ProcessHandle::destroyForcibly));
    hooks.forEach(Process::destroyForcibly);
    world.close();
  }

  @Test
  void wakesItsSessionWhichThenFindsTheMail() throws IOException {
    Process hook = hook("owl");
    awaitWaiting(hook);

    send("Are you there?");

    assertThat(exit(hook)).isEqualTo(WOKEN);
    assertThat(text(hook)).contains("You have 1 unread message", eel.id(), "check_messages");
    assertThat(owl.call("check_messages", Map.of()).at("/messages/0/message").asText())
        .isEqualTo("Are you there?");
  }

  @Test
  void oneWaitsWhereTwoWereStarted() throws IOException {
    Process first = hook("owl");
    awaitWaiting(first);

    Process second = hook("owl");

    assertThat(exit(first)).isZero();
    assertThat(text(first)).isEmpty();
    send("Are you there?");
    assertThat(exit(second)).isEqualTo(WOKEN);
  }

  @Test
  void aWaitOutlivesItsBroker() throws IOException {
    Process hook = hook("owl");
    awaitWaiting(hook);
    long broker = world.brokerPid().orElseThrow();
    world.killBroker();
    Eventually.eventually(
        "another broker runs", () -> world.brokerPid().filter(pid -> pid != broker).isPresent());

    send("Are you there?");

    assertThat(exit(hook)).isEqualTo(WOKEN);
    assertThat(text(hook)).contains("You have 1 unread message");
  }

  @Test
  void endsInSilenceWithItsSession() throws IOException {
    Process hook = hook("owl");
    awaitWaiting(hook);

    owl.close();

    assertThat(exit(hook)).isZero();
    assertThat(text(hook)).isEmpty();
  }

  @Test
  void endsInSilenceWhereThereIsNoBrokerAndStartsNone() throws IOException {
    world.with("CLAUDE_PEERS_DB", world.file("other.db").toString());

    Process hook = hook("owl");

    assertThat(exit(hook)).isZero();
    assertThat(text(hook)).isEmpty();
    assertThat(world.file("other.lock")).doesNotExist();
  }

  @Test
  void aWaitIsASmallProcessOrTwoThatDoNothing() throws IOException {
    Process hook = hook("owl");
    awaitWaiting(hook);

    // Without the shell that stands for the agent.
    List<ProcessHandle> all = hook.descendants().toList();
    assertThat(all).hasSizeLessThanOrEqualTo(2);
    for (ProcessHandle process : all) {
      // In ticks of a hundredth of a second, start included.
      String[] stat = Files.readString(Path.of("/proc/" + process.pid() + "/stat")).split(" ");
      assertThat(Integer.parseInt(stat[13]) + Integer.parseInt(stat[14])).isLessThan(10);
    }
  }

  @Test
  void endsAtOnceForAnAgentThatWaitsForItsHooks() throws IOException {
    join("crab", "cursor-vscode");
    List<String> agent = List.of("sh", "-c");

    // One that has Peers, one that has not, one that says who it is, and one without a broker.
    List<Process> all = new ArrayList<>();
    all.add(hook("crab", List.of("sh", claude().toString(), "sh", "-c"), Map.of()));
    all.add(hook("heron", agent, Map.of()));
    all.add(hook("owl", agent, Map.of("cursor_version", "2.0.77")));
    world.with("CLAUDE_PEERS_DB", world.file("other.db").toString());
    all.add(hook("heron", agent, Map.of()));

    for (Process hook : all) {
      assertThat(exit(hook)).isZero();
      assertThat(text(hook)).isEmpty();
    }
  }

  @Test
  void aSettingThatMakesNoSenseIsNamed() throws IOException {
    world.with("CLAUDE_PEERS_WAKE_INTERVAL", "soon");

    Process hook = hook("owl");

    assertThat(exit(hook)).isEqualTo(1);
    assertThat(text(hook)).contains("CLAUDE_PEERS_WAKE_INTERVAL is 'soon'");
  }

  @Test
  void isForClaudeWithItsHooksOnly() {
    assertThat(world.peers("install", "claude", "--wake", "--yes").out())
        .endsWith("it needs no flag to be woken by mail.\n");
    World.Result codex = world.peers("install", "codex", "--wake", "--yes");
    assertThat(codex.code()).isEqualTo(2);
    assertThat(codex.err()).contains("--wake is for claude only");
    assertThat(world.peers("install", "claude", "--wake", "--no-hooks", "--yes").code())
        .isEqualTo(2);
  }

  private void send(String text) {
    eel.call("send_message", Map.of("targetPeerId", id, "message", text));
  }

  private RawSession join(String name, String client) {
    RawSession session =
        world.start(
            world.directory(name),
            Map.of("CLAUDE_CODE_SESSION_ID", name, "CLAUDE_PEERS_CHANNEL", "off"));
    session.initializeOnly("2025-11-25", client);
    session.initialized();
    return session;
  }

  /** Runs the installed command as Claude Code does: by a shell, with the event on its input. */
  private Process hook(String session) throws IOException {
    return hook(session, List.of("sh", claude().toString(), "sh", "-c"), Map.of());
  }

  /** A program of the name that Claude Code's process has. */
  private Path claude() throws IOException {
    return Files.writeString(world.file("claude"), "\"$@\"\nexit $?\n");
  }

  private Process hook(String session, List<String> agent, Map<String, Object> fields)
      throws IOException {
    world.peers("install", "claude", "--wake", "--yes");
    JsonNode handler =
        World.JSON
            .readTree(Files.readString(world.file(".claude/settings.json")))
            .at("/hooks/Stop/1/hooks/0");
    List<String> command = new ArrayList<>(agent);
    command.add(handler.get("command").asText());
    ProcessBuilder builder = new ProcessBuilder(command).directory(world.home().toFile());
    builder.environment().clear();
    builder.environment().putAll(world.environment());
    Process hook = builder.start();
    hooks.add(hook);
    Map<String, Object> event = new LinkedHashMap<>();
    event.put("session_id", session);
    event.put("hook_event_name", "Stop");
    event.put("stop_hook_active", false);
    event.put(
        "last_assistant_message", "His \"session_id\" is \"eel\", his \"conversation_id\" none.");
    event.putAll(fields);
    try (var stdin = hook.getOutputStream()) {
      stdin.write(World.JSON.writeValueAsBytes(event));
    }
    return hook;
  }

  /** Waits until the session is known to have a hook that waits. */
  private void awaitWaiting(Process hook) {
    Eventually.eventually(
        "the hook waits",
        () -> owl.call("whoami", Map.of()).get("reachedBy").asText().equals("hook"));
    assertThat(hook.isAlive()).isTrue();
  }

  private static int exit(Process hook) {
    try {
      assertThat(hook.waitFor(60, TimeUnit.SECONDS)).as("the hook ends").isTrue();
      return hook.exitValue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  private static String text(Process hook) {
    try {
      return new String(hook.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
