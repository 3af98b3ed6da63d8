package dev.peers.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A broker in the foreground, and what it takes to speak with it over HTTP. */
final class RunningBroker {
  private final World world;
  private final Process process;
  private final int port;
  private final String token;

  /** Someone who has registered. */
  record Member(String id, String key) {
    String header() {
      return "Peers-Key: " + key;
    }
  }

  private RunningBroker(World world, Process process, int port, String token) {
    this.world = world;
    this.process = process;
    this.port = port;
    this.token = token;
  }

  /** Starts one; the world that it is in ends it. */
  static RunningBroker start(World world, String... options) {
    try {
      List<String> command = new ArrayList<>();
      command.add(world.executable("peers").toString());
      command.addAll(List.of("broker", "--port", "0", "--json"));
      command.addAll(List.of(options));
      ProcessBuilder builder =
          new ProcessBuilder(command)
              .directory(world.home().toFile())
              .redirectError(errors(world).toFile());
      builder.environment().clear();
      builder.environment().putAll(world.environment());
      Process process = builder.start();
      String card = process.inputReader(StandardCharsets.UTF_8).readLine();
      if (card == null) {
        throw new AssertionError("no broker: " + Files.readString(errors(world)));
      }
      URI address = URI.create(World.JSON.readTree(card).path("address").asText());
      String token = Files.readString(world.files().token()).strip();
      return new RunningBroker(world, process, address.getPort(), token);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The same one, whose token was replaced. */
  RunningBroker withToken(String other) {
    return new RunningBroker(world, process, port, other);
  }

  Process process() {
    return process;
  }

  int port() {
    return port;
  }

  String token() {
    return token;
  }

  /** What it has logged. */
  String log() {
    try {
      return Files.readString(errors(world));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  RawHttp connect() {
    return RawHttp.connect(port);
  }

  /** A request's head up to its own headers, of one who may come in. */
  String head(String line, String... headers) {
    return bare(line, join("Authorization: Bearer " + token, headers));
  }

  /** A request's head of one who knows nothing but the address. */
  String bare(String line, String... headers) {
    StringBuilder head = new StringBuilder(line + " HTTP/1.1\r\nHost: 127.0.0.1:" + port + "\r\n");
    for (String header : headers) {
      head.append(header).append("\r\n");
    }
    return head.append("\r\n").toString();
  }

  RawHttp.Answer post(String path, String body, String... headers) {
    return RawHttp.ask(port, request(path, body, headers));
  }

  /** A whole and proper request, which leaves the connection open. */
  String request(String path, String body, String... headers) {
    int length = body.getBytes(StandardCharsets.UTF_8).length;
    String[] all = join("Content-Length: " + length, headers);
    return head("POST " + path, join("Content-Type: application/json", all)) + body;
  }

  Member register(String name) {
    return register(Map.of("cwd", "/tmp/" + name, "session_key", "key of " + name));
  }

  Member register(Map<String, ?> fields) {
    JsonNode answer = post("/register", json(fields)).json();
    return new Member(answer.path("id").asText(), answer.path("key").asText());
  }

  RawHttp.Answer send(Member from, Member to, String text) {
    return post("/send-message", message(from.id(), to.id(), text), from.header());
  }

  /** What somebody finds in the own mailbox; it stays there. */
  JsonNode mail(Member member) {
    String body = json(Map.of("id", member.id(), "ack", "none"));
    return post("/poll-messages", body, member.header()).json().path("messages");
  }

  static String message(String from, String to, String text) {
    return json(Map.of("from_id", from, "to_id", to, "text", text));
  }

  static String json(Map<String, ?> fields) {
    ObjectNode json = World.JSON.valueToTree(fields);
    return json.toString();
  }

  private static String[] join(String first, String... others) {
    String[] all = new String[others.length + 1];
    all[0] = first;
    System.arraycopy(others, 0, all, 1, others.length);
    return all;
  }

  private static Path errors(World world) {
    return world.file("broker.err");
  }
}
