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

/** The fields of a JSON object from outside; a field of the wrong kind is refused by its name. */
public record JsonFields(JsonNode object) {

  public String text(String field) {
    String value = textOrNull(field);
    if (value == null) {
      throw invalid(field, "is missing; expected a text");
    }
    return value;
  }

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

  public long number(String field) {
    Long value = numberOrNull(field);
    if (value == null) {
      throw invalid(field, "is missing; expected a whole number");
    }
    return value;
  }

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

  private static PeersException invalid(String field, String problem) {
    return new PeersException(ErrorCode.INVALID_ARGUMENT, "field '" + field + "' " + problem);
  }
}
