package dev.peers.cli.shell;

import dev.peers.BuildInfo;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code peers man}, with which the build makes the manual page. */
@Command(
    name = "man",
    hidden = true,
    description = "Print the manual page of all commands, for man and groff.",
    footer = "  peers man | man -l -")
public final class ManCommand extends BaseCommand {
  @Spec CommandSpec spec = CommandSpec.create();

  public ManCommand(CommandIo shell) {
    super(shell);
  }

  @Override
  public Integer call() {
    new ManPage(BuildInfo.version()).lines(spec.root()).forEach(shell::print);
    return OK;
  }
}
