package dev.peers.cli.install;

import dev.peers.cli.edit.ConfigChange;
import dev.peers.cli.edit.ConfigPlan;
import dev.peers.cli.shell.BaseCommand;
import dev.peers.cli.shell.CommandIo;
import dev.peers.cli.shell.Terminal;
import dev.peers.daemon.CurrentDirectory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** A command that changes the configuration of an agent, once the user has seen how. */
abstract class AgentCommand extends BaseCommand {
  @Parameters(
      index = "0",
      paramLabel = "AGENT",
      completionCandidates = AgentWords.class,
      description = "claude, codex, gemini, cursor or vscode.")
  String name = "";

  @Option(
      names = "--project",
      description = "Edit the configuration in this directory instead of the user's.")
  boolean project;

  @Option(names = "--yes", description = "Do not ask.")
  boolean yes;

  @Option(names = "--dry-run", description = "Show what would change, and change nothing.")
  boolean dryRun;

  @Spec CommandSpec spec = CommandSpec.create();

  AgentCommand(CommandIo shell) {
    super(shell);
  }

  /** What is to be done to each file. */
  abstract List<ConfigChange> changes(Agent agent, Agent.Place place);

  /** What to tell when it is done. */
  abstract String next(Agent agent);

  /** What others than the user need. */
  List<String> notices(Agent agent, Agent.Place place) {
    return List.of();
  }

  /** What keeps the agent from doing what its files now say. */
  List<String> warnings(Agent agent, Agent.Place place) {
    return List.of();
  }

  @Override
  public final Integer call() throws IOException {
    Agent agent =
        Agent.named(name)
            .orElseThrow(
                () ->
                    new ParameterException(
                        spec.commandLine(),
                        "no agent is called '" + name + "'; known are " + Agent.words()));
    Agent.Place place = place(agent);
    ConfigPlan plan = new ConfigPlan(() -> changes(agent, place));
    if (dryRun) {
      List<ConfigChange> changes = plan.preview();
      if (json) {
        shell.printJson(result(agent, place, changes));
      } else {
        changes.forEach(this::show);
        reportUnchanged(changes);
        shell.print("Nothing was changed: this was a dry run.");
        warnings(agent, place).forEach(shell::complain);
      }
      return OK;
    }
    Optional<List<ConfigChange>> changes = plan.carryOut(this::agrees);
    if (changes.isEmpty()) {
      shell.complain("nothing was changed");
      return FAILED;
    }
    if (json) {
      shell.printJson(result(agent, place, changes.get()));
    } else {
      report(agent, place, changes.get());
    }
    return OK;
  }

  private boolean agrees(List<ConfigChange> changes) throws IOException {
    if (!any(changes)) {
      return true;
    }
    if (!yes && (json || !Terminal.isInteractive())) {
      throw new ParameterException(
          spec.commandLine(),
          "there is no terminal to ask on; add --yes to change the files unasked, or --dry-run to see"
              + " what would change");
    }
    if (!json) {
      changes.forEach(this::show);
    }
    return yes || Terminal.agrees(shell, "Change this? [y/N] ");
  }

  private static boolean any(List<ConfigChange> changes) {
    return changes.stream().anyMatch(ConfigChange::changes);
  }

  private Agent.Place place(Agent agent) {
    if (agent.isForProjectsOnly() && !project && !json) {
      shell.print(agent.title() + " is set up for the project in this directory.");
    }
    boolean forProject = project || agent.isForProjectsOnly();
    if (forProject) {
      CurrentDirectory.require();
    }
    return Agent.Place.here(shell.environment(), forProject);
  }

  private void show(ConfigChange change) {
    if (change.changes()) {
      shell.print(change.file().path() + " (" + change.action() + ")");
      change.lines().forEach(line -> shell.print("  " + line));
    }
  }

  private void reportUnchanged(List<ConfigChange> changes) {
    if (!any(changes)) {
      changes.forEach(change -> shell.print(change.file().path() + ": nothing to change."));
    }
  }

  private void report(Agent agent, Agent.Place place, List<ConfigChange> changes) {
    reportUnchanged(changes);
    for (ConfigChange change : changes) {
      if (change.keepsBackup()) {
        shell.print("What was there before is in " + change.file().backup() + ".");
      }
    }
    shell.print(next(agent));
    notices(agent, place).forEach(shell::print);
    warnings(agent, place).forEach(shell::complain);
  }

  private Map<String, Object> result(Agent agent, Agent.Place place, List<ConfigChange> changes) {
    List<Map<String, Object>> files = new ArrayList<>();
    for (ConfigChange change : changes) {
      Map<String, Object> file = new LinkedHashMap<>();
      file.put("path", change.file().path().toString());
      file.put("action", change.action());
      file.put("lines", change.changes() ? change.lines() : List.of());
      if (change.keepsBackup()) {
        file.put("backup", change.file().backup().toString());
      }
      files.add(file);
    }
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("ok", true);
    result.put("agent", agent.word());
    result.put("changed", any(changes));
    result.put("dry_run", dryRun);
    result.put("files", files);
    result.put("next", next(agent));
    result.put("warnings", warnings(agent, place));
    return result;
  }
}
