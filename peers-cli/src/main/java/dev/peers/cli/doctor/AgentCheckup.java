package dev.peers.cli.doctor;

import dev.peers.PeersException;
import dev.peers.cli.edit.ConfigChange;
import dev.peers.cli.edit.UnreadableConfig;
import dev.peers.cli.install.Agent;
import dev.peers.cli.install.AgentObstacles;
import dev.peers.cli.install.ClaudeSettings;
import dev.peers.cli.install.Obstacle;
import dev.peers.cli.install.ProgramPath;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Looks at what the agents' configurations say of Peers, the user's and those of the project in
 * this directory.
 */
final class AgentCheckup {
  private static final String CHECK = "agents";

  private final Map<String, String> environment;
  private final Agent.Parts parts = Agent.Parts.installed(true, true);
  private final List<Finding> findings = new ArrayList<>();
  private final Set<Path> seen = new HashSet<>();

  AgentCheckup(Map<String, String> environment) {
    this.environment = environment;
  }

  /** What was found of each file that names a program of Peers, or cannot be understood. */
  List<Finding> findings() {
    List<String> without = new ArrayList<>();
    for (Agent agent : Agent.values()) {
      boolean forUser = !agent.isForProjectsOnly() && look(agent, false);
      boolean forProject = look(agent, true);
      if (forUser || forProject) {
        obstacles(agent, forProject && !forUser);
      } else {
        without.add(agent.word());
      }
    }
    if (!without.isEmpty()) {
      findings.add(
          Finding.ok(
              CHECK,
              "not set up for "
                  + String.join(", ", without)
                  + "; 'peers install AGENT' does it where you want it"));
    }
    return findings;
  }

  /** What decides in place of the files that were looked at. */
  private void obstacles(Agent agent, boolean project) {
    for (Obstacle each : AgentObstacles.of(agent, Agent.Place.here(environment, project))) {
      findings.add(Finding.warning(CHECK, agent.title() + ": " + each.message(), each.fix()));
    }
  }

  /** Returns whether something was found. */
  private boolean look(Agent agent, boolean project) {
    int before = findings.size();
    for (Agent.Registration each :
        agent.registrations(Agent.Place.here(environment, project), parts)) {
      if (seen.add(each.file().path())) {
        finding(agent, project, each).ifPresent(findings::add);
      }
    }
    return findings.size() > before;
  }

  private Optional<Finding> finding(Agent agent, boolean project, Agent.Registration registration) {
    Path file = registration.file().path();
    String install =
        "'peers install "
            + agent.word()
            + (project && !agent.isForProjectsOnly() ? " --project" : "")
            + "'";
    try {
      String text = registration.file().read();
      return text == null
          ? Optional.empty()
          : registration
              .edit()
              .program(ConfigChange.withoutMark(text))
              .map(program -> compared(file, program, install));
    } catch (UnreadableConfig e) {
      return Optional.of(
          Finding.warning(
              CHECK,
              file + " cannot be understood: " + e.getMessage(),
              "fix it by hand; then " + install));
    } catch (PeersException e) {
      return Optional.of(Finding.warning(CHECK, e.getMessage(), "then " + install));
    }
  }

  private Finding compared(Path file, String program, String install) {
    @Nullable Path wake = parts.wake();
    if (program.equals(Agent.SHARED_COMMAND.get(0))
        || program.equals(ClaudeSettings.WAKE_ON_PATH)) {
      return onPath(file, program);
    }
    if (program.equals(parts.server().get(0))
        || (wake != null && program.equals(wake.toString()))) {
      return Finding.ok(CHECK, file + " starts " + program);
    }
    if (program.startsWith("/") && !new File(program).exists()) {
      return Finding.error(CHECK, file + " starts " + program + ", which is not there", install);
    }
    return Finding.warning(
        CHECK, file + " starts " + program + ", which is not of this installation", install);
  }

  /** What is found on the path, where a file that many share names no directory. */
  private Finding onPath(Path file, String program) {
    Optional<Path> found = ProgramPath.find(environment, program);
    String add = "add to your PATH the directory of " + parts.server().get(0);
    if (found.isEmpty()) {
      return Finding.error(CHECK, file + " starts " + program + ", which is not on your PATH", add);
    }
    return isOfThisInstallation(found.get(), program)
        ? Finding.ok(CHECK, file + " starts " + found.get())
        : Finding.warning(
            CHECK,
            file + " starts " + found.get() + ", which is not of this installation",
            add + ", before others");
  }

  private boolean isOfThisInstallation(Path found, String program) {
    @Nullable Path wake = parts.wake();
    Path ours =
        wake != null && program.equals(ClaudeSettings.WAKE_ON_PATH)
            ? wake
            : Path.of(parts.server().get(0));
    try {
      return Files.isSameFile(found, ours);
    } catch (IOException e) {
      return false;
    }
  }
}
