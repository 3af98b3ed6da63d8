package dev.peers.cli;

import dev.peers.BuildInfo;
import dev.peers.ErrorCode;
import dev.peers.PeersException;
import dev.peers.mcp.relay.BrokerStart;
import dev.peers.mcp.relay.StartFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code peers prepare}. */
@Command(
    name = "prepare",
    description = {
      "Make the files that let sessions and brokers start faster on this JDK.",
      "A broker does it by itself in the background; nothing needs them to work."
    },
    footer = {"  peers prepare"})
final class PrepareCommand extends ShellCommand {
  @Option(
      names = "--beside",
      description = "Put them beside the jars, for all users, instead of into the user's cache.")
  boolean beside;

  PrepareCommand(Shell shell) {
    super(shell);
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Path lib = BrokerStart.lib();
    Path target =
        lib == null
            ? null
            : beside
                ? StartFiles.beside(lib)
                : StartFiles.cache(shell.environment(), BuildInfo.version());
    if (lib == null || target == null) {
      throw new PeersException(
          ErrorCode.UNAVAILABLE,
          "there is nothing to prepare: this needs an installation with bin and lib, and a home");
    }
    new StartTraining(lib, shell.environment()).into(target);
    shell.print(json, Map.of("ok", true, "directory", target.toString()), "Made " + target + ".");
    return OK;
  }
}
