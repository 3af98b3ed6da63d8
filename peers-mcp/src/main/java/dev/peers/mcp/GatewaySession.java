package dev.peers.mcp;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peers.ErrorCode;
import dev.peers.Peer;
import dev.peers.PeerId;
import dev.peers.PeersException;
import dev.peers.ReceiveRequest;
import dev.peers.Registration;
import dev.peers.Route;
import dev.peers.Summary;
import dev.peers.UntrustedText;
import dev.peers.Workspace;
import dev.peers.client.PeerSession;
import dev.peers.local.RelayLine;
import dev.peers.local.Replies;
import dev.peers.mcp.delivery.ChannelDetection;
import dev.peers.mcp.delivery.ChannelTarget;
import dev.peers.mcp.delivery.InboxTarget;
import dev.peers.mcp.delivery.MailPusher;
import dev.peers.mcp.delivery.SessionNames;
import dev.peers.mcp.delivery.SessionReachability;
import dev.peers.mcp.delivery.UnconfirmedDeliveries;
import dev.peers.mcp.link.Client;
import dev.peers.mcp.link.Hello;
import dev.peers.mcp.link.LineConnection;
import dev.peers.mcp.tool.Caller;
import dev.peers.mcp.tool.Callers;
import dev.peers.mcp.tool.HookMailTool;
import dev.peers.mcp.tool.Instructions;
import dev.peers.mcp.tool.McpTools;
import dev.peers.mcp.wake.IdleSessionWaker;
import io.modelcontextprotocol.json.jackson2.JacksonMcpJsonMapper;
import io.modelcontextprotocol.spec.McpSchema;
import io.modelcontextprotocol.spec.McpServerSession;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One agent's session: first its relay's hello, then MCP. The session becomes a peer with {@code
 * initialize}, not before: not every process that an agent starts is ever used. Called by one
 * thread at a time.
 */
final class GatewaySession
    implements LineConnection.Handler, JsonRpcDispatcher.Calls, McpTools.Speakers {
  private static final System.Logger LOG = System.getLogger(GatewaySession.class.getName());

  private static final String CANCELLED = "notifications/cancelled";

  /** A relay that was hung up on is back by then, or has ended. */
  private static final long RETURN_SECONDS = 10;

  private static final long JOIN_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final long JOIN_PAUSE_MILLIS = 500;

  private final LineConnection connection;
  private final GatewayContext gateway;
  private final JsonRpcDispatcher lines;
  private final SessionTransport transport;

  private volatile @Nullable Hello hello;
  private volatile Client client = Client.OTHER;
  private volatile @Nullable PeerSession peer;
  private volatile @Nullable Workspace workspace;
  private volatile boolean ended;
  private volatile boolean superseded;
  private @Nullable McpServerSession mcp;
  private @Nullable SessionReachability routes;
  private @Nullable UnconfirmedDeliveries handovers;
  private volatile @Nullable MailPusher push;

  /** Makes a session that has said nothing yet. */
  GatewaySession(LineConnection connection, GatewayContext gateway) {
    this.connection = connection;
    this.gateway = gateway;
    this.lines = new JsonRpcDispatcher(connection, gateway.mapper(), this);
    this.transport = new SessionTransport(connection, new JacksonMcpJsonMapper(gateway.mapper()));
  }

  @Override
  public void line(byte[] line) {
    try {
      if (hello == null) {
        hello = Hello.parse(gateway.mapper(), line);
        connection.establish();
        return;
      }
      RelayLine note = RelayLine.read(line);
      if (note instanceof RelayLine.Written written) {
        written(written.id());
      } else if (note instanceof RelayLine.Call call) {
        lines.number(Math.max(0, call.number()));
      } else if (note instanceof RelayLine.InboxFailed) {
        inboxFailed();
      } else if (!isBlank(line)) {
        lines.line(line);
      }
    } catch (PeersException e) {
      lines.refuse(null, JsonRpcDispatcher.INVALID_REQUEST, e.getMessage());
      if (hello == null) {
        connection.close();
      }
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.ERROR, "a line of a session could not be handled", e);
      lines.refuse(
          null, JsonRpcDispatcher.INTERNAL_ERROR, "claude-peers failed; its log file tells more");
    }
  }

  @Override
  public void lineTooLong() {
    lines.refuse(
        null,
        JsonRpcDispatcher.INVALID_REQUEST,
        "a line is longer than " + LineConnection.MAX_LINE + " bytes");
  }

  @Override
  public void end() {
    leave();
  }

  /** Speaks for its peer no longer. */
  private void leave() {
    ended = true;
    stopPushing();
    PeerSession joined = peer;
    if (joined == null) {
      return;
    }
    gateway.threads().left(joined);
    // A restarted agent may have joined again before its former connection has ended.
    // Whatever its id was: that may have changed since.
    boolean owned = gateway.owners().values().removeIf(session -> session == this);
    if (!connection.isHungUp() && (owned || !gateway.owners().containsKey(joined.id()))) {
      joined.close();
    } else {
      // Where it was not the relay that ended, it comes back at once.
      joined.detach();
    }
    if (owned && connection.isHungUp()) {
      // It comes back in a moment, and who waits for its mail goes on waiting.
      var unused =
          gateway
              .timer()
              .schedule(() -> gateway.wakes().left(joined), RETURN_SECONDS, TimeUnit.SECONDS);
    } else if (owned) {
      gateway.wakes().left(joined);
    }
  }

  /**
   * Another process is the peer from now on. One of the same agent has been started in the place of
   * this one, which is given no more mail; its relay answers what it is still asked. Any other has
   * a better right to the id, and this relay, if it lives, begins anew to learn who it is now.
   */
  private void makeRoomFor(Hello newcomer) {
    Hello mine = hello;
    if (mine == null || mine.instance().equals(newcomer.instance())) {
      return;
    }
    if (mine.agent() == null
        || newcomer.agent() == null
        || !mine.agent().isSame(newcomer.agent())) {
      connection.close();
      return;
    }
    superseded = true;
    stopPushing();
    PeerSession joined = peer;
    if (joined != null) {
      joined.detach();
    }
    tellSuperseded();
  }

  private void tellSuperseded() {
    try {
      connection.send(new RelayLine.Superseded().bytes());
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "it has ended: {0}", e.getMessage());
    }
  }

  private void stopPushing() {
    MailPusher route = push;
    if (route != null) {
      route.close();
    }
  }

  /** The relay's proof that an answer is with the agent. */
  private void written(String id) {
    try {
      Object request = gateway.mapper().readValue(id, Object.class);
      if (request != null && handovers != null) {
        handovers.written(request);
      }
    } catch (IOException e) {
      lines.refuse(null, JsonRpcDispatcher.PARSE_ERROR, "the id of an answer is not JSON");
    }
  }

  @Override
  public void notification(String method, JsonNode params) {
    if (method.equals(McpSchema.METHOD_NOTIFICATION_INITIALIZED)) {
      initialized();
    } else if (method.equals(CANCELLED) && handovers != null) {
      handovers.cancelled(JsonRpcDispatcher.key(params.path("requestId")));
    }
  }

  @Override
  public void request(McpSchema.JSONRPCRequest request) {
    if (superseded && request.method().equals(McpSchema.METHOD_TOOLS_CALL)) {
      lines.answer(request.id(), afterReplacement(request));
    } else if (mcp != null) {
      hand(mcp, request);
    } else if (request.method().equals(McpSchema.METHOD_INITIALIZE)) {
      begin(request);
    } else if (request.method().equals(McpSchema.METHOD_PING)) {
      // Before initialize nothing else is of use.
      lines.answer(request.id(), Map.of());
    } else {
      lines.refuse(request.id(), JsonRpcDispatcher.INVALID_REQUEST, "send 'initialize' first");
    }
  }

  /** What a call gets that came before the relay knew; later ones it answers itself. */
  private static Map<String, Object> afterReplacement(McpSchema.JSONRPCRequest call) {
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

  private void begin(McpSchema.JSONRPCRequest initialize) {
    Hello from = Objects.requireNonNull(hello);
    try {
      mcp = open(initialize, from);
    } catch (PeersException e) {
      if (e.code() == ErrorCode.SUPERSEDED) {
        LOG.log(System.Logger.Level.INFO, "a session that was superseded stays so");
        superseded = true;
        tellSuperseded();
        lines.refuse(initialize.id(), JsonRpcDispatcher.INTERNAL_ERROR, e.getMessage());
      } else if (from.resumed()) {
        // The agent has long been told that all is well: its relay tries again with another link.
        LOG.log(System.Logger.Level.DEBUG, "a session must wait: {0}", e.getMessage());
        connection.close();
      } else {
        lines.refuse(initialize.id(), JsonRpcDispatcher.INTERNAL_ERROR, e.getMessage());
      }
      return;
    }
    hand(mcp, initialize);
    // The SDK would let every request wait for this, even a ping; the client's own comes later.
    hand(mcp, SessionTransport.INITIALIZED);
    summarize();
  }

  private McpServerSession open(McpSchema.JSONRPCRequest initialize, Hello from) {
    SessionSettings.check(from);
    String name = clientName(initialize);
    client = Client.named(name);
    SessionReachability ways =
        new SessionReachability(ChannelDetection.of(from, client), from.inbox(), System::nanoTime);
    routes = ways;
    RegistrationSource context = new RegistrationSource(from, name, ways, gateway.machine());
    PeerSession joined = join(from, context);
    peer = joined;
    GatewaySession former = gateway.owners().put(joined.id(), this);
    if (former != null) {
      former.makeRoomFor(from);
    }
    SessionNames names = new SessionNames(from.sessionKey());
    boolean isClaude = client == Client.CLAUDE_CODE;
    gateway.wakes().joined(new IdleSessionWaker.Session(from, joined, ways, names, isClaude));
    boolean continues = SessionSettings.isOn(from, "CLAUDE_PEERS_STOP_HOOK");
    UnconfirmedDeliveries mail = new UnconfirmedDeliveries(joined, System::nanoTime);
    handovers = mail;
    McpTools tools =
        new McpTools(
            this,
            client,
            ways,
            continues,
            names,
            SessionTransport.isStructured(initialize),
            from.instance(),
            mail,
            gateway.mapper());
    return transport.serve(Instructions.of(joined), tools.specifications());
  }

  @Override
  public PeerSession speaker(Caller caller, Map<String, Object> meta) {
    PeerSession joined = Objects.requireNonNull(peer);
    if (client != Client.CODEX) {
      return joined;
    }
    List<String> parents = Callers.parentThreads(meta);
    if (!parents.isEmpty() && !ended) {
      // It became a peer as it began, when nothing had told that it is not one.
      leave();
    }
    if (parents.isEmpty()) {
      if (caller == Caller.MAIN && !ended) {
        Callers.thread(meta).ifPresent(thread -> gateway.threads().is(joined, thread));
      }
      return joined;
    }
    return parents.stream()
        .flatMap(thread -> gateway.threads().session(thread).stream())
        .findFirst()
        .or(this::onlyOther)
        .orElseThrow(
            () ->
                new PeersException(
                    ErrorCode.UNKNOWN_PEER,
                    "this is a sub-agent, and claude-peers does not know yet whose: the main agent"
                        + " must call one of these tools first, such as whoami"));
  }

  /** The other session of the same process, where there is one alone. */
  private Optional<PeerSession> onlyOther() {
    List<PeerSession> others =
        gateway.owners().values().stream()
            .filter(session -> session != this && session.client == Client.CODEX)
            .filter(session -> parent() > 0 && session.parent() == parent())
            .flatMap(session -> Optional.ofNullable(session.peer).stream())
            .toList();
    return others.size() == 1 ? Optional.of(others.get(0)) : Optional.empty();
  }

  private long parent() {
    Hello from = hello;
    return from == null ? 0 : from.parent();
  }

  /**
   * A broker elsewhere may be away for a moment, which need not cost a new session its tools. One
   * that was there before tries again by itself.
   */
  private PeerSession join(Hello from, RegistrationSource context) {
    long end = System.nanoTime() + (gateway.machine() == null || from.resumed() ? 0 : JOIN_NANOS);
    while (true) {
      try {
        return PeerSession.join(
            gateway.broker(), () -> watched(context.get()), gateway.timer(), gateway.workers());
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
    if (joined != null && !superseded && gateway.owners().get(joined.id()) != this) {
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
    if (gateway.summaries() != null && joined != null) {
      gateway
          .summaries()
          .request(
              new SummaryScheduler.Subject() {
                @Override
                public Optional<Workspace> workspace() {
                  boolean manual =
                      gateway
                          .broker()
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
    gateway.broker().setSummary(id, text, Summary.Source.AUTOMATIC);
  }

  /** From here on, and not before, the client takes notifications. */
  private void initialized() {
    PeerSession joined = peer;
    if (superseded || push != null || joined == null || routes == null || hello == null) {
      return;
    }
    Route route = routes.push();
    if (route != null) {
      push =
          MailPusher.open(
              joined,
              route == Route.INBOX
                  ? new InboxTarget(connection, gateway.mapper(), hello.positions())
                  : new ChannelTarget(transport, routes, hello.positions()),
              hello.pushed(),
              routes.grace(),
              gateway.pushesPerMinute(),
              System::nanoTime);
      if (superseded) {
        stopPushing();
      }
    }
  }

  /** Nobody takes what the relay posts: the other ways have to do. */
  private void inboxFailed() {
    if (routes != null && push != null && routes.push() == Route.INBOX) {
      LOG.log(System.Logger.Level.WARNING, "the inbox of a session takes no messages");
      routes.inboxFailed();
      stopPushing();
      push = null;
      requeue();
      initialized();
    }
  }

  /** What was posted and may have been lost is trusted no longer, and comes at once. */
  private void requeue() {
    PeerSession joined = peer;
    if (joined != null && handovers != null) {
      try {
        joined.take(
            ReceiveRequest.undelivered(ReceiveRequest.MAX_LIMIT, Duration.ZERO)
                .after(handovers.last()));
      } catch (PeersException e) {
        LOG.log(
            System.Logger.Level.DEBUG, "{0} waits for its mail: {1}", joined.id(), e.getMessage());
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

  private static @Nullable String clientName(McpSchema.JSONRPCRequest initialize) {
    if (initialize.params() instanceof Map<?, ?> params
        && params.get("clientInfo") instanceof Map<?, ?> info
        && info.get("name") instanceof String name) {
      String line = UntrustedText.line(name).strip();
      return line.isEmpty() ? null : UntrustedText.cut(line, 80);
    }
    return null;
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
