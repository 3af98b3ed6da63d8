package dev.peers.cli.message;

import dev.peers.Batch;
import dev.peers.ErrorCode;
import dev.peers.PeerId;
import dev.peers.PeersException;
import dev.peers.ReceiveRequest;
import dev.peers.cli.shell.BaseCommand;
import dev.peers.cli.shell.CommandIo;
import dev.peers.daemon.BrokerConnection;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;

/** {@code peers inbox}. */
@Command(
    name = "inbox",
    description = "Print what peers have written to you. What was printed counts as read.",
    footer = {"  peers inbox", "  peers inbox --json | jq -r '.messages[].text'"})
public final class InboxCommand extends BaseCommand {
  private static final int MOST = 200;
  private static final Duration LEASE = Duration.ofSeconds(30);

  public InboxCommand(CommandIo shell) {
    super(shell);
  }

  @Override
  public Integer call() {
    try (BrokerConnection connection = BrokerConnection.open(shell.config())) {
      Batch batch =
          connection.broker().receive(PeerId.OPERATOR, ReceiveRequest.undelivered(MOST, LEASE));
      List<MessageRow> messages = batch.messages().stream().map(MessageRow::of).toList();
      if (json) {
        shell.printJson(Map.of("messages", messages, "remaining", batch.remaining()));
      } else {
        messages.forEach(message -> message.print(shell));
        if (messages.isEmpty()) {
          shell.print("No messages.");
        } else if (batch.remaining() > 0) {
          shell.print(batch.remaining() + " more are waiting: call 'peers inbox' again.");
        }
      }
      // A closed pipe shows here: what nobody saw is not read.
      if (shell.out().checkError()) {
        throw new PeersException(
            ErrorCode.UNAVAILABLE, "the output was cut off; the messages stay unread");
      }
      if (!batch.isEmpty()) {
        connection.broker().acknowledge(PeerId.OPERATOR, batch.ids());
      }
      return OK;
    }
  }
}
