package dev.peers.cli.install;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.peers.PeersException;
import dev.peers.cli.edit.ConfigChange;
import dev.peers.cli.edit.ConfigFile;
import dev.peers.cli.edit.JsonDocument;
import dev.peers.cli.edit.UnreadableConfig;
import dev.peers.cli.startup.Installation;
import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Looks for what decides in place of the configuration that Peers writes: other scopes, switches,
 * lists of what is allowed, and policies. Reads files, and changes none.
 */
public abstract class AgentObstacles {
  static final String NAME = ServerEntry.NAME;

  final Agent.Place place;
  private final Set<String> programs;
  private final List<Obstacle> obstacles = new ArrayList<>();

  /**
   * Makes a look.
   *
   * @param place where the configuration is
   * @param programs the programs that start the server of this installation
   */
  AgentObstacles(Agent.Place place, Set<String> programs) {
    this.place = place;
    this.programs = Set.copyOf(programs);
  }

  /** What is in the way of an agent in the directory of this place. */
  public static List<Obstacle> of(Agent agent, Agent.Place place) {
    Set<String> programs = Set.of(Installation.mcpCommand().get(0), Agent.SHARED_COMMAND.get(0));
    return switch (agent) {
      case CLAUDE ->
          new ClaudeObstacles(place, programs, ClaudeObstacles.managedDirectory()).find();
      case CODEX -> new CodexObstacles(place, programs, Path.of("/etc/codex")).find();
      case GEMINI -> new GeminiObstacles(place, programs).find();
      case CURSOR -> new CursorObstacles(place, programs).find();
      case VSCODE -> List.of();
    };
  }

  abstract void look();

  final List<Obstacle> find() {
    look();
    return List.copyOf(obstacles);
  }

  final void add(Path file, String what, String fix) {
    obstacles.add(new Obstacle(file, what, fix));
  }

  /** What a JSON file says; nothing if it is not there, or says nothing that can be read. */
  static JsonNode json(Path file) {
    try {
      String text = new ConfigFile(file, true).read();
      return text == null || text.isBlank()
          ? MissingNode.getInstance()
          : JsonDocument.parse(ConfigChange.withoutMark(text)).tree();
    } catch (PeersException | UnreadableConfig e) {
      // The agent cannot read it either; of the files that Peers writes, others say so.
      return MissingNode.getInstance();
    }
  }

  static boolean contains(JsonNode array, String item) {
    for (JsonNode each : array) {
      if (item.equals(each.asText())) {
        return true;
      }
    }
    return false;
  }

  /** Whether an entry starts another program than this installation's, or is an address. */
  final boolean isOther(JsonNode entry) {
    return entry.isObject() && !programs.contains(entry.path("command").asText());
  }

  final boolean isOther(String program) {
    return !programs.contains(program);
  }

  static String started(JsonNode entry) {
    String program = entry.path("command").asText();
    return program.isEmpty() ? "an address" : "'" + program + "'";
  }

  static boolean isMac() {
    return System.getProperty("os.name").startsWith("Mac");
  }

  static boolean isWindows() {
    return File.separatorChar == '\\';
  }
}
