package dev.peers.cli.peers;

import dev.peers.Peer;
import dev.peers.cli.shell.BaseCommand;
import dev.peers.cli.shell.Candidates;
import dev.peers.cli.shell.CommandIo;
import dev.peers.client.PeerLookup;
import dev.peers.daemon.BrokerConnection;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code peers forget}. */
@Command(
    name = "forget",
    description =
        "Forget a peer that is away, and will not come back. One that is active or has unread mail"
            + " is not forgotten. What it has sent and received stays in 'peers log'.",
    footer = "  peers forget eel-k3f9")
public final class ForgetCommand extends BaseCommand {
  @Parameters(
      index = "0",
      paramLabel = "PEER",
      completionCandidates = Candidates.AwayPeers.class,
      description = "An id, a name, the start of an id, or a project.")
  String peer = "";

  public ForgetCommand(CommandIo shell) {
    super(shell);
  }

  @Override
  public Integer call() {
    try (BrokerConnection connection = BrokerConnection.open(shell.config())) {
      Peer target = PeerLookup.resolve(connection.broker(), peer);
      connection.broker().forget(target.id());
      if (json) {
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("ok", true);
        result.put("id", target.id().value());
        shell.printJson(result);
      } else {
        shell.print("Forgot " + target.id() + " (" + target.displayName() + ").");
      }
      return OK;
    }
  }
}
