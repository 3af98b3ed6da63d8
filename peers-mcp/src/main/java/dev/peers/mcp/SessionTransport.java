package dev.peers.mcp;

import dev.peers.BuildInfo;
import dev.peers.mcp.delivery.ChannelTarget;
import dev.peers.mcp.link.LineSink;
import io.modelcontextprotocol.json.McpJsonMapper;
import io.modelcontextprotocol.json.TypeRef;
import io.modelcontextprotocol.json.schema.JsonSchemaValidator;
import io.modelcontextprotocol.server.McpServer;
import io.modelcontextprotocol.server.McpServerFeatures.SyncToolSpecification;
import io.modelcontextprotocol.spec.McpSchema;
import io.modelcontextprotocol.spec.McpServerSession;
import io.modelcontextprotocol.spec.McpServerTransport;
import io.modelcontextprotocol.spec.McpServerTransportProvider;
import io.modelcontextprotocol.spec.ProtocolVersions;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * The SDK's view of one connection: provider and transport of a single session. Messages go out in
 * the order in which they are sent, each whole, without blocking.
 */
final class SessionTransport
    implements McpServerTransportProvider, McpServerTransport, ChannelTarget.Notifications {
  static final McpSchema.JSONRPCNotification INITIALIZED =
      new McpSchema.JSONRPCNotification(McpSchema.METHOD_NOTIFICATION_INITIALIZED, null);

  private static final List<String> UNSTRUCTURED =
      List.of(ProtocolVersions.MCP_2024_11_05, ProtocolVersions.MCP_2025_03_26);

  private static final List<String> VERSIONS =
      Stream.concat(
              UNSTRUCTURED.stream(),
              Stream.of(ProtocolVersions.MCP_2025_06_18, ProtocolVersions.MCP_2025_11_25))
          .toList();

  private static final byte[] NOTHING = new byte[0];

  private final LineSink connection;
  private final McpJsonMapper mapper;
  private McpServerSession.@Nullable Factory factory;

  SessionTransport(LineSink connection, McpJsonMapper mapper) {
    this.connection = connection;
    this.mapper = mapper;
  }

  /** Has the SDK serve this session. */
  McpServerSession serve(String instructions, List<SyncToolSpecification> tools) {
    var unused =
        McpServer.sync(this)
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
    return Objects.requireNonNull(factory, "the SDK has set it").create(this);
  }

  void send(McpSchema.JSONRPCMessage message) throws IOException {
    send(message, NOTHING);
  }

  @Override
  public void send(McpSchema.JSONRPCMessage message, byte[] note) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    line.write(mapper.writeValueAsBytes(withoutLogging(message)));
    line.write('\n');
    line.write(note);
    connection.send(line.toByteArray());
  }

  /** The SDK announces logging by itself, but a session here has nothing to log to its agent. */
  private static McpSchema.JSONRPCMessage withoutLogging(McpSchema.JSONRPCMessage message) {
    if (!(message instanceof McpSchema.JSONRPCResponse response)
        || !(response.result() instanceof McpSchema.InitializeResult result)) {
      return message;
    }
    McpSchema.ServerCapabilities capabilities =
        McpSchema.ServerCapabilities.builder()
            .tools(false)
            .experimental(result.capabilities().experimental())
            .build();
    return McpSchema.JSONRPCResponse.result(
        response.id(),
        new McpSchema.InitializeResult(
            result.protocolVersion(),
            capabilities,
            result.serverInfo(),
            result.instructions(),
            result.meta()));
  }

  @Override
  public Mono<Void> sendMessage(McpSchema.JSONRPCMessage message) {
    return Mono.fromCallable(
        () -> {
          send(message);
          return null;
        });
  }

  @Override
  public <T> T unmarshalFrom(Object data, TypeRef<T> type) {
    return mapper.convertValue(data, type);
  }

  @Override
  public void setSessionFactory(McpServerSession.Factory factory) {
    this.factory = factory;
  }

  @Override
  public Mono<Void> notifyClients(String method, Object params) {
    return sendMessage(new McpSchema.JSONRPCNotification(method, params));
  }

  /** Revisions from 2026-07-28 on cannot carry channel notifications. */
  @Override
  public List<String> protocolVersions() {
    return VERSIONS;
  }

  /** Whether results may be structured in the revision that a client is answered with. */
  static boolean isStructured(McpSchema.JSONRPCRequest initialize) {
    return !(initialize.params() instanceof Map<?, ?> params
        && UNSTRUCTURED.contains(String.valueOf(params.get("protocolVersion"))));
  }

  @Override
  public void close() {
    connection.close();
  }

  @Override
  public Mono<Void> closeGracefully() {
    return Mono.fromRunnable(this::close);
  }
}
