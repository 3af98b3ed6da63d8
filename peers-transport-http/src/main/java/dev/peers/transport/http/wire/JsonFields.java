package dev.peers.transport.http.wire;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peers.ErrorCode;
import dev.peers.PeersException;
import dev.peers.Position;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The fields of a JSON object from outside; a field of the wrong kind is refused by its name.
 * Fields that are not asked for are ignored, so that newer clients can send more.
 *
 * <p>Nothing is converted: a number in a text is a text. A reader that guesses is one that two
 * programs read differently.
 */
public record JsonFields(JsonNode object) {

  /** A text that must be there; it may be empty. */
  public String text(String field) {
    String value = textOrNull(field);
    if (value == null) {
      throw invalid(field, "is missing; expected a text");
    }
    return value;
  }

  /** A text, or null if the field is missing or null. */
  public @Nullable String textOrNull(String field) {
    JsonNode node = object.get(field);
    if (node == null || node.isNull()) {
      return null;
    }
    if (!node.isTextual()) {
      throw invalid(field, "must be a text, not " + kind(node));
    }
    return node.textValue();
  }

  /** As the original's clients send it: an empty text stands for none. */
  public @Nullable String filledOrNull(String field) {
    String value = textOrNull(field);
    return value == null || value.isBlank() ? null : value;
  }

  /** A whole number of 64 bits; 1.0 and 1e3 are none, whatever they are equal to. */
  public @Nullable Long numberOrNull(String field) {
    JsonNode node = object.get(field);
    if (node == null || node.isNull()) {
      return null;
    }
    if (!node.isIntegralNumber() || !node.canConvertToLong()) {
      throw invalid(field, "must be a whole number, not " + kind(node));
    }
    return node.longValue();
  }

  /** A whole number that must be there. */
  public long number(String field) {
    Long value = numberOrNull(field);
    if (value == null) {
      throw invalid(field, "is missing; expected a whole number");
    }
    return value;
  }

  /** A whole number of 32 bits, which is not cut to fit. */
  public int number(String field, int otherwise) {
    Long value = numberOrNull(field);
    if (value == null) {
      return otherwise;
    }
    if (value != value.intValue()) {
      throw invalid(field, "is out of range");
    }
    return value.intValue();
  }

  /** Where to go on: a message's number, or the text of a position of ours; the start if absent. */
  public Position position(String field) {
    JsonNode node = object.get(field);
    if (node != null && node.isTextual()) {
      return Position.parse(node.textValue());
    }
    Long number = numberOrNull(field);
    return number == null ? Position.START : Position.of(number);
  }

  /**
   * An array of whole numbers, which must be there; how many there may be, the body's size says.
   */
  public List<Long> numbers(String field) {
    JsonNode node = object.get(field);
    if (node == null || !node.isArray()) {
      throw invalid(field, "must be an array of whole numbers");
    }
    List<Long> values = new ArrayList<>();
    for (JsonNode each : node) {
      if (!each.isIntegralNumber() || !each.canConvertToLong()) {
        throw invalid(field, "must be an array of whole numbers; found " + kind(each));
      }
      values.add(each.longValue());
    }
    return values;
  }

  /** True or false; false if the field is missing or null. */
  public boolean flag(String field) {
    JsonNode node = object.get(field);
    if (node == null || node.isNull()) {
      return false;
    }
    if (!node.isBoolean()) {
      throw invalid(field, "must be true or false, not " + kind(node));
    }
    return node.booleanValue();
  }

  /** A time in ISO-8601 in UTC, as both ends write it, or null. */
  public @Nullable Instant instantOrNull(String field) {
    String text = textOrNull(field);
    try {
      return text == null ? null : Instant.parse(text);
    } catch (DateTimeParseException e) {
      throw invalid(field, "must be a time such as 2026-01-02T03:04:05Z");
    }
  }

  public Instant instant(String field) {
    Instant value = instantOrNull(field);
    if (value == null) {
      throw invalid(field, "is missing; expected a time");
    }
    return value;
  }

  /** For a message: the kind of what was sent, and never the value, which may be a secret. */
  private static String kind(JsonNode node) {
    return switch (node.getNodeType()) {
      case STRING -> "a text";
      case NUMBER -> "a number";
      case BOOLEAN -> "true or false";
      case ARRAY -> "an array";
      case OBJECT -> "an object";
      case NULL -> "null";
      default -> "that";
    };
  }

  /** Always by its name: the author of a client sees at once what to change. */
  private static PeersException invalid(String field, String problem) {
    return new PeersException(ErrorCode.INVALID_ARGUMENT, "field '" + field + "' " + problem);
  }
}
