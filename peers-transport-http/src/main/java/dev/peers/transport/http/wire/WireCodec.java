package dev.peers.transport.http.wire;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.peers.ErrorCode;
import dev.peers.PeersException;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * JSON on the wire: bytes to trees and back, with limits on what strangers may send. There are
 * trees and no bound classes, since a tree keeps fields that a version does not know from being an
 * error, and loads no reflection. Thread-safe.
 */
public final class WireCodec {
  /** Far more than our own objects have. */
  private static final int MAX_DEPTH = 32;

  /**
   * A thousand ids and more; a tree of nothing but brackets is forty times as large as its text.
   */
  private static final long MAX_TOKENS = 20_000;

  /** For answers of a broker, which may be long. */
  private static final ObjectMapper MAPPER =
      mapper(StreamReadConstraints.builder().maxNestingDepth(MAX_DEPTH).build());

  /** For requests, and for answers that anyone may have given. */
  private static final ObjectMapper REQUESTS =
      mapper(
          StreamReadConstraints.builder()
              .maxNestingDepth(MAX_DEPTH)
              .maxTokenCount(MAX_TOKENS)
              .build());

  private WireCodec() {}

  /** One value and nothing behind it: two ends must not see two different bodies in one. */
  private static ObjectMapper mapper(StreamReadConstraints limits) {
    return new ObjectMapper(JsonFactory.builder().streamReadConstraints(limits).build())
        .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
  }

  public static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }

  public static ArrayNode array() {
    return JsonNodeFactory.instance.arrayNode();
  }

  /** As UTF-8. A tree of ours can be written, so a failure is a fault of this program. */
  public static byte[] write(JsonNode node) {
    try {
      return MAPPER.writeValueAsBytes(node);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Reads anything; of what went wrong it tells the place, not the words of the parser. */
  public static JsonNode read(byte[] json) {
    return read(MAPPER, json);
  }

  private static JsonNode read(ObjectMapper mapper, byte[] json) {
    try {
      return mapper.readTree(json);
    } catch (StreamConstraintsException e) {
      throw new PeersException(
          ErrorCode.INVALID_ARGUMENT,
          "the body is nested deeper than "
              + MAX_DEPTH
              + " levels, has more than "
              + MAX_TOKENS
              + " elements, or too long a number",
          e);
    } catch (IOException e) {
      throw new PeersException(
          ErrorCode.INVALID_ARGUMENT, "the body is not one JSON value in UTF-8" + place(e), e);
    }
  }

  /** The parser's own message quotes what it read, which may be mail. */
  private static String place(IOException e) {
    JsonLocation place = e instanceof JacksonException known ? known.getLocation() : null;
    return place == null
        ? ""
        : "; see line " + place.getLineNr() + ", column " + place.getColumnNr();
  }

  /** Reads an object and nothing else, as a stranger may have sent it. */
  public static JsonFields readObject(byte[] json) {
    JsonNode node = read(REQUESTS, json);
    if (!node.isObject()) {
      throw new PeersException(
          ErrorCode.INVALID_ARGUMENT,
          "the body must be a JSON object such as {\"id\":\"eel-k3f9\"}");
    }
    return new JsonFields(node);
  }

  /** What every refusal looks like. */
  public static ObjectNode refusal(ErrorCode code, String message) {
    return object().put("ok", false).put("error", message).put("code", code.wireName());
  }
}
