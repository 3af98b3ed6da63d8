package dev.peers.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** A command that changes the configuration of an agent, once the user has seen how. */
abstract class AgentCommand extends ShellCommand {
  @Parameters(
      index = "0",
      paramLabel = "AGENT",
      completionCandidates = Candidates.Agents.class,
      description = "claude, codex, gemini, cursor or vscode.")
  String name = "";

  @Option(
      names = "--project",
      description = "Edit the configuration in this directory instead of the user's.")
  boolean project;

  @Option(names = "--yes", description = "Do not ask.")
  boolean yes;

  @Spec CommandSpec spec = CommandSpec.create();

  AgentCommand(Shell shell) {
    super(shell);
  }

  /** What is to be done to each file. */
  abstract List<ConfigChange> changes(Agent agent, Agent.Place place);

  /** What to tell when it is done. */
  abstract String next(Agent agent);

  @Override
  public final Integer call() throws IOException {
    Agent agent =
        Agent.named(name)
            .orElseThrow(
                () ->
                    new ParameterException(
                        spec.commandLine(),
                        "no agent is called '" + name + "'; known are " + Agent.words()));
    List<ConfigChange> changes = changes(agent, place(agent));
    boolean any = changes.stream().anyMatch(ConfigChange::changes);
    if (any && !yes) {
      if (json || !Terminal.isInteractive()) {
        throw new ParameterException(
            spec.commandLine(), "nobody can be asked here; add --yes to change the files unasked");
      }
      changes.forEach(this::show);
      if (!Terminal.agrees(shell, "Change this? [y/N] ")) {
        shell.complain("nothing was changed");
        return FAILED;
      }
    } else if (any && !json) {
      changes.forEach(this::show);
    }
    changes.forEach(ConfigChange::apply);
    if (json) {
      shell.printJson(result(agent, any, changes));
    } else {
      report(agent, any, changes);
    }
    return OK;
  }

  private Agent.Place place(Agent agent) {
    if (agent.isForProjectsOnly() && !project && !json) {
      shell.print(agent.title() + " is set up for the project in this directory.");
    }
    return Agent.Place.here(shell.environment(), project || agent.isForProjectsOnly());
  }

  private void show(ConfigChange change) {
    if (change.changes()) {
      shell.print(change.file().path() + " (" + change.action() + ")");
      change.lines().forEach(line -> shell.print("  " + line));
    }
  }

  private void report(Agent agent, boolean any, List<ConfigChange> changes) {
    if (!any) {
      changes.forEach(change -> shell.print(change.file().path() + ": nothing to change."));
    }
    for (ConfigChange change : changes) {
      if (change.keepsBackup()) {
        shell.print("What was there before is in " + change.file().backup() + ".");
      }
    }
    shell.print(next(agent));
  }

  private Map<String, Object> result(Agent agent, boolean any, List<ConfigChange> changes) {
    List<Map<String, Object>> files = new ArrayList<>();
    for (ConfigChange change : changes) {
      Map<String, Object> file = new LinkedHashMap<>();
      file.put("path", change.file().path().toString());
      file.put("action", change.action());
      if (change.keepsBackup()) {
        file.put("backup", change.file().backup().toString());
      }
      files.add(file);
    }
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("ok", true);
    result.put("agent", agent.word());
    result.put("changed", any);
    result.put("files", files);
    result.put("next", next(agent));
    return result;
  }
}
