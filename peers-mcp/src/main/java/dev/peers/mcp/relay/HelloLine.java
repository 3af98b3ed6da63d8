package dev.peers.mcp.relay;

import java.io.FileInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Map;
import java.util.UUID;

/** The first line of a connection: who the session is, as JSON. */
final class HelloLine {
  /** What a session's environment says that matters to a broker. */
  private static final String[] VARIABLES = {
    "CLAUDECODE",
    "CLAUDE_PROJECT_DIR",
    "CLAUDE_PEERS_NAME",
    "CLAUDE_PEERS_CHANNEL",
    "CLAUDE_PEERS_INBOX",
    "CLAUDE_PEERS_STOP_HOOK"
  };

  private static final int RANDOM_BYTES = 16;

  private final String instance = random();
  private final Map<String, String> environment;

  HelloLine(Map<String, String> environment) {
    this.environment = environment;
  }

  /**
   * Writes the line.
   *
   * @param resumed whether this session had a connection before
   * @param pushed the last message whose push the agent has; 0 for none
   * @param pushedIn the database that it is of; empty if unknown
   * @param inbox whether messages can be posted to the session's inbox
   */
  byte[] write(boolean resumed, long pushed, String pushedIn, boolean inbox) {
    Self self = Self.look();
    String session = environment.get("CLAUDE_CODE_SESSION_ID");
    StringBuilder json = new StringBuilder(512);
    json.append("{\"peers_hello\":1");
    member(json, "instance", instance);
    member(json, "session_key", session == null || session.isBlank() ? instance : session);
    json.append(",\"pid\":").append(self.pid());
    if (self.parent() > 0) {
      json.append(",\"ppid\":").append(self.parent());
    }
    member(json, "cwd", Path.of("").toAbsolutePath().toString());
    json.append(",\"resumed\":").append(resumed);
    json.append(",\"pushed\":").append(pushed);
    // That it is there says that this relay understands it.
    member(json, "pushed_in", pushedIn);
    json.append(",\"inbox\":").append(inbox);
    json.append(",\"env\":{");
    boolean first = true;
    for (String name : VARIABLES) {
      String value = environment.get(name);
      if (value != null) {
        if (!first) {
          json.append(',');
        }
        first = false;
        text(json, name);
        json.append(':');
        text(json, value);
      }
    }
    return json.append("}}\n").toString().getBytes(StandardCharsets.UTF_8);
  }

  /**
   * 128 random bits, from the system where it gives them as a file: the JDK's own source would cost
   * a tenth of the whole start.
   */
  private static String random() {
    byte[] bits = new byte[RANDOM_BYTES];
    try (FileInputStream system = new FileInputStream("/dev/urandom")) {
      if (system.readNBytes(bits, 0, RANDOM_BYTES) == RANDOM_BYTES) {
        return HexFormat.of().formatHex(bits);
      }
    } catch (IOException e) {
      // Another system.
    }
    return UUID.randomUUID().toString();
  }

  static void member(StringBuilder json, String name, String value) {
    json.append(',');
    text(json, name);
    json.append(':');
    text(json, value);
  }

  static void text(StringBuilder json, String value) {
    json.append('"');
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == '"' || c == '\\') {
        json.append('\\').append(c);
      } else if (c < ' ' || Character.isSurrogate(c)) {
        String hex = Integer.toHexString(c);
        json.append("\\u").append("0000", 0, 4 - hex.length()).append(hex);
      } else {
        json.append(c);
      }
    }
    json.append('"');
  }
}
