package dev.peers.transport.http.wire;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.peers.Batch;
import dev.peers.Delivery;
import dev.peers.ErrorCode;
import dev.peers.HistoryEntry;
import dev.peers.HistoryPage;
import dev.peers.Message;
import dev.peers.MessageId;
import dev.peers.MessageState;
import dev.peers.PeerId;
import dev.peers.PeersException;
import dev.peers.Receipt;
import dev.peers.Sender;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Messages, batches and receipts on the wire, read and written side by side so that they stay
 * alike. The fields of a message are those of the original's rows, and further ones.
 *
 * <p>What is read here was checked by no one: a missing or wrong field is {@link
 * ErrorCode#INVALID_ARGUMENT} with its name, whichever end sent it.
 */
public final class MessageJson {
  private MessageJson() {}

  /** A message with the number of times that it has been offered. */
  public static ObjectNode write(Delivery delivery) {
    return write(delivery.message()).put("attempt", delivery.attempt());
  }

  /** As the original's row, with the sender as it was when it sent. */
  private static ObjectNode write(Message message) {
    ObjectNode json = WireCodec.object();
    json.put("id", message.id().value());
    json.put("from_id", message.from().id().value());
    json.put("to_id", message.to().value());
    json.put("text", message.text());
    json.put("sent_at", message.sentAt().toString());
    // The original sends the row as it was before the poll.
    json.put("delivered", 0);
    json.put("from_name", message.from().name());
    json.put("from_project", message.from().project());
    json.put("from_cwd", message.from().cwd());
    json.put("from_summary", message.from().summary());
    message.repliesTo().ifPresent(id -> json.put("in_reply_to", id.value()));
    return json;
  }

  /** The answer to a poll, with the identity of the store, without which its ids mean little. */
  public static ObjectNode write(Batch batch) {
    ObjectNode json = WireCodec.object();
    ArrayNode messages = json.putArray("messages");
    batch.deliveries().forEach(delivery -> messages.add(write(delivery)));
    json.put("remaining", batch.remaining());
    json.put("store", batch.store());
    return json;
  }

  /** Reads the answer to a poll; brokers of older versions name no store. */
  public static Batch readBatch(JsonFields json) {
    List<Delivery> deliveries = new ArrayList<>();
    JsonNode messages = json.object().get("messages");
    if (messages == null || !messages.isArray()) {
      throw new PeersException(
          ErrorCode.INVALID_ARGUMENT, "the broker's answer has no field 'messages'");
    }
    for (JsonNode each : messages) {
      JsonFields fields = new JsonFields(each);
      Message message = readMessage(fields);
      deliveries.add(new Delivery(message, fields.number("attempt", 0)));
    }
    return new Batch(deliveries, json.number("remaining", 0), store(json));
  }

  /** A page as an object, for clients that ask for one. */
  public static ObjectNode write(HistoryPage page) {
    ObjectNode json = WireCodec.object();
    json.set("messages", rows(page));
    json.put("more", page.more());
    json.put("store", page.store());
    return json;
  }

  /** The entries alone, for clients of older versions. */
  public static ArrayNode rows(HistoryPage page) {
    ArrayNode rows = WireCodec.array();
    page.entries().forEach(entry -> rows.add(write(entry)));
    return rows;
  }

  /** Reads a page; a broker of an older version answers with the array of messages alone. */
  public static HistoryPage readPage(JsonNode answer) {
    JsonNode rows = answer.isArray() ? answer : answer.path("messages");
    List<HistoryEntry> entries = new ArrayList<>();
    for (JsonNode row : rows) {
      entries.add(readEntry(new JsonFields(row)));
    }
    return answer.isObject()
        ? new HistoryPage(
            entries, answer.path("more").asBoolean(false), store(new JsonFields(answer)))
        : new HistoryPage(entries, false);
  }

  /** The identity of the database; empty for brokers that name none. */
  private static String store(JsonFields json) {
    String store = json.textOrNull("store");
    return store == null ? "" : store;
  }

  /** The sender is as it was when it sent, so it is read from the message and not looked up. */
  private static Message readMessage(JsonFields fields) {
    Long inReplyTo = fields.numberOrNull("in_reply_to");
    return new Message(
        new MessageId(fields.number("id")),
        new Sender(
            new PeerId(fields.text("from_id")),
            fields.text("from_name"),
            fields.text("from_project"),
            fields.text("from_cwd"),
            fields.textOrNull("from_summary")),
        new PeerId(fields.text("to_id")),
        fields.text("text"),
        fields.instant("sent_at"),
        inReplyTo == null ? null : new MessageId(inReplyTo));
  }

  /** A message and its receipt, as one object. */
  public static ObjectNode write(HistoryEntry entry) {
    ObjectNode json = write(entry.message());
    // Here the receipt says what the constant of the original only pretends to.
    json.remove("delivered");
    ObjectNode receipt = write(entry.receipt());
    receipt.remove("ok");
    json.setAll(receipt);
    return json;
  }

  /** Both are read from the one object that {@link #write(HistoryEntry)} has made of them. */
  public static HistoryEntry readEntry(JsonFields json) {
    return new HistoryEntry(readMessage(json), readReceipt(json));
  }

  /** A receipt, with the original's sign of success in front. */
  public static ObjectNode write(Receipt receipt) {
    ObjectNode json = WireCodec.object();
    json.put("ok", true);
    json.put("id", receipt.id().value());
    json.put("from_id", receipt.from().value());
    json.put("to_id", receipt.to().value());
    json.put("state", receipt.state().name().toLowerCase(Locale.ROOT));
    json.put("sent_at", receipt.sentAt().toString());
    json.put("offered_at", text(receipt.offeredAt()));
    json.put("attempts", receipt.attempts());
    json.put("delivered_at", text(receipt.deliveredAt()));
    json.put("expires_at", receipt.expiresAt().toString());
    return json;
  }

  /** Reads what {@link #write(Receipt)} writes; of a refusal the caller has taken care before. */
  public static Receipt readReceipt(JsonFields json) {
    return new Receipt(
        new MessageId(json.number("id")),
        new PeerId(json.text("from_id")),
        new PeerId(json.text("to_id")),
        state(json.text("state")),
        json.instant("sent_at"),
        json.instantOrNull("offered_at"),
        json.number("attempts", 0),
        json.instantOrNull("delivered_at"),
        json.instant("expires_at"));
  }

  /** A state that this version does not know is refused: none of ours would be true. */
  private static MessageState state(String name) {
    for (MessageState state : MessageState.values()) {
      if (state.name().toLowerCase(Locale.ROOT).equals(name)) {
        return state;
      }
    }
    throw new PeersException(
        ErrorCode.INVALID_ARGUMENT,
        "field 'state' is '" + name + "'; expected queued, offered, delivered or expired");
  }

  /** What has not happened yet is null, and not left out. */
  private static @Nullable String text(@Nullable Instant instant) {
    return instant == null ? null : instant.toString();
  }
}
