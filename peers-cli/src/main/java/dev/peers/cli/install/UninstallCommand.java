package dev.peers.cli.install;

import dev.peers.cli.edit.ConfigChange;
import dev.peers.cli.shell.CommandIo;
import java.util.ArrayList;
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
public final class UninstallCommand extends AgentCommand {
  public UninstallCommand(CommandIo shell) {
    super(shell);
  }

  @Override
  List<ConfigChange> changes(Agent agent, Agent.Place place) {
    List<ConfigChange> changes = new ArrayList<>();
    for (Agent.Registration each : agent.registrations(place, Agent.Parts.installed(true, false))) {
      changes.add(ConfigChange.uninstall(each.file(), each.edit()));
      if (agent == Agent.CODEX && !place.forProject()) {
        changes.addAll(CodexRemains.changes(place, changes.get(0), each.edit()));
      }
    }
    return changes;
  }

  @Override
  String next(Agent agent) {
    return "Sessions of " + agent.title() + " that run keep the server until they end.";
  }
}
