package dev.peers.cli.edit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** An edit of a JSON file, which proves of every result that nothing but ours has changed. */
public abstract class JsonConfigEdit implements ConfigEdit {
  private final JsonSyntax syntax;

  /**
   * Makes an edit.
   *
   * @param syntax what the agent takes for JSON
   */
  public JsonConfigEdit(JsonSyntax syntax) {
    this.syntax = syntax;
  }

  /** Adds what is ours, or brings it up to date. */
  protected abstract JsonDocument add(JsonDocument text) throws UnreadableConfig;

  /**
   * Takes out what is ours.
   *
   * @param former what the file held before, a missing node if that is not known
   */
  protected abstract JsonDocument take(JsonDocument text, JsonNode former) throws UnreadableConfig;

  /** Takes out what is ours, and what is then empty, by other means than the text. */
  protected abstract void strip(ObjectNode tree);

  /** Whether an installation of Peers has put something into this. */
  protected abstract boolean isInstalled(JsonNode tree);

  /** What is added, all of it. */
  protected abstract JsonNode added();

  /** The program that is named for what is ours; empty for none. */
  protected abstract Optional<String> program(JsonNode tree);

  @Override
  public final Optional<String> program(String text) throws UnreadableConfig {
    return text.isBlank() ? Optional.empty() : program(JsonDocument.parse(text, syntax).tree());
  }

  @Override
  public final boolean isInstalled(String text) throws UnreadableConfig {
    return !text.isBlank() && isInstalled(JsonDocument.parse(text).tree());
  }

  @Override
  public final boolean isEmpty(String text) {
    return text.isBlank() || text.strip().matches("\\{\\s*}");
  }

  @Override
  public final boolean isSame(String text, String other) {
    try {
      return text.equals(other)
          || (withoutSpace(text).equals(withoutSpace(other))
              && JsonDocument.parse(text).tree().equals(JsonDocument.parse(other).tree()));
    } catch (UnreadableConfig e) {
      return false;
    }
  }

  private static String withoutSpace(String text) {
    return text.replaceAll("\\s", "");
  }

  @Override
  public final Edited installed(String text) throws UnreadableConfig {
    JsonDocument before =
        JsonDocument.parse(text.isBlank() ? "{}" + JsonDocument.newline(text) : text, syntax);
    return edited(before, add(before));
  }

  @Override
  public final Edited removed(String text, @Nullable String former) throws UnreadableConfig {
    if (text.isBlank()) {
      return new Edited(text, List.of());
    }
    // To take out what is ours makes no file worse, whether its agent can read it or not.
    JsonDocument before = JsonDocument.parse(text);
    JsonNode then =
        former == null
            ? MissingNode.getInstance()
            : former.isBlank()
                ? JsonNodeFactory.instance.objectNode()
                : JsonDocument.parse(former).tree();
    return edited(before, take(before, then));
  }

  private Edited edited(JsonDocument before, JsonDocument after) throws UnreadableConfig {
    Set<JsonNode> known = new HashSet<>();
    values(added(), known);
    List<String> lines = new ArrayList<>();
    verified(before, after).changes().forEach(change -> change.show(known, lines));
    return new Edited(after.text(), lines);
  }

  private static void values(JsonNode node, Set<JsonNode> values) {
    if (node.isContainerNode()) {
      node.forEach(child -> values(child, values));
    } else {
      values.add(node);
    }
  }

  private JsonDocument verified(JsonDocument before, JsonDocument after) throws UnreadableConfig {
    if (!stripped(before).equals(stripped(after))) {
      throw new UnreadableConfig("it is written in a way that cannot be edited safely");
    }
    return after;
  }

  private ObjectNode stripped(JsonDocument text) {
    ObjectNode copy = text.tree().deepCopy();
    strip(copy);
    return copy;
  }

  /** Without the containers at this path and above it that are empty and were not there before. */
  protected static JsonDocument prune(JsonDocument text, JsonNode former, List<String> path)
      throws UnreadableConfig {
    JsonDocument pruned = text;
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
  protected static void prune(ObjectNode tree, List<String> path) {
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
