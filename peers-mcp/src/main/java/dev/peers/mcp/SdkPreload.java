package dev.peers.mcp;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.peers.BuildInfo;
import dev.peers.SessionKey;
import dev.peers.mcp.delivery.ChannelDetection;
import dev.peers.mcp.delivery.SessionNames;
import dev.peers.mcp.delivery.SessionReachability;
import dev.peers.mcp.link.Client;
import dev.peers.mcp.link.LineSink;
import dev.peers.mcp.tool.Callers;
import dev.peers.mcp.tool.McpTools;
import io.modelcontextprotocol.json.TypeRef;
import io.modelcontextprotocol.json.jackson2.JacksonMcpJsonMapper;
import io.modelcontextprotocol.server.McpServerFeatures.SyncToolSpecification;
import io.modelcontextprotocol.spec.McpSchema;
import io.modelcontextprotocol.spec.McpServerSession;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/**
 * Has the SDK do once, for nobody, what every session begins with. Run beside the rest of a
 * broker's start, it takes 100 ms and more off the first session's.
 */
final class SdkPreload {
  private static final System.Logger LOG = System.getLogger(SdkPreload.class.getName());

  private SdkPreload() {}

  static void run(ObjectMapper mapper, CountDownLatch logReady) throws InterruptedException {
    SessionTransport nobody = new SessionTransport(new Nobody(), new JacksonMcpJsonMapper(mapper));
    List<SyncToolSpecification> tools =
        McpTools.all(
                Client.OTHER,
                new Callers(Client.OTHER),
                new SessionReachability(ChannelDetection.OFF, false, System::nanoTime),
                true,
                new SessionNames(new SessionKey("warm-up")))
            .stream()
            .map(
                tool ->
                    SyncToolSpecification.builder()
                        .tool(McpTools.definition(tool))
                        .callHandler((exchange, request) -> McpTools.error("not called"))
                        .build())
            .toList();
    Map<String, Object> hello =
        Map.of(
            "protocolVersion",
            "2025-11-25",
            "capabilities",
            Map.of(),
            "clientInfo",
            Map.of("name", "warm-up", "version", BuildInfo.version()));
    try {
      nobody.unmarshalFrom(hello, new TypeRef<McpSchema.InitializeRequest>() {});
      logReady.await();
      McpServerSession session = nobody.serve("", tools);
      session
          .handle(new McpSchema.JSONRPCRequest("2.0", McpSchema.METHOD_INITIALIZE, 1, hello))
          .then(session.handle(SessionTransport.INITIALIZED))
          .block();
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.DEBUG, "no warm-up: {0}", e.getMessage());
    }
  }

  private static final class Nobody implements LineSink {
    @Override
    public void send(byte[] line) {}

    @Override
    public void close() {}
  }
}
