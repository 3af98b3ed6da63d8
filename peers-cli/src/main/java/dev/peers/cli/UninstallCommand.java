package dev.peers.cli;

import java.util.List;
import picocli.CommandLine.Command;

/** {@code peers uninstall}. */
@Command(
    name = "uninstall",
    description = {
      "Take out of an agent's configuration what 'peers install' has put there, and nothing else.",
      "If nothing else was changed since, the file is what it was before, to the byte."
    },
    footer = {"  peers uninstall claude", "  peers uninstall codex --project"})
final class UninstallCommand extends AgentCommand {
  UninstallCommand(Shell shell) {
    super(shell);
  }

  @Override
  List<ConfigChange> changes(Agent agent, Agent.Place place) {
    return agent.registrations(place, Installation.parts(true, false)).stream()
        .map(each -> ConfigChange.uninstall(each.file(), each.edit()))
        .toList();
  }

  @Override
  String next(Agent agent) {
    return "Sessions of " + agent.title() + " that run keep the server until they end.";
  }
}
