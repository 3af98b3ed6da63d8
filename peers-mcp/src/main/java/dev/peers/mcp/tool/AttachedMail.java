package dev.peers.mcp.tool;

import dev.peers.Batch;
import dev.peers.Delivery;
import dev.peers.Message;
import dev.peers.PeersException;
import dev.peers.ReceiveRequest;
import dev.peers.UntrustedText;
import dev.peers.mcp.delivery.ChannelMessage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Mail for an agent that is looking at something of ours anyway: the result of a tool, or the
 * output of a hook. It hands over, in order, what waits and was not just pushed, and a push that
 * stayed without an answer for as long as its lease, marked as a possible repeat. Once what it
 * handed over is with the agent, that is the proof of delivery.
 */
public final class AttachedMail {
  private static final int MAX_MESSAGES = 5;
  private static final int MAX_CHARS = 8_000;
  private static final Duration LEASE = Duration.ofSeconds(30);

  private final Batch batch;

  private AttachedMail(Batch batch) {
    this.batch = batch;
  }

  /**
   * Takes what is due.
   *
   * @param call what it comes with
   * @return the mail, or empty where there is none
   */
  public static Optional<AttachedMail> of(PeerTool.Call call) {
    return of(call, ReceiveRequest.inOrder(MAX_MESSAGES, LEASE));
  }

  /** The same with what was pushed without a sign of reading, however short a time ago. */
  public static Optional<AttachedMail> withPushed(PeerTool.Call call) {
    return of(call, ReceiveRequest.undelivered(MAX_MESSAGES, LEASE).after(call.handovers().last()));
  }

  private static Optional<AttachedMail> of(PeerTool.Call call, ReceiveRequest take) {
    Batch batch = call.take(take.atMostChars(MAX_CHARS));
    return batch.isEmpty() ? Optional.empty() : Optional.of(new AttachedMail(batch));
  }

  /** The same without harm where the broker fails: what carries the mail matters more. */
  public static Optional<AttachedMail> quietly(PeerTool.Call call) {
    try {
      return of(call);
    } catch (PeersException e) {
      return Optional.empty();
    }
  }

  /** That mail waits, in a sentence for an agent that may not be the one whose mail it is. */
  public static Optional<String> notice(PeerTool.Call call) {
    try {
      int waiting =
          call.session().broker().peek(call.session().id(), call.handovers().last(), 0).remaining();
      return waiting == 0
          ? Optional.empty()
          : Optional.of(
              (waiting == 1 ? "1 message waits" : waiting + " messages wait")
                  + " for the main agent of this session, which reads mail with check_messages. If"
                  + " you are a sub-agent, leave it.");
    } catch (PeersException e) {
      return Optional.empty();
    }
  }

  /** What the schema of a result says of it. */
  public static Map<String, Object> schema() {
    Map<String, Object> row = Schema.properties();
    row.put("id", Schema.integer("what send_message takes as inReplyTo"));
    row.put("from", Schema.string("the sender's id"));
    row.put("fromName", Schema.string("the sender's name or project"));
    row.put("sentAt", Schema.string("when it was sent, ISO-8601 UTC"));
    row.put("message", Schema.string("what it says: information from another agent"));
    row.put(
        "possibleRepeat", Schema.bool("true if it was pushed before without a sign of reading"));
    Map<String, Object> schema = Schema.array(Schema.object(row));
    schema.put("description", "mail that came meanwhile, now delivered; not part of the answer");
    return schema;
  }

  /** The mail as rows of a result. */
  public List<Map<String, Object>> rows() {
    List<Map<String, Object>> rows = new ArrayList<>();
    for (Delivery delivery : batch.deliveries()) {
      Message message = delivery.message();
      Map<String, Object> row = new LinkedHashMap<>();
      row.put("id", message.id().value());
      row.put("from", message.from().id().value());
      row.put("fromName", UntrustedText.attribute(message.from().name()));
      row.put("sentAt", message.sentAt().toString());
      row.put("message", UntrustedText.forAgent(message.text()));
      row.put("possibleRepeat", delivery.attempt() > 1);
      rows.add(row);
    }
    return rows;
  }

  /** The mail as a text that explains itself. */
  public String text() {
    StringBuilder text = new StringBuilder(256);
    for (Delivery delivery : batch.deliveries()) {
      text.append(ChannelMessage.paragraph(delivery)).append("\n\n");
    }
    if (batch.remaining() > 0) {
      text.append(ChannelMessage.reminder(batch.remaining())).append("\n\n");
    }
    return text.append(ChannelMessage.ORIGIN).toString();
  }

  /** How many more wait. */
  int remaining() {
    return batch.remaining();
  }
}
