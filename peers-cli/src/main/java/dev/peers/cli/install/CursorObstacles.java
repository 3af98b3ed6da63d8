package dev.peers.cli.install;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** What decides in Cursor: the project's file before the user's, and the rules of its CLI. */
final class CursorObstacles extends AgentObstacles {
  CursorObstacles(Agent.Place place, Set<String> programs) {
    super(place, programs);
  }

  @Override
  void look() {
    Path user = place.home().resolve(".cursor/mcp.json");
    Path project = place.project().resolve(".cursor/mcp.json");
    JsonNode inProject = json(project).path("mcpServers").path(NAME);
    if (isOther(inProject) && !place.forProject() && !project.equals(user)) {
      add(
          project,
          "decides in this project, before your own configuration: it starts " + started(inProject),
          "run 'peers install cursor --project' here, or take the entry out of it");
    }
    for (Path file : new LinkedHashSet<>(List.of(user, project))) {
      if (json(file).path("mcpServers").path(NAME).path("disabled").asBoolean()) {
        add(file, "switches the server off (disabled)", "take that out of it");
      }
    }
    for (Path file :
        List.of(
            place.home().resolve(".cursor/cli-config.json"),
            place.project().resolve(".cursor/cli.json"))) {
      for (JsonNode rule : json(file).path("permissions").path("deny")) {
        if (rule.asText().startsWith("Mcp(" + NAME + ":") || rule.asText().startsWith("Mcp(*:")) {
          add(file, "denies '" + rule.asText() + "'", "take that rule out of permissions.deny");
        }
      }
    }
  }
}
