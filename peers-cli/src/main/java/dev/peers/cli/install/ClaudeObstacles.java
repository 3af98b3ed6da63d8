package dev.peers.cli.install;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.StreamSupport;

/**
 * What decides in Claude Code: the local scope before the project's and the project's before the
 * user's; the switches of a project; the settings of all scopes; what administrators have set.
 */
final class ClaudeObstacles extends AgentObstacles {
  private static final String TOOLS = "mcp__" + NAME;
  private static final int MAX_NAMED = 3;

  private final Path managed;

  ClaudeObstacles(Agent.Place place, Set<String> programs, Path managed) {
    super(place, programs);
    this.managed = managed;
  }

  /** Where administrators put what counts for all users. */
  static Path managedDirectory() {
    return Path.of(
        isMac()
            ? "/Library/Application Support/ClaudeCode"
            : isWindows() ? "C:\\Program Files\\ClaudeCode" : "/etc/claude-code");
  }

  @Override
  void look() {
    Path state = place.directory("CLAUDE_CONFIG_DIR", "").resolve(".claude.json");
    JsonNode projects = json(state).path("projects");
    Path shared = place.project().resolve(".mcp.json");
    JsonNode inProject = json(shared).path("mcpServers").path(NAME);
    Set<String> here = here();
    for (String directory : here) {
      lookAtProject(state, directory, projects.path(directory), inProject);
    }
    lookAtOthers(state, projects, here);
    if (isOther(inProject) && !place.forProject()) {
      add(
          shared,
          "decides in this project, before your own configuration: it starts " + started(inProject),
          "run 'peers install claude --project' here, or take the entry out of it");
    }
    policy();
    for (Path file : settings()) {
      lookAtSettings(file, json(file), inProject.isObject());
    }
  }

  /** How Claude Code may call the project of this directory. */
  private Set<String> here() {
    Set<String> names = new LinkedHashSet<>();
    Path directory = place.project().toAbsolutePath().normalize();
    names.add(directory.toString());
    for (Path each = directory; each != null; each = each.getParent()) {
      if (Files.exists(each.resolve(".git"))) {
        names.add(each.toString());
        break;
      }
    }
    return names;
  }

  private void lookAtProject(Path state, String directory, JsonNode project, JsonNode inProject) {
    JsonNode local = project.path("mcpServers").path(NAME);
    if (isOther(local)) {
      add(
          state,
          "decides in " + directory + ", by an entry in local scope: it starts " + started(local),
          "run 'claude mcp remove " + NAME + " -s local' there");
    }
    if (contains(project.path("disabledMcpServers"), NAME)) {
      add(
          state,
          "switches the server off in " + directory + " (disabledMcpServers)",
          "enable it with /mcp in a session there");
    }
    if (inProject.isObject() && contains(project.path("disabledMcpjsonServers"), NAME)) {
      add(
          state,
          "refuses the server of .mcp.json in " + directory + " (disabledMcpjsonServers)",
          "run 'claude mcp reset-project-choices' there");
    }
  }

  private void lookAtOthers(Path state, JsonNode projects, Set<String> here) {
    List<String> local = new ArrayList<>();
    List<String> off = new ArrayList<>();
    for (var project : projects.properties()) {
      if (!here.contains(project.getKey())) {
        if (isOther(project.getValue().path("mcpServers").path(NAME))) {
          local.add(project.getKey());
        }
        if (contains(project.getValue().path("disabledMcpServers"), NAME)) {
          off.add(project.getKey());
        }
      }
    }
    if (!local.isEmpty()) {
      add(
          state,
          "decides in " + some(local) + ", by entries in local scope that start something else",
          "run 'claude mcp remove " + NAME + " -s local' there");
    }
    if (!off.isEmpty()) {
      add(
          state,
          "switches the server off in " + some(off) + " (disabledMcpServers)",
          "enable it with /mcp in a session there");
    }
  }

  private static String some(List<String> directories) {
    int more = directories.size() - MAX_NAMED;
    return more <= 0
        ? String.join(", ", directories)
        : String.join(", ", directories.subList(0, MAX_NAMED)) + " and " + more + " more";
  }

  private void policy() {
    Path file = managed.resolve("managed-mcp.json");
    if (Files.exists(file)) {
      JsonNode entry = json(file).path("mcpServers").path(NAME);
      if (!entry.isObject()) {
        add(
            file,
            "decides: only the servers in it are used, and " + NAME + " is not among them",
            "ask the administrator of this machine to add it");
      } else if (isOther(entry)) {
        add(
            file,
            "decides: it starts " + started(entry),
            "ask the administrator of this machine to change it");
      }
    }
  }

  /** The settings of all scopes; in the home the project's are the user's. */
  private Set<Path> settings() {
    Set<Path> files = new LinkedHashSet<>();
    files.add(managed.resolve("managed-settings.json"));
    try (DirectoryStream<Path> more =
        Files.newDirectoryStream(managed.resolve("managed-settings.d"), "*.json")) {
      StreamSupport.stream(more.spliterator(), false).sorted().forEach(files::add);
    } catch (IOException | DirectoryIteratorException e) {
      // There are none.
    }
    files.add(place.directory("CLAUDE_CONFIG_DIR", ".claude").resolve("settings.json"));
    files.add(place.project().resolve(".claude/settings.json"));
    files.add(place.project().resolve(".claude/settings.local.json"));
    return files;
  }

  private void lookAtSettings(Path file, JsonNode settings, boolean inProject) {
    for (JsonNode rule : settings.path("permissions").path("deny")) {
      if (isAboutUs(rule.asText())) {
        add(file, "denies '" + rule.asText() + "'", "take that rule out of permissions.deny");
      }
    }
    for (JsonNode rule : settings.path("permissions").path("ask")) {
      if (isAboutUs(rule.asText())) {
        add(
            file,
            "has Claude Code ask before each use of '" + rule.asText() + "'",
            "take that rule out of permissions.ask");
      }
    }
    if (settings.path("disableAllHooks").asBoolean()) {
      add(
          file,
          "switches all hooks off (disableAllHooks), also those that bring mail",
          "take it out, or read mail with check_messages");
    }
    if (file.startsWith(managed) && settings.path("allowManagedHooksOnly").asBoolean()) {
      add(
          file,
          "allows managed hooks only (allowManagedHooksOnly), not those that bring mail",
          "ask the administrator of this machine, or read mail with check_messages");
    }
    if (inProject && contains(settings.path("disabledMcpjsonServers"), NAME)) {
      add(
          file,
          "refuses the server of .mcp.json (disabledMcpjsonServers)",
          "take " + NAME + " out of that list");
    }
    if (names(settings.path("deniedMcpServers"))) {
      add(file, "denies the server (deniedMcpServers)", "take it out of that list");
    }
    JsonNode allowed = settings.path("allowedMcpServers");
    if (allowed.isArray() && !names(allowed)) {
      add(
          file,
          "allows only servers that it lists (allowedMcpServers), and not " + NAME,
          "add {\"serverName\": \"" + NAME + "\"} to that list");
    }
  }

  private static boolean isAboutUs(String rule) {
    return rule.equals(TOOLS)
        || rule.startsWith(TOOLS + "__")
        || rule.equals(TOOLS + "*")
        || rule.equals("mcp__*")
        || rule.equals("*");
  }

  private boolean names(JsonNode servers) {
    for (JsonNode server : servers) {
      if (server.path("serverName").asText().equals(NAME)
          || (server.path("serverCommand").isArray()
              && !isOther(server.path("serverCommand").path(0).asText()))) {
        return true;
      }
    }
    return false;
  }
}
