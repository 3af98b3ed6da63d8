package dev.peers.mcp;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.peers.UntrustedText;
import dev.peers.mcp.link.LineSink;
import dev.peers.mcp.tool.McpTools;
import io.modelcontextprotocol.spec.McpSchema;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * MCP's JSON-RPC 2.0 as a session's client speaks it: tells what each line is, and answers itself
 * what the SDK would stumble over.
 *
 * @see <a href="https://www.jsonrpc.org/specification">JSON-RPC 2.0 Specification</a>
 */
public final class JsonRpcDispatcher {
  static final int PARSE_ERROR = -32700;
  static final int INVALID_REQUEST = -32600;
  static final int INTERNAL_ERROR = -32603;

  private static final int METHOD_NOT_FOUND = -32601;
  private static final int INVALID_PARAMS = -32602;

  private static final System.Logger LOG = System.getLogger(JsonRpcDispatcher.class.getName());

  private static final Set<String> METHODS =
      Set.of(
          McpSchema.METHOD_INITIALIZE,
          McpSchema.METHOD_PING,
          McpSchema.METHOD_TOOLS_LIST,
          McpSchema.METHOD_TOOLS_CALL);

  /** What is done with lines that make sense. */
  interface Calls {
    /** A request of one of the methods that a session has, with parameters of the right form. */
    void request(McpSchema.JSONRPCRequest request);

    /** A notification, with whatever parameters it came. */
    void notification(String method, JsonNode params);
  }

  private final LineSink link;
  private final ObjectMapper mapper;
  private final Calls calls;

  // The number of the next line, which is a call; 0 for none.
  private long number;

  JsonRpcDispatcher(LineSink link, ObjectMapper mapper, Calls calls) {
    this.link = link;
    this.mapper = mapper;
    this.calls = calls;
  }

  /** The next line is the call that the relay has given this number. */
  void number(long next) {
    number = next;
  }

  void line(byte[] line) {
    long numbered = number;
    number = 0;
    JsonNode json;
    try {
      json = mapper.readTree(line);
    } catch (IOException e) {
      refuse(null, PARSE_ERROR, "the line is not JSON, or nested too deeply");
      return;
    }
    JsonNode id = json.path("id");
    boolean request = !id.isMissingNode() && !id.isNull();
    if (!json.isObject()
        || !json.path("jsonrpc").asText().equals("2.0")
        || !(json.path("method").isTextual() || (request && json.path("method").isMissingNode()))) {
      refuse(request ? id : null, INVALID_REQUEST, "the line is not a JSON-RPC 2.0 message");
    } else if (json.path("method").isMissingNode()) {
      LOG.log(System.Logger.Level.DEBUG, "an answer to a question that was not asked");
    } else if (!request) {
      calls.notification(json.get("method").asText(), json.path("params"));
    } else if (!id.isTextual() && !(id.isIntegralNumber() && id.canConvertToLong())) {
      refuse(id, INVALID_REQUEST, "the id must be a text or a whole number");
    } else {
      request(id, json.get("method").asText(), json.path("params"), numbered);
    }
  }

  private void request(JsonNode id, String method, JsonNode params, long numbered) {
    boolean call = method.equals(McpSchema.METHOD_TOOLS_CALL);
    if (!METHODS.contains(method)) {
      // Probes for newer protocols among them, which wait for nothing but this.
      refuse(id, METHOD_NOT_FOUND, "method not found: " + UntrustedText.line(method, 80));
    } else if (!(params.isMissingNode() || params.isNull() || params.isObject())) {
      refuse(id, INVALID_PARAMS, "'params' must be an object");
    } else if (call
        && !(params.path("name").isTextual() && isObjectOrAbsent(params.path("arguments")))) {
      refuse(id, INVALID_PARAMS, "tools/call needs 'name', a text, and 'arguments', an object");
    } else if (method.equals(McpSchema.METHOD_INITIALIZE)
        && !params.path("protocolVersion").isTextual()) {
      refuse(id, INVALID_PARAMS, "initialize needs 'protocolVersion', a text");
    } else {
      Map<?, ?> body = params.isObject() ? mapper.convertValue(params, Map.class) : null;
      calls.request(
          new McpSchema.JSONRPCRequest(
              "2.0",
              method,
              key(id),
              call && body != null ? withId(body, key(id), numbered) : body));
    }
  }

  /** A request's id as the SDK takes it: a text or a number. */
  static Object key(JsonNode id) {
    return id.isNumber() ? id.numberValue() : id.asText();
  }

  private static boolean isObjectOrAbsent(JsonNode node) {
    return node.isMissingNode() || node.isNull() || node.isObject();
  }

  private static Map<?, ?> withId(Map<?, ?> params, Object id, long numbered) {
    Map<Object, Object> copy = new HashMap<>(params);
    Map<Object, Object> meta =
        new HashMap<>(params.get("_meta") instanceof Map<?, ?> given ? given : Map.of());
    meta.put(McpTools.REQUEST_ID, id);
    meta.put(McpTools.NUMBER, numbered);
    copy.put("_meta", meta);
    return copy;
  }

  /** Answers a request without the SDK. */
  void answer(Object id, Map<String, Object> result) {
    send(Map.of("jsonrpc", "2.0", "id", id, "result", result));
  }

  /**
   * Refuses a request.
   *
   * @param id as it came, or null where that is not known
   */
  void refuse(@Nullable Object id, int code, String reason) {
    Map<String, Object> error = new LinkedHashMap<>();
    error.put("code", code);
    error.put("message", reason);
    Map<String, Object> response = new LinkedHashMap<>();
    response.put("jsonrpc", "2.0");
    response.put("id", id);
    response.put("error", error);
    send(response);
  }

  private void send(Map<String, Object> message) {
    try {
      // Bytes, not text: half a character of an id would be lost on the way to UTF-8.
      byte[] json = mapper.writeValueAsBytes(message);
      byte[] line = Arrays.copyOf(json, json.length + 1);
      line[json.length] = '\n';
      link.send(line);
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "an answer came too late: {0}", e.getMessage());
    }
  }
}
