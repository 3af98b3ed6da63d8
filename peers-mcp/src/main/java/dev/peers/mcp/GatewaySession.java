package dev.peers.mcp;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.peers.Broker;
import dev.peers.BuildInfo;
import dev.peers.ErrorCode;
import dev.peers.Peer;
import dev.peers.PeerId;
import dev.peers.PeersException;
import dev.peers.Registration;
import dev.peers.Route;
import dev.peers.Summary;
import dev.peers.Workspace;
import dev.peers.client.PeerSession;
import io.modelcontextprotocol.json.McpJsonMapper;
import io.modelcontextprotocol.json.jackson2.JacksonMcpJsonMapper;
import io.modelcontextprotocol.json.schema.JsonSchemaValidator;
import io.modelcontextprotocol.server.McpServer;
import io.modelcontextprotocol.server.McpServerFeatures.SyncToolSpecification;
import io.modelcontextprotocol.spec.McpSchema;
import io.modelcontextprotocol.spec.McpServerSession;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One agent's session: first its relay's hello, then MCP. The session becomes a peer with {@code
 * initialize}, not before: not every process that an agent starts is ever used. Called by one
 * thread at a time.
 */
final class GatewaySession implements LineConnection.Handler {
  private static final System.Logger LOG = System.getLogger(GatewaySession.class.getName());

  /** Where the request's id travels to the tools: the SDK does not tell it. */
  private static final String REQUEST_ID = "dev.peers/requestId";

  static final McpSchema.JSONRPCNotification INITIALIZED =
      new McpSchema.JSONRPCNotification(McpSchema.METHOD_NOTIFICATION_INITIALIZED, null);

  private static final Set<String> METHODS =
      Set.of(
          McpSchema.METHOD_INITIALIZE,
          McpSchema.METHOD_PING,
          McpSchema.METHOD_TOOLS_LIST,
          McpSchema.METHOD_TOOLS_CALL);

  private static final byte[] WRITTEN = "{\"peers_written\":".getBytes(StandardCharsets.UTF_8);

  private static final byte[] INBOX_FAILED =
      "{\"peers_inbox_failed\":".getBytes(StandardCharsets.UTF_8);

  private static final String CANCELLED = "notifications/cancelled";

  private static final long JOIN_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final long JOIN_PAUSE_MILLIS = 500;

  private static final int PARSE_ERROR = -32700;
  private static final int INVALID_REQUEST = -32600;
  private static final int METHOD_NOT_FOUND = -32601;
  private static final int INVALID_PARAMS = -32602;
  private static final int INTERNAL_ERROR = -32603;

  private final LineConnection connection;
  private final Broker broker;
  private final ScheduledExecutorService timer;
  private final Executor workers;
  private final Map<PeerId, GatewaySession> owners;
  private final Wakes wakes;
  private final ObjectMapper mapper;
  private final int pushesPerMinute;
  private final @Nullable AutomaticSummaries summaries;
  private final @Nullable String host;
  private final McpJsonMapper mcpMapper;
  private final SessionTransport transport;

  private @Nullable Hello hello;
  private volatile @Nullable PeerSession peer;
  private volatile @Nullable Workspace workspace;
  private volatile boolean ended;
  private @Nullable McpServerSession mcp;
  private @Nullable Routes routes;
  private @Nullable Handovers handovers;
  private @Nullable PushRoute push;

  /**
   * Makes a session that has said nothing yet.
   *
   * @param owners which session speaks for a peer now; shared by all sessions of a gateway
   * @param wakes is told when the session begins and ends
   * @param summaries has summaries written; null for none
   * @param host what this machine is called, for a broker on another one; else null
   */
  GatewaySession(
      LineConnection connection,
      Broker broker,
      ScheduledExecutorService timer,
      Executor workers,
      Map<PeerId, GatewaySession> owners,
      Wakes wakes,
      ObjectMapper mapper,
      int pushesPerMinute,
      @Nullable AutomaticSummaries summaries,
      @Nullable String host) {
    this.connection = connection;
    this.broker = broker;
    this.timer = timer;
    this.workers = workers;
    this.owners = owners;
    this.wakes = wakes;
    this.mapper = mapper;
    this.pushesPerMinute = pushesPerMinute;
    this.summaries = summaries;
    this.host = host;
    this.mcpMapper = new JacksonMcpJsonMapper(mapper);
    this.transport = new SessionTransport(connection, mcpMapper);
  }

  @Override
  public void line(byte[] line) {
    try {
      if (hello == null) {
        hello = Hello.parse(mapper, line);
        connection.establish();
      } else if (startsWith(line, WRITTEN)) {
        written(line);
      } else if (startsWith(line, INBOX_FAILED)) {
        inboxFailed();
      } else if (!isBlank(line)) {
        message(line, hello);
      }
    } catch (PeersException e) {
      refuse(null, INVALID_REQUEST, e.getMessage());
      if (hello == null) {
        connection.close();
      }
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.ERROR, "a line of a session could not be handled", e);
      refuse(null, INTERNAL_ERROR, "claude-peers failed; its log file tells more");
    }
  }

  @Override
  public void lineTooLong() {
    refuse(null, INVALID_REQUEST, "a line is longer than " + LineConnection.MAX_LINE + " bytes");
  }

  @Override
  public void end() {
    ended = true;
    if (push != null) {
      push.close();
    }
    PeerSession joined = peer;
    if (joined == null) {
      return;
    }
    joined.close();
    // A restarted agent may have joined again before its former connection has ended.
    // Whatever its id was: that may have changed since.
    if (owners.values().removeIf(session -> session == this)) {
      wakes.left(joined);
    } else if (owners.containsKey(joined.id())) {
      try {
        broker.heartbeat(joined.id());
      } catch (PeersException e) {
        LOG.log(System.Logger.Level.DEBUG, "{0}: {1}", joined.id(), e.getMessage());
      }
    }
  }

  /** The relay's proof that an answer is with the agent. */
  private void written(byte[] line) {
    try {
      Map<?, ?> proof = mapper.readValue(line, Map.class);
      Object id = proof.get("peers_written");
      if (id != null && handovers != null) {
        handovers.written(id);
      }
    } catch (IOException e) {
      refuse(null, PARSE_ERROR, "the line is not a JSON object");
    }
  }

  private void message(byte[] line, Hello from) {
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
      String method = json.get("method").asText();
      if (method.equals(INITIALIZED.method())) {
        initialized(from);
      } else if (method.equals(CANCELLED) && handovers != null) {
        handovers.cancelled(key(json.at("/params/requestId")));
      }
    } else if (!id.isTextual() && !(id.isIntegralNumber() && id.canConvertToLong())) {
      refuse(id, INVALID_REQUEST, "the id must be a text or a whole number");
    } else {
      request(json, from);
    }
  }

  private void request(JsonNode json, Hello from) {
    JsonNode id = json.get("id");
    String method = json.get("method").asText();
    JsonNode params = json.path("params");
    if (!METHODS.contains(method)) {
      // Probes for newer protocols among them, which wait for nothing but this.
      refuse(id, METHOD_NOT_FOUND, "method not found: " + ChannelText.shown(method));
    } else if (!(params.isMissingNode() || params.isNull() || params.isObject())) {
      refuse(id, INVALID_PARAMS, "'params' must be an object");
    } else if (method.equals(McpSchema.METHOD_TOOLS_CALL)
        && !(params.path("name").isTextual() && isObjectOrAbsent(params.path("arguments")))) {
      refuse(id, INVALID_PARAMS, "tools/call needs 'name', a text, and 'arguments', an object");
    } else if (method.equals(McpSchema.METHOD_INITIALIZE)
        && !params.path("protocolVersion").isTextual()) {
      refuse(id, INVALID_PARAMS, "initialize needs 'protocolVersion', a text");
    } else if (mcp == null && !method.equals(McpSchema.METHOD_INITIALIZE)) {
      early(method, id);
    } else {
      Object body = params.isObject() ? mapper.convertValue(params, Map.class) : null;
      hand(new McpSchema.JSONRPCRequest("2.0", method, key(id), body), from);
    }
  }

  private static Object key(JsonNode id) {
    return id.isNumber() ? id.numberValue() : id.asText();
  }

  private void hand(McpSchema.JSONRPCRequest request, Hello from) {
    if (mcp != null) {
      boolean call = request.method().equals(McpSchema.METHOD_TOOLS_CALL);
      hand(mcp, call ? withRequestId(request) : request);
      return;
    }
    try {
      mcp = open(request, from);
    } catch (PeersException e) {
      if (from.resumed()) {
        // The agent has long been told that all is well: its relay tries again with another link.
        LOG.log(System.Logger.Level.DEBUG, "a session must wait: {0}", e.getMessage());
        connection.close();
      } else {
        refuse(request.id(), INTERNAL_ERROR, e.getMessage());
      }
      return;
    }
    hand(mcp, request);
    // The SDK would let every request wait for this, even a ping; the client's own comes later.
    hand(mcp, INITIALIZED);
    summarize();
  }

  /** Before initialize nothing but a ping is of use. */
  private void early(String method, JsonNode id) {
    if (method.equals(McpSchema.METHOD_PING)) {
      sendQuietly(Map.of("jsonrpc", "2.0", "id", id, "result", Map.of()));
    } else {
      refuse(id, INVALID_REQUEST, "send 'initialize' first");
    }
  }

  private static boolean isObjectOrAbsent(JsonNode node) {
    return node.isMissingNode() || node.isNull() || node.isObject();
  }

  private McpServerSession open(McpSchema.JSONRPCRequest initialize, Hello from) {
    Routes ways = new Routes(ChannelSetting.of(from), from.inbox());
    routes = ways;
    SessionContext context = new SessionContext(from, clientName(initialize), ways, host);
    PeerSession joined = join(from, context);
    peer = joined;
    owners.put(joined.id(), this);
    wakes.joined(new Wakes.Session(from, joined, ways));
    boolean continues = !"off".equals(from.variable("CLAUDE_PEERS_STOP_HOOK").orElse("on"));
    Handovers mail = new Handovers(joined, System::nanoTime);
    handovers = mail;
    McpTools tools = new McpTools(joined, ways, continues, from.instance(), mail, mapper);
    return serve(transport, mcpMapper, Instructions.of(joined), tools.specifications());
  }

  /**
   * A broker elsewhere may be away for a moment, which need not cost a new session its tools. One
   * that was there before tries again by itself.
   */
  private PeerSession join(Hello from, SessionContext context) {
    long end = System.nanoTime() + (host == null || from.resumed() ? 0 : JOIN_NANOS);
    while (true) {
      try {
        return PeerSession.join(broker, () -> watched(context.get()), timer, workers);
      } catch (PeersException e) {
        if (e.code() != ErrorCode.UNAVAILABLE || ended || System.nanoTime() - end >= 0) {
          throw e;
        }
      }
      try {
        Thread.sleep(JOIN_PAUSE_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new PeersException(ErrorCode.CLOSED, "this gateway was closed", e);
      }
    }
  }

  /** With each heartbeat the session tells where it works; another branch is another summary. */
  private Registration watched(Registration now) {
    PeerSession joined = peer;
    if (joined != null && owners.get(joined.id()) != this) {
      // It is another peer since the last time: its relay begins anew, and all goes by the new id.
      connection.close();
    }
    Workspace before = workspace;
    workspace = now.workspace();
    if (before != null && !before.equals(now.workspace())) {
      summarize();
    }
    return now;
  }

  private void summarize() {
    PeerSession joined = peer;
    if (summaries != null && joined != null) {
      summaries.request(
          new AutomaticSummaries.Subject() {
            @Override
            public Optional<Workspace> workspace() {
              boolean manual =
                  broker
                      .find(joined.id())
                      .map(Peer::summary)
                      .filter(summary -> summary.source() == Summary.Source.MANUAL)
                      .isPresent();
              return ended || manual ? Optional.empty() : Optional.ofNullable(workspace);
            }

            @Override
            public void describe(String text) {
              summarized(joined.id(), text);
            }
          });
    }
  }

  private void summarized(PeerId id, String text) {
    if (ended) {
      return;
    }
    broker.summarize(id, text, Summary.Source.AUTOMATIC);
    // Writing counts as a sign of life; one that left meanwhile gave none.
    GatewaySession owner = owners.get(id);
    if (ended && (owner == null || owner == this)) {
      broker.unregister(id);
    }
  }

  /** Has the SDK serve one session. */
  static McpServerSession serve(
      SessionTransport transport,
      McpJsonMapper mapper,
      String instructions,
      List<SyncToolSpecification> tools) {
    var unused =
        McpServer.sync(transport)
            .serverInfo("claude-peers", BuildInfo.version())
            .instructions(instructions)
            .jsonMapper(mapper)
            // Arguments are checked by the tools, which take more than the schema says.
            .validateToolInputs(false)
            .jsonSchemaValidator(
                (schema, content) -> JsonSchemaValidator.ValidationResponse.asValid(null))
            .immediateExecution(true)
            .capabilities(
                McpSchema.ServerCapabilities.builder()
                    .tools(false)
                    .experimental(Map.of("claude/channel", Map.of()))
                    .build())
            .tools(tools)
            .build();
    return transport.session();
  }

  /** From here on, and not before, the client takes notifications. */
  private void initialized(Hello from) {
    PeerSession joined = peer;
    if (push != null || joined == null || routes == null) {
      return;
    }
    Route route = routes.push();
    if (route != null) {
      push =
          PushRoute.open(
              joined,
              route == Route.INBOX ? new InboxWay(connection, mapper) : new ChannelWay(transport),
              from.pushed(),
              routes.grace(),
              pushesPerMinute,
              System::nanoTime);
    }
  }

  /** Nobody takes what the relay posts: the other ways have to do. */
  private void inboxFailed() {
    if (routes != null && push != null && routes.push() == Route.INBOX) {
      LOG.log(System.Logger.Level.WARNING, "the inbox of a session takes no messages");
      routes.inboxFailed();
      push.close();
      push = null;
      if (hello != null) {
        initialized(hello);
      }
    }
  }

  private void hand(McpServerSession session, McpSchema.JSONRPCMessage message) {
    session
        .handle(message)
        .subscribe(
            done -> {},
            e -> LOG.log(System.Logger.Level.DEBUG, "a message failed: {0}", e.getMessage()));
  }

  private McpSchema.JSONRPCRequest withRequestId(McpSchema.JSONRPCRequest request) {
    if (!(request.params() instanceof Map<?, ?> params)) {
      return request;
    }
    Map<Object, Object> copy = new HashMap<>(params);
    Map<Object, Object> meta =
        new HashMap<>(params.get("_meta") instanceof Map<?, ?> given ? given : Map.of());
    meta.put(REQUEST_ID, request.id());
    copy.put("_meta", meta);
    return new McpSchema.JSONRPCRequest(request.jsonrpc(), request.method(), request.id(), copy);
  }

  /** The id of the request that a tool call came with. */
  static Object requestId(McpSchema.CallToolRequest request) {
    Map<String, Object> meta = request.meta();
    Object id = meta == null ? null : meta.get(REQUEST_ID);
    return id == null ? "" : id;
  }

  private static @Nullable String clientName(McpSchema.JSONRPCRequest initialize) {
    if (initialize.params() instanceof Map<?, ?> params
        && params.get("clientInfo") instanceof Map<?, ?> info
        && info.get("name") instanceof String name) {
      String line = ChannelText.oneLine(name).strip();
      return line.isEmpty() ? null : ChannelText.cut(line, 80);
    }
    return null;
  }

  private void refuse(@Nullable Object id, int code, String reason) {
    Map<String, Object> error = new HashMap<>();
    error.put("code", code);
    error.put("message", reason);
    Map<String, Object> response = new HashMap<>();
    response.put("jsonrpc", "2.0");
    response.put("id", id);
    response.put("error", error);
    sendQuietly(response);
  }

  private void sendQuietly(Map<String, Object> message) {
    try {
      // Bytes, not text: half a character of an id would be lost on the way to UTF-8.
      byte[] json = mapper.writeValueAsBytes(message);
      byte[] line = Arrays.copyOf(json, json.length + 1);
      line[json.length] = '\n';
      connection.send(line);
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "a refusal came too late: {0}", e.getMessage());
    }
  }

  private static boolean startsWith(byte[] line, byte[] prefix) {
    return line.length > prefix.length
        && Arrays.equals(line, 0, prefix.length, prefix, 0, prefix.length);
  }

  private static boolean isBlank(byte[] line) {
    for (byte b : line) {
      if (b != ' ' && b != '\t' && b != '\r') {
        return false;
      }
    }
    return true;
  }
}
