package dev.peers.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** An agent's side of a session, line by line, so that a test can say anything. */
final class RawSession implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 60;

  private final Process process;
  private final OutputStream stdin;
  private final List<JsonNode> received = new ArrayList<>();
  // Guarded by received.
  private boolean ended;
  private int lastId;

  private RawSession(Process process) {
    this.process = process;
    this.stdin = process.getOutputStream();
  }

  static RawSession start(List<String> command, Path directory, Map<String, String> environment) {
    ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
    builder.redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().clear();
    builder.environment().putAll(environment);
    try {
      RawSession session = new RawSession(builder.start());
      Thread reader = new Thread(session::read, "test-session");
      reader.setDaemon(true);
      reader.start();
      return session;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Process process() {
    return process;
  }

  /** Writes this and an end of line. */
  void say(String line) {
    sayUnfinished(line + "\n");
  }

  void sayUnfinished(String text) {
    try {
      stdin.write(text.getBytes(StandardCharsets.UTF_8));
      stdin.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void endInput() {
    try {
      stdin.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Sends a request and returns its whole response. */
  JsonNode ask(String method, Map<String, ?> params) {
    int id = request(method, params);
    return await("the answer to " + method, m -> m.path("id").asInt(-1) == id && !m.has("method"));
  }

  /** Sends a request and returns its id. */
  int request(String method, Map<String, ?> params) {
    int id = ++lastId;
    ObjectNode request = World.JSON.createObjectNode().put("jsonrpc", "2.0").put("id", id);
    request.put("method", method).set("params", World.JSON.valueToTree(params));
    say(request.toString());
    return id;
  }

  JsonNode initialize() {
    JsonNode answer = initializeOnly("2025-11-25");
    initialized();
    return answer;
  }

  JsonNode initializeOnly(String protocol) {
    return initializeOnly(protocol, "test-agent");
  }

  JsonNode initializeOnly(String protocol, String client) {
    return ask(
        "initialize",
        Map.of(
            "protocolVersion", protocol,
            "capabilities", Map.of(),
            "clientInfo", Map.of("name", client, "version", "1")));
  }

  void initialized() {
    say("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}");
  }

  /** Calls a tool and returns its whole result. */
  JsonNode callForResult(String tool, Map<String, ?> arguments) {
    JsonNode response = ask("tools/call", Map.of("name", tool, "arguments", arguments));
    if (!response.has("result")) {
      throw new AssertionError(tool + " was answered with " + response);
    }
    return response.get("result");
  }

  /** Calls a tool that must succeed and returns its structured content. */
  JsonNode call(String tool, Map<String, ?> arguments) {
    JsonNode result = callForResult(tool, arguments);
    if (result.path("isError").asBoolean()) {
      throw new AssertionError(tool + " failed: " + result);
    }
    return result.get("structuredContent");
  }

  /** Calls a tool that must fail and returns its message. */
  String callForError(String tool, Map<String, ?> arguments) {
    JsonNode result = callForResult(tool, arguments);
    if (!result.path("isError").asBoolean()) {
      throw new AssertionError(tool + " should have failed: " + result);
    }
    return result.at("/content/0/text").asText();
  }

  String id() {
    return call("whoami", Map.of()).get("id").asText();
  }

  /** The params of a channel notification whose content holds this text. */
  JsonNode awaitPush(String text) {
    return await(
            "a push of '" + text + "'",
            m ->
                m.path("method").asText().equals("notifications/claude/channel")
                    && m.at("/params/content").asText().contains(text))
        .get("params");
  }

  JsonNode await(String what, Predicate<JsonNode> wanted) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    synchronized (received) {
      while (true) {
        for (JsonNode message : received) {
          if (wanted.test(message)) {
            return message;
          }
        }
        long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
        if (left <= 0 || ended) {
          throw new AssertionError(what + " did not come; received: " + received);
        }
        try {
          received.wait(left);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new AssertionError(e);
        }
      }
    }
  }

  /** All that has come so far. */
  List<JsonNode> received() {
    synchronized (received) {
      return List.copyOf(received);
    }
  }

  List<JsonNode> pushes() {
    return received().stream()
        .filter(m -> m.path("method").asText().equals("notifications/claude/channel"))
        .toList();
  }

  @Override
  public void close() {
    try {
      stdin.close();
    } catch (IOException e) {
      // It has gone already.
    }
    try {
      if (!process.waitFor(5, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  private void read() {
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        JsonNode message = World.JSON.readTree(line);
        synchronized (received) {
          received.add(message);
          received.notifyAll();
        }
      }
    } catch (IOException e) {
      // What is not JSON is for the tests to see; the end of a killed process is not.
      synchronized (received) {
        received.add(World.JSON.createObjectNode().put("broken", String.valueOf(e.getMessage())));
        received.notifyAll();
      }
    } finally {
      synchronized (received) {
        ended = true;
        received.notifyAll();
      }
    }
  }
}
