package dev.peers.mcp.delivery;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.peers.Delivery;
import dev.peers.Message;
import dev.peers.Position;
import dev.peers.UntrustedText;
import dev.peers.local.RelayLine;
import dev.peers.mcp.link.LineSink;
import java.io.IOException;
import java.util.Map;

/**
 * The inbox of a Claude Code session: lines of JSON that the session's own relay posts to it, since
 * the relay alone has the token. What is posted wakes the session.
 */
public final class InboxTarget implements MailPusher.Way {
  private final LineSink link;
  private final ObjectMapper mapper;
  private final boolean positions;

  /**
   * Makes the way.
   *
   * @param positions whether the relay wants to know of which database a message is
   */
  public InboxTarget(LineSink link, ObjectMapper mapper, boolean positions) {
    this.link = link;
    this.mapper = mapper;
    this.positions = positions;
  }

  @Override
  public void offer(Delivery delivery, Position position) throws IOException {
    Message message = delivery.message();
    post(
        position,
        UntrustedText.attribute(message.from().name()),
        ChannelMessage.paragraph(delivery) + "\n\n" + ChannelMessage.ORIGIN);
  }

  @Override
  public void remind(int waiting) throws IOException {
    post(Position.START, "claude-peers", ChannelMessage.reminder(waiting));
  }

  /** Has the relay post; with the id, so that it can tell what the session was given. */
  private void post(Position position, String from, String text) throws IOException {
    String content =
        "<cross-session-message from-name=\""
            + from
            + "\">\n"
            + text
            + "\n</cross-session-message>";
    String line =
        mapper.writeValueAsString(
            Map.of("type", "user", "message", Map.of("role", "user", "content", content)));
    String store = positions ? position.store() : "";
    link.send(new RelayLine.InboxPost(store, position.id(), line).bytes());
  }
}
