package dev.peers.cli.trial;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.peers.BuildInfo;
import dev.peers.ErrorCode;
import dev.peers.PeersException;
import dev.peers.local.IoReason;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** An agent's side of one MCP session: starts the server as an agent would, and talks to it. */
public final class TrialSession implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long ANSWER_SECONDS = 30;
  private static final long LEAVE_SECONDS = 3;

  private final Process process;
  private final OutputStream stdin;
  private final Consumer<JsonNode> onChannel;
  private final AtomicInteger ids = new AtomicInteger();
  private final Map<Integer, CompletableFuture<JsonNode>> asked = new ConcurrentHashMap<>();

  private TrialSession(Process process, Consumer<JsonNode> onChannel) {
    this.process = process;
    this.stdin = process.getOutputStream();
    this.onChannel = onChannel;
  }

  /**
   * Starts a server and opens a session with it.
   *
   * @param errors where its standard error goes
   * @param onChannel takes the params of each channel notification
   */
  public static TrialSession start(
      List<String> command,
      Path directory,
      Map<String, String> environment,
      Redirect errors,
      Consumer<JsonNode> onChannel) {
    ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
    builder.redirectError(errors);
    builder.environment().clear();
    builder.environment().putAll(environment);
    builder.environment().put("CLAUDE_PEERS_CHANNEL", "on");
    TrialSession session;
    try {
      session = new TrialSession(builder.start(), onChannel);
    } catch (IOException e) {
      throw failure(command + " cannot be started: " + IoReason.brief(e), e);
    }
    Thread reader = new Thread(session::read, "peers-demo-" + directory.getFileName());
    reader.setDaemon(true);
    reader.start();
    try {
      session.initialize();
      return session;
    } catch (RuntimeException e) {
      session.close();
      throw e;
    }
  }

  /** Calls a tool and returns its structured result. */
  public JsonNode call(String tool, Map<String, Object> arguments) {
    ObjectNode params = JSON.createObjectNode().put("name", tool);
    params.set("arguments", JSON.valueToTree(arguments));
    JsonNode result = ask("tools/call", params);
    if (result.path("isError").asBoolean()) {
      throw failure(tool + " failed: " + result.at("/content/0/text").asText(), null);
    }
    return result.path("structuredContent");
  }

  /** Ends the input, which for an MCP server means to go. */
  @Override
  public void close() {
    leave(LEAVE_SECONDS);
  }

  /**
   * Ends the input, and the process too if it has not gone after so many seconds.
   *
   * @return whether it went by itself
   */
  public boolean leave(long seconds) {
    try {
      stdin.close();
    } catch (IOException e) {
      // It has gone already.
    }
    try {
      if (process.waitFor(seconds, TimeUnit.SECONDS)) {
        return true;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    process.destroyForcibly();
    return false;
  }

  private void initialize() {
    ObjectNode params = JSON.createObjectNode().put("protocolVersion", "2025-11-25");
    params.putObject("capabilities");
    params.putObject("clientInfo").put("name", "peers-demo").put("version", BuildInfo.version());
    ask("initialize", params);
    send(JSON.createObjectNode().put("jsonrpc", "2.0").put("method", "notifications/initialized"));
  }

  private JsonNode ask(String method, ObjectNode params) {
    int id = ids.incrementAndGet();
    CompletableFuture<JsonNode> answer = new CompletableFuture<>();
    asked.put(id, answer);
    ObjectNode request = JSON.createObjectNode().put("jsonrpc", "2.0").put("id", id);
    request.put("method", method).set("params", params);
    send(request);
    try {
      JsonNode response = answer.get(ANSWER_SECONDS, TimeUnit.SECONDS);
      if (response.has("error")) {
        throw failure(method + " failed: " + response.at("/error/message").asText(), null);
      }
      return response.path("result");
    } catch (TimeoutException e) {
      throw failure("no answer to " + method + " within " + ANSWER_SECONDS + " s", e);
    } catch (ExecutionException e) {
      throw failure(String.valueOf(e.getCause()), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw failure("interrupted", e);
    }
  }

  private void send(ObjectNode message) {
    try {
      stdin.write((message + "\n").getBytes(StandardCharsets.UTF_8));
      stdin.flush();
    } catch (IOException e) {
      throw failure("the MCP server has ended", e);
    }
  }

  private void read() {
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        JsonNode message = JSON.readTree(line);
        if (message.path("method").asText().equals("notifications/claude/channel")) {
          onChannel.accept(message.path("params"));
        }
        CompletableFuture<JsonNode> answer = asked.remove(message.path("id").asInt(-1));
        if (answer != null) {
          answer.complete(message);
        }
      }
      asked.values().forEach(a -> a.completeExceptionally(new IOException("the server ended")));
    } catch (IOException e) {
      asked.values().forEach(a -> a.completeExceptionally(e));
    }
  }

  private static PeersException failure(String message, @Nullable Throwable cause) {
    return new PeersException(ErrorCode.UNAVAILABLE, message, cause);
  }
}
