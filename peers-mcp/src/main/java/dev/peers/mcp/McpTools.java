package dev.peers.mcp;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.peers.PeersException;
import dev.peers.client.PeerSession;
import io.modelcontextprotocol.server.McpServerFeatures.SyncToolSpecification;
import io.modelcontextprotocol.spec.McpSchema;
import io.modelcontextprotocol.spec.McpSchema.CallToolResult;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A session's tools: calls in, results or one-sentence errors out. */
final class McpTools {
  private static final System.Logger LOG = System.getLogger(McpTools.class.getName());

  /** Where a result has the mail that came meanwhile. */
  private static final String MAIL = "mail";

  private final PeerSession session;
  private final String instance;
  private final Handovers handovers;
  private final ObjectMapper mapper;
  private final List<PeerTool> tools;

  McpTools(
      PeerSession session,
      Routes routes,
      boolean continues,
      SessionNames names,
      String instance,
      Handovers handovers,
      ObjectMapper mapper) {
    this.session = session;
    this.instance = instance;
    this.handovers = handovers;
    this.mapper = mapper;
    this.tools = all(routes, continues, names);
  }

  /** The tools of one session. */
  static List<PeerTool> all(Routes routes, boolean continues, SessionNames names) {
    return List.of(
        new ListPeersTool(),
        new SendMessageTool(),
        new SetSummaryTool(),
        new CheckMessagesTool(),
        new WhoamiTool(routes),
        new MessageStatusTool(),
        new HookMailTool(routes, continues, names));
  }

  List<SyncToolSpecification> specifications() {
    return tools.stream()
        .map(
            tool ->
                SyncToolSpecification.builder()
                    .tool(definition(tool))
                    .callHandler((exchange, request) -> call(tool, request))
                    .build())
        .toList();
  }

  /** What a tool looks like, with the mail that its results may carry. */
  static McpSchema.Tool definition(PeerTool tool) {
    McpSchema.Tool definition = tool.definition();
    if (tool.carriesMail()
        && definition.outputSchema().get("properties") instanceof Map<?, ?> properties) {
      @SuppressWarnings("unchecked")
      Map<String, Object> open = (Map<String, Object>) properties;
      open.put(MAIL, Mailbag.schema());
    }
    return definition;
  }

  private CallToolResult call(PeerTool tool, McpSchema.CallToolRequest request) {
    Map<String, Object> given = request.arguments();
    Object requestId = McpLines.requestId(request);
    PeerTool.Call call =
        new PeerTool.Call(
            session,
            new ToolArguments(request.name(), given == null ? Map.of() : given),
            idempotencyKey(requestId, McpLines.number(request), given),
            requestId,
            handovers);
    try {
      Map<String, Object> result = tool.call(call);
      if (tool.carriesMail()) {
        Map<String, Object> answer = result;
        result = Mailbag.quietly(call).map(mail -> with(answer, mail)).orElse(answer);
      }
      return CallToolResult.builder()
          .structuredContent(result)
          .addTextContent(mapper.writeValueAsString(result))
          .isError(false)
          .build();
    } catch (PeersException e) {
      handovers.cancelled(requestId);
      return error(e.getMessage());
    } catch (RuntimeException | JsonProcessingException e) {
      handovers.cancelled(requestId);
      LOG.log(System.Logger.Level.ERROR, "the tool " + request.name() + " failed", e);
      return error("claude-peers failed; its log file tells more. Trying again may help.");
    }
  }

  private static Map<String, Object> with(Map<String, Object> answer, Mailbag mail) {
    Map<String, Object> all = new LinkedHashMap<>(answer);
    all.put(MAIL, mail.rows());
    return all;
  }

  static CallToolResult error(String message) {
    return CallToolResult.builder()
        .addTextContent(ChannelText.harmless(message))
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
}
