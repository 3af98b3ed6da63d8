package dev.peers.mcp.wake;

import dev.peers.ErrorCode;
import dev.peers.PeersException;
import dev.peers.SessionKey;
import dev.peers.mcp.link.Hello;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * What a shell asks at the socket, as the first line of an HTTP request: to be told when mail waits
 * for a session. HTTP, because curl is what shells everywhere have to talk to a socket.
 *
 * @param session what the agent calls the session now
 * @param process the process that the shell was started by; 0 if unknown
 * @param maybeClaude whether that may be Claude Code, by its name
 * @param interval how long after one notice there is no other
 */
public record WakeRequest(
    SessionKey session, long process, boolean maybeClaude, Duration interval) {
  private static final byte[] START = "GET /wake?".getBytes(StandardCharsets.UTF_8);
  private static final long MAX_INTERVAL_SECONDS = 99_999;

  /** Whether a connection that begins with this line asks for that. */
  public static boolean begins(byte[] line) {
    return line.length > START.length
        && Arrays.equals(line, 0, START.length, START, 0, START.length);
  }

  /** Reads the line, or says what is wrong with it. */
  static WakeRequest parse(byte[] line) {
    String query =
        new String(line, START.length, line.length - START.length, StandardCharsets.UTF_8)
            .split(" ", 2)[0];
    Map<String, String> fields = new HashMap<>();
    try {
      for (String field : query.split("&")) {
        String[] parts = field.split("=", 2);
        if (parts.length == 2) {
          fields.put(parts[0], URLDecoder.decode(parts[1], StandardCharsets.UTF_8));
        }
      }
    } catch (IllegalArgumentException e) {
      throw malformed("its query is not percent-encoded");
    }
    String session = fields.getOrDefault("session", "");
    if (session.isBlank()) {
      throw malformed("it does not say whose mail, as in /wake?session=<id>");
    }
    return new WakeRequest(
        Hello.sessionKey(session),
        number(fields, "process", 0, Integer.MAX_VALUE),
        !fields.getOrDefault("claude", "yes").equals("no"),
        Duration.ofSeconds(number(fields, "interval", 60, MAX_INTERVAL_SECONDS)));
  }

  private static long number(Map<String, String> fields, String name, long otherwise, long max) {
    String text = fields.get(name);
    if (text == null) {
      return otherwise;
    }
    try {
      long number = Long.parseLong(text);
      if (number >= 0 && number <= max) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Refused below.
    }
    throw malformed("'" + name + "' is '" + text + "'; expected a whole number from 0 to " + max);
  }

  private static PeersException malformed(String problem) {
    return new PeersException(ErrorCode.INVALID_ARGUMENT, "the request is malformed: " + problem);
  }
}
