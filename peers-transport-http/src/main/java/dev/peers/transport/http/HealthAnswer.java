package dev.peers.transport.http;

import dev.peers.PeersException;
import dev.peers.transport.http.wire.Protocol;
import dev.peers.transport.http.wire.WireCodec;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a program that need not be a broker answered to {@code GET /health}. It is read here and not
 * by the HTTP client, since nothing else may be sent on the connection before it has been judged.
 * Only what brokers write is understood: no chunks, no folded lines, one length.
 *
 * @param status the status code
 * @param headers the headers by their names in lower case, of each the first
 * @param body the body as far as it is to be had
 * @param reusable whether the connection is free for another request
 */
record HealthAnswer(int status, Map<String, String> headers, String body, boolean reusable) {
  private static final Pattern STATUS = Pattern.compile("HTTP/1\\.([01]) ([1-5][0-9]{2})(?: .*)?");
  private static final Pattern LENGTH = Pattern.compile("[0-9]{1,5}");
  private static final int MAX_SENTENCE = 300;

  /** Reads what has come so far; null as long as more is to come, and a status of 0 for no HTTP. */
  static @Nullable HealthAnswer read(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    int end = text.indexOf("\r\n\r\n");
    if (end < 0) {
      return null;
    }
    String[] lines = text.substring(0, end).split("\r\n", -1);
    Matcher status = STATUS.matcher(lines[0]);
    if (!status.matches()) {
      return new HealthAnswer(0, Map.of(), "", false);
    }
    Map<String, String> headers = new TreeMap<>();
    for (int i = 1; i < lines.length; i++) {
      int colon = lines[i].indexOf(':');
      if (colon > 0) {
        headers.putIfAbsent(
            lines[i].substring(0, colon).toLowerCase(Locale.ROOT),
            lines[i].substring(colon + 1).strip());
      }
    }
    int from = end + 4;
    String length = headers.getOrDefault("content-length", "");
    // Without a length the end of the answer is unknown, and the connection is of no further use.
    if (!LENGTH.matcher(length).matches()) {
      return new HealthAnswer(
          Integer.parseInt(status.group(2)), headers, body(bytes, from, bytes.length), false);
    }
    int to = from + Integer.parseInt(length);
    if (bytes.length < to) {
      return null;
    }
    return new HealthAnswer(
        Integer.parseInt(status.group(2)),
        headers,
        body(bytes, from, to),
        // HTTP/1.0 and "close" end it; more bytes than one answer has are not an answer to us.
        status.group(1).equals("1")
            && bytes.length == to
            && !headers.containsKey("transfer-encoding")
            && !"close".equalsIgnoreCase(headers.get("connection")));
  }

  /** Text in any case: what is not valid UTF-8 is replaced, and will not be JSON then. */
  private static String body(byte[] bytes, int from, int to) {
    return new String(bytes, from, to - from, StandardCharsets.UTF_8);
  }

  @Nullable String header(String name) {
    return headers.get(name.toLowerCase(Locale.ROOT));
  }

  boolean isReusable() {
    return reusable;
  }

  /** Whether it says that it is a broker, which proves nothing. */
  boolean isBroker() {
    return Protocol.SERVICE.equals(field("service"));
  }

  /** What a broker that refuses a request says; null if this is no such answer. */
  @Nullable String error() {
    String error = field("error");
    if (error == null || error.isBlank()) {
      return null;
    }
    // It is shown in a terminal, and any program may have written it.
    String line = error.replaceAll("[\\p{Cntrl}\\p{Cf}\\s]+", " ").strip();
    return line.length() > MAX_SENTENCE ? line.substring(0, MAX_SENTENCE) + "…" : line;
  }

  /** A field of the body; null if that is no JSON object, or the field no text. */
  private @Nullable String field(String name) {
    try {
      return WireCodec.readObject(body.getBytes(StandardCharsets.UTF_8)).textOrNull(name);
    } catch (PeersException e) {
      return null;
    }
  }
}
