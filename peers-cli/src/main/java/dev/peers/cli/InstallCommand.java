package dev.peers.cli;

import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

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
final class InstallCommand extends AgentCommand {
  @Option(
      names = "--no-hooks",
      description =
          "Claude Code: register the server, and neither hooks nor the permission to use its"
              + " tools unasked.")
  boolean noHooks;

  InstallCommand(Shell shell) {
    super(shell);
  }

  @Override
  List<ConfigChange> changes(Agent agent, Agent.Place place) {
    return agent.registrations(place, Installation.mcpCommand(), !noHooks).stream()
        .map(each -> ConfigChange.install(each.file(), each.edit()))
        .toList();
  }

  @Override
  String next(Agent agent) {
    return agent.next();
  }
}
