package dev.peers.relay;

import dev.peers.local.Json;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Finds the members {@code id}, {@code method}, {@code params.requestId} and {@code params.name} of
 * a JSON object that passes by, without keeping the rest. It does not check the JSON; of what is
 * none it finds nothing, or something harmless.
 */
final class JsonScanner {
  private static final int MAX_TOKEN = 256;
  private static final int MAX_ID = 125;

  private final byte[] token = new byte[MAX_TOKEN];
  private int length;
  private int depth;
  private boolean inString;
  private boolean escaped;
  private @Nullable String key;
  private boolean inParams;
  private @Nullable String id;
  private @Nullable String method;
  private @Nullable String requestId;
  private @Nullable String name;

  /** Forgets everything, for the next line. */
  void reset() {
    length = 0;
    depth = 0;
    inString = false;
    escaped = false;
    key = null;
    inParams = false;
    id = null;
    method = null;
    requestId = null;
    name = null;
  }

  void feed(byte[] bytes, int from, int to) {
    for (int i = from; i < to; i++) {
      feed(bytes[i]);
    }
  }

  /**
   * The id: a number as it is written, or a text in one certain spelling, quotes and all. Null if
   * there is none, or none that JSON-RPC allows.
   */
  @Nullable String id() {
    return id;
  }

  /** The method; null if there is none, as in an answer. */
  @Nullable String method() {
    return method;
  }

  /** The id of the request that a notification is about, in the spelling of {@link #id()}. */
  @Nullable String requestId() {
    return requestId;
  }

  /** The tool that a request calls; null if there is none. */
  @Nullable String name() {
    return name;
  }

  private void feed(byte b) {
    if (inString) {
      append(b);
      if (escaped) {
        escaped = false;
      } else if (b == '\\') {
        escaped = true;
      } else if (b == '"') {
        inString = false;
      }
      return;
    }
    switch (b) {
      case '"' -> {
        inString = true;
        append(b);
      }
      case '{', '[' -> {
        append(b);
        depth++;
        if (depth == 2 && b == '{' && "params".equals(key)) {
          inParams = true;
          length = 0;
        }
      }
      case '}', ']' -> {
        if (isKept()) {
          endMember();
        }
        depth--;
        inParams = inParams && depth >= 2;
      }
      case ',' -> {
        if (isKept()) {
          endMember();
        }
      }
      case ':' -> {
        if (isKept()) {
          key = text(take());
        }
      }
      case ' ', '\t', '\r' -> {}
      default -> append(b);
    }
  }

  private void append(byte b) {
    if (isKept() && length < MAX_TOKEN) {
      token[length++] = b;
    }
  }

  private boolean isKept() {
    return depth == 1 || (depth == 2 && inParams);
  }

  private void endMember() {
    String value = take();
    String text = text(value);
    if (inParams) {
      if ("requestId".equals(key)) {
        requestId = text == null ? number(value) : canonical(text);
      } else if ("name".equals(key)) {
        name = text;
      }
    } else if ("id".equals(key)) {
      id = text == null ? number(value) : canonical(text);
    } else if ("method".equals(key)) {
      method = text;
    }
    key = null;
  }

  private static @Nullable String number(String value) {
    char first = value.isEmpty() || value.length() > MAX_ID ? ' ' : value.charAt(0);
    return first == '-' || (first >= '0' && first <= '9') ? value : null;
  }

  /** The same text may be spelt with escapes or without; the agent and the SDK do differ. */
  private static @Nullable String canonical(String text) {
    if (text.length() > MAX_ID) {
      return null;
    }
    StringBuilder json = new StringBuilder(text.length() + 2);
    Json.text(json, text);
    return json.toString();
  }

  /** What a JSON text says; null if it is none. */
  private static @Nullable String text(String value) {
    int last = value.length() - 1;
    if (last < 1 || value.charAt(0) != '"' || value.charAt(last) != '"') {
      return null;
    }
    StringBuilder text = new StringBuilder(value.length());
    int i = 1;
    while (i < last) {
      char c = value.charAt(i++);
      if (c != '\\') {
        text.append(c);
        continue;
      }
      char escaped = value.charAt(i++);
      switch (escaped) {
        case 'b' -> text.append('\b');
        case 'f' -> text.append('\f');
        case 'n' -> text.append('\n');
        case 'r' -> text.append('\r');
        case 't' -> text.append('\t');
        case 'u' -> {
          if (i + 4 > last) {
            return null;
          }
          int code = 0;
          for (int end = i + 4; i < end; i++) {
            code = code * 16 + Character.digit(value.charAt(i), 16);
          }
          text.append((char) code);
        }
        default -> text.append(escaped);
      }
    }
    return text.toString();
  }

  /** The token, or nothing if it was too long to keep. */
  private String take() {
    String text = length == MAX_TOKEN ? "" : new String(token, 0, length, StandardCharsets.UTF_8);
    length = 0;
    return text;
  }
}
