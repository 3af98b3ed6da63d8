package dev.peers.cli.message;

import dev.peers.ErrorCode;
import dev.peers.MessageId;
import dev.peers.OutgoingMessage;
import dev.peers.Peer;
import dev.peers.PeerId;
import dev.peers.PeersException;
import dev.peers.Presence;
import dev.peers.Receipt;
import dev.peers.cli.shell.BaseCommand;
import dev.peers.cli.shell.Candidates;
import dev.peers.cli.shell.CommandIo;
import dev.peers.client.PeerLookup;
import dev.peers.daemon.BrokerConnection;
import dev.peers.local.IoReason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code peers send}. */
@Command(
    name = "send",
    description = "Send a message to a peer. The answer comes to 'peers inbox'.",
    footer = {
      "  peers send eel-k3f9 \"Are you done with the parser?\"",
      "  git diff | peers send Ada -",
      "  peers send eel-k3f9 --reply-to 42 \"Yes, merge it.\""
    })
public final class SendCommand extends BaseCommand {
  @Parameters(
      index = "0",
      paramLabel = "PEER",
      completionCandidates = Candidates.Peers.class,
      description = "An id, a name, the start of an id, or a project that one peer alone works on.")
  String peer = "";

  @Parameters(
      index = "1",
      paramLabel = "MESSAGE",
      description =
          "What to say, in quotes; - reads it from standard input. After -- it may begin with -.")
  String message = "";

  @Option(
      names = "--reply-to",
      paramLabel = "ID",
      description = "The message this answers; that one is then read.")
  @Nullable String replyTo;

  public SendCommand(CommandIo shell) {
    super(shell);
  }

  @Override
  public Integer call() {
    String text = message.equals("-") ? readInput() : message;
    if (text.isBlank()) {
      throw new PeersException(ErrorCode.INVALID_ARGUMENT, "the message is empty");
    }
    MessageId answered = replyTo == null ? null : MessageId.parse(replyTo);
    try (BrokerConnection connection = BrokerConnection.open(shell.config())) {
      Peer target = PeerLookup.resolve(connection.broker(), peer);
      Receipt receipt =
          connection
              .broker()
              .send(
                  OutgoingMessage.of(PeerId.OPERATOR, target.id(), text)
                      .inReplyTo(answered)
                      .idempotent(UUID.randomUUID().toString()));
      if (json) {
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("ok", true);
        result.put("id", receipt.id().value());
        result.put("to_id", target.id().value());
        result.put("sent_at", receipt.sentAt().toString());
        result.put("state", receipt.state().name().toLowerCase(Locale.ROOT));
        shell.printJson(result);
      } else {
        String away =
            target.presence() == Presence.AWAY && !target.id().equals(PeerId.OPERATOR)
                ? ", which is away; it waits for a week"
                : "";
        shell.print("Sent #" + receipt.id() + " to " + target.id() + away + ".");
      }
      return OK;
    }
  }

  private static PeersException notText(String problem) {
    return new PeersException(
        ErrorCode.INVALID_ARGUMENT,
        "standard input is not text: " + problem + ". To hand over a file, send its path");
  }

  /** No more than a message may have, and one byte to notice that there is more. */
  private String readInput() {
    try {
      byte[] bytes = shell.in().readNBytes(OutgoingMessage.MAX_TEXT_BYTES * 4 + 1);
      String text = shell.charset().newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      if (text.indexOf('\0') >= 0) {
        throw notText("it has a byte 0 at position " + text.indexOf('\0'));
      }
      return text.stripTrailing();
    } catch (CharacterCodingException e) {
      throw notText("it is not " + shell.charset());
    } catch (IOException e) {
      throw new PeersException(
          ErrorCode.INVALID_ARGUMENT, "standard input cannot be read: " + IoReason.of(e), e);
    }
  }
}
