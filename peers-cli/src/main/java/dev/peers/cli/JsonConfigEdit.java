package dev.peers.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;

/** An edit of a JSON file, which proves of every result that nothing but ours has changed. */
abstract class JsonConfigEdit implements ConfigEdit {
  /** Adds what is ours, or brings it up to date. */
  abstract JsonText add(JsonText text) throws UnreadableConfig;

  /** Takes out what is ours. */
  abstract JsonText take(JsonText text, JsonNode former) throws UnreadableConfig;

  /** Takes out what is ours, and what is then empty, by other means than the text. */
  abstract void strip(ObjectNode tree);

  /** The program that is named for what is ours; empty for none. */
  abstract Optional<String> program(JsonNode tree);

  @Override
  public final Optional<String> program(String text) throws UnreadableConfig {
    return text.isBlank() ? Optional.empty() : program(JsonText.parse(text).tree());
  }

  @Override
  public final String installed(String text) throws UnreadableConfig {
    JsonText before = JsonText.parse(text.isBlank() ? "{}" + JsonText.newline(text) : text);
    return verified(before, add(before)).text();
  }

  @Override
  public final String removed(String text, String former) throws UnreadableConfig {
    if (text.isBlank()) {
      return text;
    }
    JsonText before = JsonText.parse(text);
    return verified(before, take(before, tree(former))).text();
  }

  private static JsonNode tree(String former) {
    try {
      return former.isBlank() ? MissingNode.getInstance() : JsonText.parse(former).tree();
    } catch (UnreadableConfig e) {
      // A backup that somebody has edited tells nothing.
      return MissingNode.getInstance();
    }
  }

  private JsonText verified(JsonText before, JsonText after) throws UnreadableConfig {
    if (!stripped(before).equals(stripped(after))) {
      throw new UnreadableConfig("it is written in a way that cannot be edited safely");
    }
    return after;
  }

  private ObjectNode stripped(JsonText text) {
    ObjectNode copy = text.tree().deepCopy();
    strip(copy);
    return copy;
  }

  /** Without the containers at this path and above it that are empty and were not there before. */
  static JsonText prune(JsonText text, JsonNode former, List<String> path) throws UnreadableConfig {
    JsonText pruned = text;
    for (int depth = path.size(); depth > 0; depth--) {
      List<String> container = path.subList(0, depth);
      JsonNode node = pruned.at(container);
      JsonNode then = former;
      for (String name : container) {
        then = then.path(name);
      }
      if (!node.isContainerNode() || !node.isEmpty() || !then.isMissingNode()) {
        return pruned;
      }
      pruned = pruned.without(container);
    }
    return pruned;
  }

  /** Takes the containers at this path and above it out of a tree, as far as they are empty. */
  static void prune(ObjectNode tree, List<String> path) {
    for (int depth = path.size(); depth > 0; depth--) {
      JsonNode parent = tree;
      for (String name : path.subList(0, depth - 1)) {
        parent = parent.path(name);
      }
      String name = path.get(depth - 1);
      if (parent instanceof ObjectNode object
          && object.path(name).isContainerNode()
          && object.path(name).isEmpty()) {
        object.remove(name);
      }
    }
  }
}
