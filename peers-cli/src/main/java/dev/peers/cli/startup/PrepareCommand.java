package dev.peers.cli.startup;

import dev.peers.ErrorCode;
import dev.peers.PeersException;
import dev.peers.cli.shell.BaseCommand;
import dev.peers.cli.shell.CommandIo;
import dev.peers.local.ProgramFiles;
import dev.peers.local.StartupCache;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code peers prepare}. */
@Command(
    name = "prepare",
    description = {
      "Make the files that let sessions, brokers and commands start faster on this JDK.",
      "A broker does it by itself in the background; nothing needs them to work."
    },
    footer = {"  peers prepare"})
public final class PrepareCommand extends BaseCommand {
  @Option(
      names = "--beside",
      description =
          "Put them beside the jars, for all users, or fail; else they go into the user's cache"
              + " where the installation cannot be written.")
  boolean beside;

  public PrepareCommand(CommandIo shell) {
    super(shell);
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    ProgramFiles program = ProgramFiles.own();
    StartupArchiveBuilder training =
        program == null ? null : new StartupArchiveBuilder(program, shell.environment());
    Path target =
        program == null || training == null
            ? null
            : beside ? StartupCache.beside(program) : training.place();
    if (training == null || target == null) {
      throw new PeersException(
          ErrorCode.UNAVAILABLE,
          "there is nothing to prepare: this needs an installation with bin and lib, and a home");
    }
    training.into(target);
    shell.print(json, Map.of("ok", true, "directory", target.toString()), "Made " + target + ".");
    return OK;
  }
}
