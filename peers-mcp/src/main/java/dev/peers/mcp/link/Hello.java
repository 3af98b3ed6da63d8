package dev.peers.mcp.link;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.peers.ErrorCode;
import dev.peers.PeersException;
import dev.peers.Position;
import dev.peers.ProcessRef;
import dev.peers.SessionKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a relay says of its session in its first line.
 *
 * @param instance the relay process, the same over all its connections
 * @param sessionKey what makes the session the same peer again
 * @param process the relay's process
 * @param parent the agent's process id; 0 if unknown
 * @param agent the agent's process, where this machine agrees that it has started the relay's; else
 *     null
 * @param cwd the relay's working directory
 * @param resumed whether the relay was connected before, to a broker that is gone
 * @param pushed the last message whose push the agent has been given, by whatever broker
 * @param positions whether the relay wants to be told of which database a message is
 * @param inbox whether the relay can post to the session's inbox, and is to
 * @param environment those variables of the session that matter
 */
public record Hello(
    String instance,
    SessionKey sessionKey,
    ProcessRef process,
    long parent,
    @Nullable ProcessRef agent,
    String cwd,
    boolean resumed,
    Position pushed,
    boolean positions,
    boolean inbox,
    Map<String, String> environment) {

  private static final int MAX_KEY = 100;

  public Hello {
    environment = Map.copyOf(environment);
  }

  /** Reads the line, or says what is wrong with it. */
  public static Hello parse(ObjectMapper mapper, byte[] line) {
    JsonNode json;
    try {
      json = mapper.readTree(line);
    } catch (IOException e) {
      throw malformed("it is not JSON");
    }
    if (json == null || json.path("peers_hello").asInt(0) != 1) {
      throw malformed("it does not begin a session; expected {\"peers_hello\":1,…}");
    }
    SessionKey key = sessionKey(text(json, "session_key"));
    long pid = json.path("pid").asLong(0);
    long parent = Math.max(0, json.path("ppid").asLong(0));
    Optional<ProcessHandle> process = ProcessHandle.of(pid);
    Map<String, String> environment = new HashMap<>();
    json.path("env")
        .properties()
        .forEach(
            field -> {
              if (field.getValue().isTextual()) {
                environment.put(field.getKey(), field.getValue().textValue());
              }
            });
    return new Hello(
        text(json, "instance"),
        key,
        new ProcessRef(pid, process.flatMap(handle -> handle.info().startInstant()).orElse(null)),
        parent,
        // Numbers of another namespace, as in a container, are those of strangers here.
        process
            .flatMap(ProcessHandle::parent)
            .filter(handle -> handle.pid() == parent)
            .map(handle -> new ProcessRef(handle.pid(), handle.info().startInstant().orElse(null)))
            .orElse(null),
        text(json, "cwd"),
        json.path("resumed").asBoolean(false),
        pushed(json),
        json.has("pushed_in"),
        json.path("inbox").asBoolean(false),
        environment);
  }

  private static Position pushed(JsonNode json) {
    long id = Math.max(0, json.path("pushed").asLong(0));
    try {
      return new Position(json.path("pushed_in").asText(""), id);
    } catch (PeersException e) {
      return Position.START;
    }
  }

  /** A variable of the session's environment; blank counts as not set. */
  public Optional<String> variable(String name) {
    return Optional.ofNullable(environment.get(name)).filter(value -> !value.isBlank());
  }

  /** Any text will do for a session's id; what could not be a key, or is another's, is hashed. */
  public static SessionKey sessionKey(String id) {
    boolean plain =
        id.length() <= MAX_KEY
            && id.chars().noneMatch(Character::isISOControl)
            && !id.equals(SessionKey.OPERATOR.value());
    if (plain) {
      return new SessionKey(id);
    }
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(id.getBytes(StandardCharsets.UTF_8));
      return new SessionKey("sha256:" + HexFormat.of().formatHex(hash));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  private static String text(JsonNode json, String field) {
    @Nullable String text = json.path(field).textValue();
    if (text == null || text.isBlank() || text.length() > 8_192) {
      throw malformed("its field '" + field + "' is missing or too long");
    }
    return text;
  }

  private static PeersException malformed(String problem) {
    return new PeersException(
        ErrorCode.INVALID_ARGUMENT, "the first line of a session is malformed: " + problem);
  }
}
