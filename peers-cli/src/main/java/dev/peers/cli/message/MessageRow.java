package dev.peers.cli.message;

import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.peers.Message;
import dev.peers.MessageId;
import dev.peers.cli.shell.CommandIo;
import org.jspecify.annotations.Nullable;

/** A message as the command line shows it. */
@JsonNaming(SnakeCaseStrategy.class)
record MessageRow(
    long id,
    String fromId,
    String fromName,
    String fromCwd,
    @Nullable String fromSummary,
    String text,
    String sentAt,
    @Nullable Long inReplyTo) {

  static MessageRow of(Message message) {
    MessageId inReplyTo = message.inReplyTo();
    return new MessageRow(
        message.id().value(),
        message.from().id().value(),
        message.from().name(),
        message.from().cwd(),
        message.from().summary(),
        message.text(),
        message.sentAt().toString(),
        inReplyTo == null ? null : inReplyTo.value());
  }

  /** Prints it for people. */
  void print(CommandIo shell) {
    String reply = inReplyTo == null ? "" : ", a reply to " + inReplyTo;
    shell.print("#" + id + " from " + fromId + " (" + fromName + ") at " + sentAt + reply);
    text.lines().forEach(line -> shell.print("  " + line));
    shell.print("");
  }
}
