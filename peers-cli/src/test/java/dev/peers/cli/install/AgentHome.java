package dev.peers.cli.install;

import dev.peers.cli.edit.ChangedMeanwhile;
import dev.peers.cli.edit.ConfigChange;
import dev.peers.cli.edit.ConfigTransaction;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** A home and a project, into which agents are set up and from which they are taken out again. */
public final class AgentHome {
  public static final Path OPT = Path.of("/opt/pe ers/bin");

  final Path home;
  public final Path project;
  final Map<String, String> environment = new HashMap<>();

  public AgentHome(Path directory) {
    try {
      home = Files.createDirectories(directory.resolve("home"));
      project = Files.createDirectories(directory.resolve("project"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public Path file(String name) {
    return home.resolve(name);
  }

  public Path write(String name, String text) {
    try {
      Path file = home.resolve(name).normalize();
      Files.createDirectories(file.getParent());
      return Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public String read(String name) {
    try {
      return Files.readString(home.resolve(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public static Path backup(Path file) {
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

  public List<ConfigChange> installation(Agent agent, Path bin) {
    return registrations(agent, bin, false).stream()
        .map(each -> ConfigChange.install(each.file(), each.edit()))
        .toList();
  }

  public List<ConfigChange> removal(Agent agent, Path bin) {
    return registrations(agent, bin, false).stream()
        .map(each -> ConfigChange.uninstall(each.file(), each.edit()))
        .toList();
  }

  public List<String> install(Agent agent) {
    return apply(installation(agent, OPT));
  }

  public List<String> uninstall(Agent agent) {
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
  public static String shown(List<ConfigChange> changes) {
    return String.join("\n", changes.stream().flatMap(change -> change.lines().stream()).toList());
  }

  /** Every file below the home and the project. */
  public List<Path> files() {
    try (Stream<Path> homes = Files.walk(home);
        Stream<Path> projects = Files.walk(project)) {
      return Stream.concat(homes, projects).filter(Files::isRegularFile).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
