package dev.peers.cli.install;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** What decides in the Gemini CLI: the system's settings over the project's over the user's. */
final class GeminiObstacles extends AgentObstacles {
  GeminiObstacles(Agent.Place place, Set<String> programs) {
    super(place, programs);
  }

  @Override
  void look() {
    Path own = place.home().resolve(".gemini");
    Path user = own.resolve("settings.json");
    Path project = place.project().resolve(".gemini/settings.json");
    Path system = system();
    for (Path file : new LinkedHashSet<>(List.of(system, project, user))) {
      lookAtSettings(file, json(file));
    }
    for (Path file : List.of(system, project)) {
      JsonNode entry = json(file).path("mcpServers").path(NAME);
      boolean looked = place.forProject() && file.equals(project);
      if (isOther(entry) && !looked && !file.equals(user)) {
        add(
            file,
            "decides before your own configuration: it starts " + started(entry),
            "take the entry out of it");
      }
    }
    Path switches = own.resolve("mcp-server-enablement.json");
    JsonNode enabled = json(switches).path(NAME).path("enabled");
    if (enabled.isBoolean() && !enabled.asBoolean()) {
      add(switches, "switches the server off", "run 'gemini mcp enable " + NAME + "'");
    }
    Path trust = own.resolve("trustedFolders.json");
    JsonNode folders = json(trust);
    for (Path each = place.project(); each != null; each = each.getParent()) {
      String level = folders.path(each.toString()).asText();
      if (!level.isEmpty()) {
        if (level.equals("DO_NOT_TRUST")) {
          add(
              trust,
              "says that " + each + " is not trusted, so Gemini CLI starts no server there",
              "run /permissions in Gemini CLI there, if you trust it");
        }
        break;
      }
    }
  }

  private Path system() {
    String moved = place.environment().getOrDefault("GEMINI_CLI_SYSTEM_SETTINGS_PATH", "").strip();
    if (!moved.isEmpty()) {
      return place.project().resolve(moved);
    }
    return Path.of(
        isMac()
            ? "/Library/Application Support/GeminiCli/settings.json"
            : isWindows()
                ? "C:\\ProgramData\\gemini-cli\\settings.json"
                : "/etc/gemini-cli/settings.json");
  }

  private void lookAtSettings(Path file, JsonNode settings) {
    for (JsonNode excluded :
        List.of(settings.path("mcp").path("excluded"), settings.path("excludeMCPServers"))) {
      if (contains(excluded, NAME)) {
        add(file, "excludes the server (mcp.excluded)", "take " + NAME + " out of that list");
      }
    }
    for (JsonNode allowed :
        List.of(settings.path("mcp").path("allowed"), settings.path("allowMCPServers"))) {
      if (allowed.isArray() && !allowed.isEmpty() && !contains(allowed, NAME)) {
        add(
            file,
            "allows only servers that it lists (mcp.allowed), and not " + NAME,
            "add " + NAME + " to that list");
      }
    }
    JsonNode admin = settings.path("admin").path("mcp").path("enabled");
    if (admin.isBoolean() && !admin.asBoolean()) {
      add(file, "switches all servers off (admin.mcp.enabled)", "take that out of it");
    }
    JsonNode entry = settings.path("mcpServers").path(NAME);
    if (entry.path("includeTools").isArray() || !entry.path("excludeTools").isEmpty()) {
      add(
          file,
          "hides tools of the server (includeTools, excludeTools)",
          "take that out of it unless you want it so");
    }
  }
}
