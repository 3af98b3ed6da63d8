package dev.peers.relay;

import dev.peers.local.CurrentProcess;
import dev.peers.local.Json;
import dev.peers.local.RelayLine;
import java.io.FileInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Map;
import java.util.UUID;

/** The first line of a connection: who the session is, as JSON. */
final class HelloWriter {
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

  HelloWriter(Map<String, String> environment) {
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
    CurrentProcess self = CurrentProcess.look();
    String session = environment.get("CLAUDE_CODE_SESSION_ID");
    StringBuilder json = new StringBuilder(512);
    json.append(RelayLine.HELLO);
    Json.member(json, "instance", instance);
    Json.member(json, "session_key", session == null || session.isBlank() ? instance : session);
    json.append(",\"pid\":").append(self.pid());
    if (self.parent() > 0) {
      json.append(",\"ppid\":").append(self.parent());
    }
    Json.member(json, "cwd", Path.of("").toAbsolutePath().toString());
    json.append(",\"resumed\":").append(resumed);
    json.append(",\"pushed\":").append(pushed);
    // That it is there says that this relay understands it.
    Json.member(json, "pushed_in", pushedIn);
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
        Json.text(json, name);
        json.append(':');
        Json.text(json, value);
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
}
