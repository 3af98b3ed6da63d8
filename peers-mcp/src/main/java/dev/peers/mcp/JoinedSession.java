package dev.peers.mcp;

import dev.peers.PeersException;
import dev.peers.ReceiveRequest;
import dev.peers.Route;
import dev.peers.client.PeerSession;
import dev.peers.mcp.delivery.ChannelTarget;
import dev.peers.mcp.delivery.InboxTarget;
import dev.peers.mcp.delivery.MailPusher;
import dev.peers.mcp.delivery.SessionReachability;
import dev.peers.mcp.delivery.UnconfirmedDeliveries;
import dev.peers.mcp.link.Hello;
import dev.peers.mcp.link.LineSink;
import io.modelcontextprotocol.spec.McpServerSession;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A session from the moment it is a peer: its SDK session, and the mail that is pushed to its
 * agent. Called by one thread at a time, but for {@link #endPushing}.
 */
final class JoinedSession {
  private static final System.Logger LOG = System.getLogger(JoinedSession.class.getName());

  private final GatewayContext gateway;
  private final Hello hello;
  private final PeerSession peer;
  private final SessionReachability reachability;
  private final UnconfirmedDeliveries mail;
  private final LineSink connection;
  private final ChannelTarget.Notifications notifications;
  private @Nullable McpServerSession mcp;
  private volatile @Nullable MailPusher pusher;
  private volatile boolean ended;

  JoinedSession(
      GatewayContext gateway,
      Hello hello,
      PeerSession peer,
      SessionReachability reachability,
      LineSink connection,
      ChannelTarget.Notifications notifications) {
    this.gateway = gateway;
    this.hello = hello;
    this.peer = peer;
    this.reachability = reachability;
    this.mail = new UnconfirmedDeliveries(peer, System::nanoTime);
    this.connection = connection;
    this.notifications = notifications;
  }

  PeerSession peer() {
    return peer;
  }

  UnconfirmedDeliveries mail() {
    return mail;
  }

  /** The SDK's session; null until it is served. */
  @Nullable McpServerSession mcp() {
    return mcp;
  }

  void serve(McpServerSession session) {
    mcp = session;
  }

  /** Pushes mail from now on, if there is a route: before, the client takes no notifications. */
  void startPushing() {
    Route route = reachability.push();
    if (ended || pusher != null || route == null) {
      return;
    }
    MailPusher opened =
        MailPusher.open(
            peer,
            route == Route.INBOX
                ? new InboxTarget(connection, gateway.mapper(), hello.positions())
                : new ChannelTarget(notifications, reachability, hello.positions()),
            hello.pushed(),
            reachability.grace(),
            gateway.pushesPerMinute(),
            System::nanoTime);
    pusher = opened;
    if (ended) {
      opened.close();
    }
  }

  /** Pushes nothing any more. */
  void endPushing() {
    ended = true;
    close(pusher);
  }

  /** What the relay posts does not arrive: mail goes by the other routes, at once. */
  void inboxFailed() {
    if (pusher == null || reachability.push() != Route.INBOX) {
      return;
    }
    LOG.log(System.Logger.Level.WARNING, "the inbox of a session takes no messages");
    reachability.inboxFailed();
    close(pusher);
    pusher = null;
    requeue();
    startPushing();
  }

  /** What was posted may be lost, so its lease is not waited for. */
  private void requeue() {
    try {
      peer.take(
          ReceiveRequest.undelivered(ReceiveRequest.MAX_LIMIT, Duration.ZERO).after(mail.last()));
    } catch (PeersException e) {
      LOG.log(System.Logger.Level.DEBUG, "{0} waits for its mail: {1}", peer.id(), e.getMessage());
    }
  }

  private static void close(@Nullable MailPusher pusher) {
    if (pusher != null) {
      pusher.close();
    }
  }
}
