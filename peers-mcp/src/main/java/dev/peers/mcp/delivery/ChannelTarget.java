package dev.peers.mcp.delivery;

import dev.peers.Delivery;
import dev.peers.Position;
import dev.peers.local.RelayLine;
import io.modelcontextprotocol.spec.McpSchema;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Channel notifications. The relay is told with each which message it was, so that it can tell the
 * next broker what the agent has seen.
 */
public final class ChannelTarget implements MailPusher.Way {
  public static final String METHOD = "notifications/claude/channel";

  /** What takes notifications for the agent. */
  public interface Notifications {
    /** Sends a message, and a line for the relay right behind it; no line if that is empty. */
    void send(McpSchema.JSONRPCMessage message, byte[] note) throws IOException;
  }

  private final Notifications transport;
  private final SessionReachability routes;
  private final boolean positions;

  /**
   * Makes the way.
   *
   * @param positions whether the relay wants to know of which database a message is
   */
  public ChannelTarget(Notifications transport, SessionReachability routes, boolean positions) {
    this.transport = transport;
    this.routes = routes;
    this.positions = positions;
  }

  @Override
  public void offer(Delivery delivery, Position position) throws IOException {
    Map<String, String> meta = ChannelMessage.meta(delivery.message());
    if (delivery.attempt() > 1) {
      meta.put("possible_repeat", "true");
    }
    routes.pushed();
    RelayLine note = new RelayLine.Pushed(positions ? position.store() : "", position.id());
    transport.send(notification(ChannelMessage.content(delivery.message()), meta), note.bytes());
  }

  @Override
  public void remind(int waiting) throws IOException {
    transport.send(
        notification(
            ChannelMessage.reminder(waiting), Map.of("waiting", Integer.toString(waiting))),
        new byte[0]);
  }

  private static McpSchema.JSONRPCNotification notification(
      String content, Map<String, String> meta) {
    Map<String, Object> params = new LinkedHashMap<>();
    params.put("content", content);
    params.put("meta", meta);
    return new McpSchema.JSONRPCNotification(METHOD, params);
  }
}
