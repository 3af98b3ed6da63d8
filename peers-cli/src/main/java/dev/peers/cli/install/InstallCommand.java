package dev.peers.cli.install;

import dev.peers.ErrorCode;
import dev.peers.PeersException;
import dev.peers.cli.edit.ConfigChange;
import dev.peers.cli.shell.CommandIo;
import dev.peers.cli.startup.Installation;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** {@code peers install}. */
@Command(
    name = "install",
    description = {
      "Register the MCP server with an agent.",
      "Shows what changes in its configuration, asks, and leaves everything else in the file as it"
          + " is. What was there is kept beside it, as FILE.peers-backup. To install again brings the"
          + " entry up to date."
    },
    footer = {
      "  peers install claude           for all of your projects",
      "  peers install codex --project  for the project in this directory",
      "  peers uninstall claude         takes it out again"
    })
public final class InstallCommand extends AgentCommand {
  @Option(
      names = "--no-hooks",
      description =
          "Claude Code: register the server, and neither hooks nor the permission to use its"
              + " tools unasked.")
  boolean noHooks;

  @Option(
      names = "--wake",
      description =
          "Claude Code: also wake a session that does nothing when it has mail. Each time costs a"
              + " turn of the model.")
  boolean wake;

  public InstallCommand(CommandIo shell) {
    super(shell);
  }

  @Override
  List<ConfigChange> changes(Agent agent, Agent.Place place) {
    if (wake && (agent != Agent.CLAUDE || noHooks)) {
      throw new ParameterException(
          spec.commandLine(),
          agent == Agent.CLAUDE
              ? "--wake needs the hooks; leave out --no-hooks"
              : "--wake is for claude only: "
                  + agent.title()
                  + " has no hook that wakes a session");
    }
    Agent.Parts parts = Agent.Parts.installed(!noHooks, wake);
    if (wake && parts.wake() == null) {
      throw new PeersException(
          ErrorCode.INVALID_ARGUMENT,
          "this installation has no bin/peers-wake, which --wake needs; install the whole"
              + " distribution, not the jar alone");
    }
    Installation.mavenTarget()
        .ifPresent(
            target ->
                shell.complain(
                    "this program is in "
                        + target
                        + ", which the next 'mvn clean' removes, and with it what the agent starts."
                        + " Run 'peers self-install' first, and install from there"));
    return agent.registrations(place, parts).stream()
        .map(each -> ConfigChange.install(each.file(), each.edit()))
        .toList();
  }

  @Override
  String next(Agent agent) {
    return wake
        ? "Restart " + agent.title() + "; it needs no flag to be woken by mail."
        : agent.next();
  }

  @Override
  List<String> notices(Agent agent, Agent.Place place) {
    return place.forProject()
        ? List.of(
            "The files name no path of yours, so you can share them: "
                + Agent.SHARED_COMMAND.get(0)
                + " must be on the PATH of everyone who uses the project.")
        : List.of();
  }

  @Override
  List<String> warnings(Agent agent, Agent.Place place) {
    List<String> warnings = new ArrayList<>();
    String program = Agent.SHARED_COMMAND.get(0);
    if (place.forProject() && ProgramPath.find(place.environment(), program).isEmpty()) {
      warnings.add(
          program
              + " is not on your PATH, where "
              + agent.title()
              + " looks for it; add to it the directory of "
              + Installation.mcpCommand().get(0));
    }
    for (Obstacle each : AgentObstacles.of(agent, place)) {
      warnings.add(each.message() + "; " + each.fix());
    }
    return warnings;
  }
}
