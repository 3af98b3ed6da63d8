package dev.peers.cli.install;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.peers.cli.edit.JsonConfigEdit;
import dev.peers.cli.edit.JsonDocument;
import dev.peers.cli.edit.JsonSyntax;
import dev.peers.cli.edit.UnreadableConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The MCP server among the servers of an agent that keeps them in JSON. */
final class ServerEntry extends JsonConfigEdit {
  static final String NAME = "claude-peers";

  /** The program that starts Peers' server, alone, below a directory, or within a script. */
  private static final Pattern LAUNCHER =
      Pattern.compile("(?:^|[/\\\\\\s'\"])peers-mcp(?:\\.cmd|\\.jar)?(?:$|[\\s'\"])");

  /** What belongs to servers that are reached by an address, in one agent's files or another's. */
  private static final Set<String> OF_REMOTE_SERVERS =
      Set.of(
          "url",
          "httpUrl",
          "serverUrl",
          "tcp",
          "transport",
          "headers",
          "headersHelper",
          "oauth",
          "auth",
          "authorization",
          "authProviderType",
          "targetAudience",
          "targetServiceAccount");

  private final List<String> path;
  private final ObjectNode entry;

  /**
   * Makes an edit.
   *
   * @param syntax what the agent takes for JSON
   * @param servers the member that holds the servers
   * @param entry what a server is described by; what the user has added to it stays
   */
  ServerEntry(JsonSyntax syntax, String servers, ObjectNode entry) {
    super(syntax);
    this.path = List.of(servers, NAME);
    this.entry = entry;
  }

  /**
   * Whether this starts Peers' server, wherever it is installed.
   *
   * @param words the command and its arguments
   */
  static boolean startsPeers(Stream<String> words) {
    return words.anyMatch(
        word -> LAUNCHER.matcher(word).find() || word.contains("dev.peers.relay.Relay"));
  }

  @Override
  protected JsonDocument add(JsonDocument text) throws UnreadableConfig {
    if (text.at(path).isMissingNode()) {
      return text.with(path, entry);
    }
    JsonDocument updated = text;
    for (var member : entry.properties()) {
      List<String> place = place(member.getKey());
      // An object is for the user to fill.
      if (!member.getValue().isObject() || !updated.at(place).isObject()) {
        updated = updated.with(place, member.getValue());
      }
    }
    for (String name : OF_REMOTE_SERVERS) {
      updated = updated.without(place(name));
    }
    String type = updated.at(place("type")).asText();
    if (!entry.has("type") && !type.equals("stdio")) {
      updated = updated.without(place("type"));
    }
    return updated;
  }

  private List<String> place(String member) {
    return List.of(path.get(0), path.get(1), member);
  }

  @Override
  protected JsonDocument take(JsonDocument text, JsonNode former) throws UnreadableConfig {
    JsonNode present = text.at(path);
    JsonNode replaced = former.path(path.get(0)).path(NAME);
    if (!isOurs(present)) {
      return text;
    }
    return replaced.isObject()
        ? text.with(path, replaced)
        : prune(text.without(path), former, path.subList(0, 1));
  }

  @Override
  protected boolean isInstalled(JsonNode tree) {
    return isOurs(tree.path(path.get(0)).path(NAME));
  }

  private static boolean isOurs(JsonNode server) {
    List<String> words = new ArrayList<>();
    words.add(server.path("command").asText());
    server.path("args").forEach(word -> words.add(word.asText()));
    return startsPeers(words.stream());
  }

  @Override
  protected JsonNode added() {
    return entry;
  }

  @Override
  protected Optional<String> program(JsonNode tree) {
    return Optional.ofNullable(tree.path(path.get(0)).path(NAME).path("command").textValue());
  }

  @Override
  protected void strip(ObjectNode tree) {
    if (tree.path(path.get(0)) instanceof ObjectNode object) {
      object.remove(NAME);
    }
    prune(tree, path.subList(0, 1));
  }
}
