package dev.peers.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** A home and a project, into which agents are set up and from which they are taken out again. */
final class AgentHome {
  static final Path OPT = Path.of("/opt/pe ers/bin");

  final Path home;
  final Path project;
  final Map<String, String> environment = new HashMap<>();

  AgentHome(Path directory) {
    try {
      home = Files.createDirectories(directory.resolve("home"));
      project = Files.createDirectories(directory.resolve("project"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Path file(String name) {
    return home.resolve(name);
  }

  Path write(String name, String text) {
    try {
      Path file = home.resolve(name).normalize();
      Files.createDirectories(file.getParent());
      return Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  String read(String name) {
    try {
      return Files.readString(home.resolve(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Path backup(Path file) {
    return file.resolveSibling(file.getFileName() + ".peers-backup");
  }

  Agent.Place place(boolean ofProject) {
    return new Agent.Place(environment, home, project, ofProject);
  }

  /** The edits of an installation whose programs are in this directory. */
  List<Agent.Registration> registrations(Agent agent, Path bin, boolean waking) {
    return agent.registrations(
        place(false),
        new Agent.Parts(
            List.of(bin.resolve("peers-mcp").toString()), true, bin.resolve("peers-wake"), waking));
  }

  List<ConfigChange> installation(Agent agent, Path bin) {
    return registrations(agent, bin, false).stream()
        .map(each -> ConfigChange.install(each.file(), each.edit()))
        .toList();
  }

  List<ConfigChange> removal(Agent agent, Path bin) {
    return registrations(agent, bin, false).stream()
        .map(each -> ConfigChange.uninstall(each.file(), each.edit()))
        .toList();
  }

  List<String> install(Agent agent) {
    return apply(installation(agent, OPT));
  }

  List<String> uninstall(Agent agent) {
    return apply(removal(agent, OPT));
  }

  static List<String> apply(List<ConfigChange> changes) {
    try {
      ConfigTransaction.apply(changes);
    } catch (ChangedMeanwhile e) {
      throw new AssertionError(e);
    }
    return changes.stream().map(ConfigChange::action).toList();
  }

  /** All that a user is shown of these changes. */
  static String shown(List<ConfigChange> changes) {
    return String.join("\n", changes.stream().flatMap(change -> change.lines().stream()).toList());
  }

  /** Every file below the home and the project. */
  List<Path> files() {
    try (Stream<Path> homes = Files.walk(home);
        Stream<Path> projects = Files.walk(project)) {
      return Stream.concat(homes, projects).filter(Files::isRegularFile).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
