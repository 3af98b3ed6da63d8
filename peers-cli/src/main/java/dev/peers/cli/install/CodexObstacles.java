package dev.peers.cli.install;

import dev.peers.PeersException;
import dev.peers.cli.edit.ConfigChange;
import dev.peers.cli.edit.ConfigFile;
import dev.peers.cli.edit.TomlDocument;
import dev.peers.cli.edit.UnreadableConfig;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.StreamSupport;

/** What decides in Codex: the project's and the profiles' files over the user's, and policies. */
final class CodexObstacles extends AgentObstacles {
  private static final List<String> COMMAND = List.of("command");

  private final Path system;

  CodexObstacles(Agent.Place place, Set<String> programs, Path system) {
    super(place, programs);
    this.system = system;
  }

  @Override
  void look() {
    Path home = Agent.codexHome(place);
    Path user = home.resolve("config.toml");
    Path project = place.project().resolve(".codex/config.toml");
    boolean inUser = members(user, CodexTables.TABLE).containsKey(COMMAND);
    lookAtSwitches(user);
    boolean trusted = isTrusted(user);
    if (!project.equals(user) && !members(project, CodexTables.TABLE).isEmpty()) {
      if (trusted) {
        lookAtLayer(project, "in this project", inUser);
      } else if (place.forProject()) {
        add(
            project,
            "does not count: Codex does not trust " + place.project(),
            "start codex there, and say that you trust it");
      }
    }
    for (Path profile : profiles(home)) {
      String name = String.valueOf(profile.getFileName()).replaceFirst("\\.config\\.toml$", "");
      lookAtLayer(profile, "with 'codex -p " + name + "'", inUser);
    }
    Path requirements = system.resolve("requirements.toml");
    Map<List<String>, String> allowed = members(requirements, List.of("mcp_servers"));
    if (!allowed.isEmpty() && allowed.keySet().stream().noneMatch(k -> k.get(0).equals(NAME))) {
      add(
          requirements,
          "allows only servers that it lists, and not " + NAME,
          "ask the administrator of this machine to add it");
    }
  }

  /** The files that {@code codex -p} lays over the user's. */
  static List<Path> profiles(Path home) {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(home, "*.config.toml")) {
      return StreamSupport.stream(files.spliterator(), false).sorted().toList();
    } catch (IOException | DirectoryIteratorException e) {
      return List.of();
    }
  }

  private void lookAtLayer(Path file, String where, boolean inUser) {
    Map<List<String>, String> members = members(file, CodexTables.TABLE);
    if (members.isEmpty()) {
      return;
    }
    Optional<String> program =
        Optional.ofNullable(members.get(COMMAND)).flatMap(TomlDocument::string);
    boolean address = members.containsKey(List.of("url"));
    if (inUser && address) {
      add(
          file,
          "keeps Codex from starting " + where + ": it adds a url to an entry that has a command",
          "take [mcp_servers." + NAME + "] out of it");
    } else if (!inUser && !address && program.isEmpty()) {
      add(
          file,
          "keeps Codex from starting " + where + ": its entry has no command",
          "run 'peers install codex', or take [mcp_servers." + NAME + "] out of it");
    } else if (program.isPresent() && isOther(program.get())) {
      add(
          file,
          "decides " + where + ": it starts '" + program.get() + "'",
          "take [mcp_servers." + NAME + "] out of it");
    }
    lookAtSwitches(file);
  }

  private void lookAtSwitches(Path file) {
    Map<List<String>, String> members = members(file, CodexTables.TABLE);
    if ("false".equals(members.get(List.of("enabled")))) {
      add(file, "switches the server off (enabled = false)", "take that line out of it");
    }
    List<String> limits = new ArrayList<>();
    for (String name : List.of("enabled_tools", "disabled_tools")) {
      String value = members.getOrDefault(List.of(name), "[]");
      if (!value.replaceAll("\\s", "").equals("[]")
          || (name.startsWith("en") && members.containsKey(List.of(name)))) {
        limits.add(name);
      }
    }
    if (!limits.isEmpty()) {
      add(
          file,
          "hides tools of the server (" + String.join(", ", limits) + ")",
          "take that out of it unless you want it so");
    }
  }

  private boolean isTrusted(Path user) {
    Map<List<String>, String> projects = members(user, List.of("projects"));
    for (Path each = place.project(); each != null; each = each.getParent()) {
      String level = projects.get(List.of(each.toString(), "trust_level"));
      if (level != null) {
        return TomlDocument.string(level).orElse("").equals("trusted");
      }
    }
    return false;
  }

  private static Map<List<String>, String> members(Path file, List<String> table) {
    try {
      String text = new ConfigFile(file, true).read();
      return text == null
          ? Map.of()
          : TomlDocument.parse(ConfigChange.withoutMark(text)).members(table);
    } catch (PeersException | UnreadableConfig e) {
      // Codex cannot read it either; of the files that Peers writes, others say so.
      return Map.of();
    }
  }
}
