package dev.peers.cli.peers;

import dev.peers.PeerQuery;
import dev.peers.PeersException;
import dev.peers.Scope;
import dev.peers.cli.shell.BaseCommand;
import dev.peers.cli.shell.Candidates;
import dev.peers.cli.shell.CommandIo;
import dev.peers.client.GitWorkspace;
import dev.peers.daemon.BrokerConnection;
import dev.peers.daemon.Config;
import dev.peers.daemon.CurrentDirectory;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code peers peers}. */
@Command(
    name = "peers",
    description = {
      "List the active peers.",
      "Tells where each works and on what, how mail reaches it (channel, hook, piggyback: with the"
          + " results of tools, pull: when it asks), how much is unread, and when it was last heard of.",
      "On a terminal the columns are cut to its width; elsewhere they are whole."
    },
    footer = {
      "  peers peers",
      "  peers peers --scope repo             those of this git repository",
      "  peers peers --json | jq -r '.[].id'"
    })
public final class PeersCommand extends BaseCommand {
  @Option(
      names = "--scope",
      defaultValue = "machine",
      paramLabel = "SCOPE",
      completionCandidates = Candidates.Scopes.class,
      description =
          "Which: machine (all of it; the default), directory (those of this directory), repo (those of"
              + " this git repository) or network (those of other machines too).")
  String scope = "machine";

  @Spec CommandSpec spec = CommandSpec.create();

  public PeersCommand(CommandIo shell) {
    super(shell);
  }

  @Override
  public Integer call() {
    Config config = shell.config();
    boolean here = config.url() == null;
    Scope named = scope();
    // A broker elsewhere would take its own machine for the one that is meant.
    Scope wanted = here ? named : named.onHost(config.machine());
    try (BrokerConnection connection = BrokerConnection.open(config)) {
      List<PeerRow> peers =
          connection.broker().list(PeerQuery.active(wanted)).stream()
              .map(peer -> PeerRow.of(peer, config.machine()))
              .toList();
      if (json) {
        shell.printJson(peers);
      } else if (peers.isEmpty()) {
        shell.print(
            "No active peers"
                + (named.equals(Scope.machine()) ? ". " : " here. ")
                + PeerTable.NONE);
      } else {
        PeerTable.print(shell, connection.broker(), peers, here);
      }
      return OK;
    }
  }

  private Scope scope() {
    try {
      return Scope.named(scope, () -> GitWorkspace.at(CurrentDirectory.require()));
    } catch (PeersException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }
}
