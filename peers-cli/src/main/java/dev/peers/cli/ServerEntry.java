package dev.peers.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The MCP server among the servers of an agent that keeps them in JSON. */
final class ServerEntry extends JsonConfigEdit {
  static final String NAME = "claude-peers";

  private final String servers;
  private final ObjectNode entry;

  /**
   * Makes an edit.
   *
   * @param servers the member that holds the servers
   * @param entry what a server is described by; what the user has added to it stays
   */
  ServerEntry(String servers, ObjectNode entry) {
    this.servers = servers;
    this.entry = entry;
  }

  @Override
  JsonText add(JsonText text) throws UnreadableConfig {
    List<String> path = List.of(servers, NAME);
    if (text.at(path).isMissingNode()) {
      return text.with(path, entry);
    }
    JsonText updated = text;
    for (var member : entry.properties()) {
      List<String> place = new ArrayList<>(path);
      place.add(member.getKey());
      // An object is for the user to fill.
      if (!member.getValue().isObject() || !updated.at(place).isObject()) {
        updated = updated.with(place, member.getValue());
      }
    }
    return updated;
  }

  @Override
  JsonText take(JsonText text, JsonNode former) throws UnreadableConfig {
    if (!text.at(List.of(servers)).isObject()) {
      return text;
    }
    JsonText without = text.without(List.of(servers, NAME));
    return without == text ? text : prune(without, former, List.of(servers));
  }

  @Override
  Optional<String> program(JsonNode tree) {
    return Optional.ofNullable(tree.path(servers).path(NAME).path("command").textValue());
  }

  @Override
  void strip(ObjectNode tree) {
    if (tree.path(servers) instanceof ObjectNode object) {
      object.remove(NAME);
    }
    prune(tree, List.of(servers));
  }
}
