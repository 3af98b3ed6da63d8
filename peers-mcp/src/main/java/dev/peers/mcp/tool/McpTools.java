package dev.peers.mcp.tool;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.peers.PeersException;
import dev.peers.UntrustedText;
import dev.peers.client.PeerSession;
import dev.peers.local.Replies;
import dev.peers.mcp.delivery.SessionNames;
import dev.peers.mcp.delivery.SessionReachability;
import dev.peers.mcp.delivery.UnconfirmedDeliveries;
import dev.peers.mcp.link.Client;
import io.modelcontextprotocol.server.McpServerFeatures.SyncToolSpecification;
import io.modelcontextprotocol.spec.McpSchema;
import io.modelcontextprotocol.spec.McpSchema.CallToolResult;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A session's tools: calls in, results or one-sentence errors out. */
public final class McpTools {
  /** Where the request's id travels in a call's metadata: the SDK does not pass it on. */
  public static final String REQUEST_ID = "dev.peers/requestId";

  /** Where the relay's number of a call travels in its metadata. */
  public static final String NUMBER = "dev.peers/number";

  private static final System.Logger LOG = System.getLogger(McpTools.class.getName());

  /** Where a result has the mail that came meanwhile. */
  private static final String MAIL = "mail";

  /** Where it says that there is some, if it cannot be told who would get it. */
  private static final String WAITING = "mailWaiting";

  /** Who a call speaks for: a sub-agent's may come by a server of its own. */
  public interface Speakers {
    /**
     * The peer.
     *
     * @throws PeersException if it cannot be told
     */
    PeerSession speaker(Caller caller, Map<String, Object> meta);
  }

  private final Speakers speakers;
  private final String instance;
  private final UnconfirmedDeliveries handovers;
  private final ObjectMapper mapper;
  private final SessionReachability routes;
  private final Callers callers;
  private final boolean structured;
  private final List<PeerTool> tools;

  /**
   * Makes the tools of one session.
   *
   * @param structured whether its client knows structured results; one that does not shows its
   *     model whatever it gets, so it gets the text alone
   */
  public McpTools(
      Speakers speakers,
      Client client,
      SessionReachability routes,
      boolean continues,
      SessionNames names,
      boolean structured,
      String instance,
      UnconfirmedDeliveries handovers,
      ObjectMapper mapper) {
    this.speakers = speakers;
    this.instance = instance;
    this.handovers = handovers;
    this.mapper = mapper;
    this.routes = routes;
    this.callers = new Callers(client);
    this.structured = structured;
    this.tools = all(client, callers, routes, continues, names);
  }

  /** The tools of one session. */
  public static List<PeerTool> all(
      Client client,
      Callers callers,
      SessionReachability routes,
      boolean continues,
      SessionNames names) {
    return List.of(
        new ListPeersTool(),
        new SendMessageTool(routes),
        new SetSummaryTool(),
        new CheckMessagesTool(),
        new WhoamiTool(routes),
        new MessageStatusTool(),
        new HookMailTool(client, callers, routes, continues, names));
  }

  public List<SyncToolSpecification> specifications() {
    return tools.stream()
        .map(
            tool ->
                SyncToolSpecification.builder()
                    .tool(structured ? definition(tool) : plain(tool.definition()))
                    .callHandler((exchange, request) -> call(tool, request))
                    .build())
        .toList();
  }

  /** What a tool looks like, with the mail that its results may carry. */
  public static McpSchema.Tool definition(PeerTool tool) {
    McpSchema.Tool definition = tool.definition();
    if (tool.carriesMail()
        && definition.outputSchema().get("properties") instanceof Map<?, ?> properties) {
      @SuppressWarnings("unchecked")
      Map<String, Object> open = (Map<String, Object>) properties;
      open.put(MAIL, AttachedMail.schema());
      open.put(WAITING, Schema.string("that mail waits for the main agent of this session"));
    }
    return definition;
  }

  /** The same for a client that would miss the structure that a schema promises. */
  private static McpSchema.Tool plain(McpSchema.Tool tool) {
    return McpSchema.Tool.builder(tool.name(), tool.inputSchema())
        .title(tool.title())
        .description(tool.description())
        .annotations(tool.annotations())
        .build();
  }

  private CallToolResult call(PeerTool tool, McpSchema.CallToolRequest request) {
    Map<String, Object> given = request.arguments();
    Map<String, Object> meta = request.meta() == null ? Map.of() : request.meta();
    Object requestId = requestId(request);
    ToolArguments arguments = new ToolArguments(request.name(), given == null ? Map.of() : given);
    try {
      Caller caller = tool.caller(callers, arguments, meta);
      PeerTool.Call call =
          new PeerTool.Call(
              speakers.speaker(caller, meta),
              arguments,
              idempotencyKey(requestId, number(request), given),
              requestId,
              handovers,
              caller);
      Map<String, Object> result = tool.call(call);
      return result(tool.carriesMail() ? withMail(call, result) : result);
    } catch (PeersException e) {
      handovers.cancelled(requestId);
      return error(e.getMessage());
    } catch (RuntimeException | JsonProcessingException e) {
      handovers.cancelled(requestId);
      LOG.log(System.Logger.Level.ERROR, "the tool " + request.name() + " failed", e);
      return error("claude-peers failed; its log file tells more. Trying again may help.");
    }
  }

  private CallToolResult result(Map<String, Object> result) throws JsonProcessingException {
    CallToolResult.Builder builder =
        CallToolResult.builder().addTextContent(mapper.writeValueAsString(result)).isError(false);
    return structured ? builder.structuredContent(result).build() : builder.build();
  }

  /** Adds what waits for the agent that calls, or that something does if it may be another's. */
  private Map<String, Object> withMail(PeerTool.Call call, Map<String, Object> answer) {
    return switch (call.caller()) {
      case MAIN ->
          AttachedMail.quietly(call).map(mail -> with(answer, MAIL, mail.rows())).orElse(answer);
      case SUB_AGENT -> answer;
      case UNKNOWN ->
          routes.push() == null
              ? AttachedMail.notice(call).map(text -> with(answer, WAITING, text)).orElse(answer)
              : answer;
    };
  }

  private static Map<String, Object> with(Map<String, Object> answer, String field, Object value) {
    Map<String, Object> all = new LinkedHashMap<>(answer);
    all.put(field, value);
    return all;
  }

  public static CallToolResult error(String message) {
    return CallToolResult.builder()
        .addTextContent(UntrustedText.forAgent(message))
        .isError(true)
        .build();
  }

  /**
   * The same for a request that the relay repeats to a new broker, and for no other: neither for
   * one of another process of the same session, whose ids begin anew, nor for one that says
   * something else, nor for one that says the same with an id that was used before.
   */
  private String idempotencyKey(Object requestId, long number, Map<String, Object> arguments) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      // A number and a text that look the same are two ids.
      String id = requestId.getClass().getSimpleName() + " " + requestId + "\0" + number + "\0";
      digest.update(id.getBytes(StandardCharsets.UTF_8));
      digest.update(String.valueOf(arguments).getBytes(StandardCharsets.UTF_8));
      return instance + ":" + HexFormat.of().formatHex(digest.digest(), 0, 16);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /** The number that the relay has given a call; 0 if it gave none. */
  private static long number(McpSchema.CallToolRequest request) {
    Map<String, Object> meta = request.meta();
    return meta != null && meta.get(NUMBER) instanceof Number number ? number.longValue() : 0;
  }

  /** The id of the request that a call came with. */
  private static Object requestId(McpSchema.CallToolRequest request) {
    Map<String, Object> meta = request.meta();
    Object id = meta == null ? null : meta.get(REQUEST_ID);
    return id == null ? "" : id;
  }

  /** What a call gets that came before the relay knew; later ones it answers itself. */
  public static Map<String, Object> afterReplacement(McpSchema.JSONRPCRequest call) {
    boolean hook =
        call.params() instanceof Map<?, ?> params && HookMailTool.NAME.equals(params.get("name"));
    String text = hook ? "{}" : Replies.REPLACED;
    Map<String, Object> result = new HashMap<>();
    result.put("content", List.of(Map.of("type", "text", "text", text)));
    if (hook) {
      result.put("structuredContent", Map.of());
    } else {
      result.put("isError", true);
    }
    return result;
  }
}
