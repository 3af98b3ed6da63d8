package dev.peers.cli.install;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.peers.ErrorCode;
import dev.peers.PeersException;
import dev.peers.cli.edit.ConfigEdit;
import dev.peers.cli.edit.ConfigFile;
import dev.peers.cli.edit.JsonSyntax;
import dev.peers.cli.startup.Installation;
import dev.peers.daemon.CurrentDirectory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The agents that {@code peers install} knows, and what each keeps where. */
public enum Agent {
  CLAUDE("Claude Code"),
  CODEX("Codex"),
  GEMINI("Gemini CLI"),
  CURSOR("Cursor"),
  VSCODE("VS Code");

  /** The variables that a server which Codex starts does not see otherwise. */
  private static final List<String> NEEDED =
      List.of("JAVA_HOME", "CLAUDE_PEERS_PORT", "CLAUDE_PEERS_DB");

  /** A file that many share names a program that each of them finds on the path. */
  public static final List<String> SHARED_COMMAND = List.of("peers-mcp");

  private final String title;

  Agent(String title) {
    this.title = title;
  }

  /**
   * What is to be registered.
   *
   * @param server the command that starts the MCP server
   * @param hooks whether Claude Code gets hooks, and the permission to use the tools unasked
   * @param wake the program that waits for mail in a session's stead; null if there is none
   * @param waking whether Claude Code gets hooks that run it; it keeps those that it has
   */
  public record Parts(List<String> server, boolean hooks, @Nullable Path wake, boolean waking) {
    /** Those of this installation. */
    public static Parts installed(boolean hooks, boolean waking) {
      return new Parts(
          Installation.mcpCommand(), hooks, Installation.wakeProgram().orElse(null), waking);
    }
  }

  /** An edit of one file. */
  public record Registration(ConfigFile file, ConfigEdit edit) {}

  /**
   * Where the configuration is looked for.
   *
   * @param environment the variables that move it
   * @param home the user's home
   * @param project the project's directory
   * @param forProject whether the project's own configuration is meant, and not the user's
   */
  public record Place(
      Map<String, String> environment, Path home, Path project, boolean forProject) {
    /** The place of this process. */
    public static Place here(Map<String, String> environment, boolean forProject) {
      String home = environment.getOrDefault("HOME", "");
      home = home.isBlank() ? System.getProperty("user.home", "") : home;
      if (home.isBlank()) {
        throw new PeersException(ErrorCode.INVALID_ARGUMENT, "there is no home; set HOME");
      }
      return new Place(
          environment,
          CurrentDirectory.resolve(Path.of(home)),
          CurrentDirectory.path(),
          forProject);
    }

    ConfigFile file(String ofProject, Path ofUser) {
      return forProject
          ? new ConfigFile(project.resolve(ofProject), false)
          : new ConfigFile(ofUser, true);
    }

    Path directory(String variable, String otherwise) {
      String value = environment.getOrDefault(variable, "").strip();
      return value.isEmpty() ? home.resolve(otherwise) : CurrentDirectory.resolve(Path.of(value));
    }
  }

  static Optional<Agent> named(String name) {
    return Stream.of(values())
        .filter(agent -> agent.word().equals(name.toLowerCase(Locale.ROOT)))
        .findFirst();
  }

  static String words() {
    return Stream.of(values()).map(Agent::word).collect(Collectors.joining(", "));
  }

  /** What users call it on the command line. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  public String title() {
    return title;
  }

  /** Whether there is no configuration for all of the user's projects that could be edited. */
  public boolean isForProjectsOnly() {
    return this == VSCODE;
  }

  /** What the user does next. */
  String next() {
    return this == CLAUDE
        ? "claude --dangerously-load-development-channels server:" + ServerEntry.NAME
        : "Restart " + title + "; its agent then has the tool list_peers and the others.";
  }

  public List<Registration> registrations(Place place, Parts parts) {
    boolean shared = place.forProject() || isForProjectsOnly();
    List<String> command = shared ? SHARED_COMMAND : parts.server();
    Path home = place.home();
    return switch (this) {
      case CLAUDE -> claude(place, command, parts);
      case CODEX -> {
        Map<String, String> variables = new LinkedHashMap<>();
        for (String name : NEEDED) {
          String value = place.environment().getOrDefault(name, "");
          if (!value.isBlank() && !shared) {
            variables.put(name, value);
          }
        }
        yield List.of(
            new Registration(
                place.file(".codex/config.toml", codexHome(place).resolve("config.toml")),
                new CodexTables(command, variables, shared ? NEEDED : List.of())));
      }
      case GEMINI ->
          List.of(
              new Registration(
                  place.file(".gemini/settings.json", home.resolve(".gemini/settings.json")),
                  new ServerEntry(JsonSyntax.COMMENTS, "mcpServers", described(entry(), command))));
      case CURSOR ->
          List.of(
              new Registration(
                  place.file(".cursor/mcp.json", home.resolve(".cursor/mcp.json")),
                  new ServerEntry(JsonSyntax.PLAIN, "mcpServers", described(stdio(), command))));
      case VSCODE ->
          List.of(
              new Registration(
                  new ConfigFile(place.project().resolve(".vscode/mcp.json"), false),
                  new ServerEntry(JsonSyntax.LENIENT, "servers", described(stdio(), command))));
    };
  }

  static Path codexHome(Place place) {
    return place.directory("CODEX_HOME", ".codex");
  }

  private static List<Registration> claude(Place place, List<String> command, Parts parts) {
    List<Registration> registrations = new ArrayList<>();
    ObjectNode entry = described(stdio(), command);
    entry.putObject("env");
    registrations.add(
        new Registration(
            place.file(
                ".mcp.json", place.directory("CLAUDE_CONFIG_DIR", "").resolve(".claude.json")),
            new ServerEntry(JsonSyntax.PLAIN, "mcpServers", entry)));
    if (parts.hooks()) {
      Path settings = place.directory("CLAUDE_CONFIG_DIR", ".claude").resolve("settings.json");
      ConfigFile file = place.file(".claude/settings.json", settings);
      boolean waking = parts.waking() || ClaudeSettings.wakes(file);
      Path wake = place.forProject() ? Path.of(ClaudeSettings.WAKE_ON_PATH) : parts.wake();
      registrations.add(new Registration(file, new ClaudeSettings(waking ? wake : null)));
    }
    return registrations;
  }

  private static ObjectNode entry() {
    return JsonNodeFactory.instance.objectNode();
  }

  private static ObjectNode stdio() {
    return entry().put("type", "stdio");
  }

  private static ObjectNode described(ObjectNode entry, List<String> command) {
    entry.put("command", command.get(0));
    var arguments = entry.putArray("args");
    command.stream().skip(1).forEach(arguments::add);
    return entry;
  }
}
