package dev.peers.mcp;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peers.ErrorCode;
import dev.peers.Peer;
import dev.peers.PeerId;
import dev.peers.PeersException;
import dev.peers.Registration;
import dev.peers.Summary;
import dev.peers.Workspace;
import dev.peers.client.PeerSession;
import dev.peers.local.RelayLine;
import dev.peers.mcp.delivery.ChannelDetection;
import dev.peers.mcp.delivery.SessionNames;
import dev.peers.mcp.delivery.SessionReachability;
import dev.peers.mcp.link.Client;
import dev.peers.mcp.link.Hello;
import dev.peers.mcp.link.LineConnection;
import dev.peers.mcp.tool.Caller;
import dev.peers.mcp.tool.Callers;
import dev.peers.mcp.tool.Instructions;
import dev.peers.mcp.tool.McpTools;
import dev.peers.mcp.wake.IdleSessionWaker;
import io.modelcontextprotocol.json.jackson2.JacksonMcpJsonMapper;
import io.modelcontextprotocol.spec.McpSchema;
import io.modelcontextprotocol.spec.McpServerSession;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One agent's connection: first its relay's hello, then MCP. The session becomes a peer with {@code
 * initialize}, not before: not every process that an agent starts is ever used. It goes through
 * three states: nothing known, greeted ({@link #hello}), joined ({@link #joined}). Called by one
 * thread at a time, but for {@link #makeRoomFor} and the heartbeat's {@link #watched}.
 */
final class GatewaySession
    implements LineConnection.Handler,
        JsonRpcDispatcher.Calls,
        McpTools.Speakers,
        SessionOwners.Owner {
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

  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile @Nullable Hello hello;
  private volatile Client client = Client.OTHER;
  private volatile @Nullable JoinedSession joined;
  private volatile @Nullable Workspace workspace;
  private volatile boolean superseded;

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
      JoinedSession session = joined;
      if (note instanceof RelayLine.Call call) {
        lines.number(Math.max(0, call.number()));
      } else if (note instanceof RelayLine.Written written) {
        if (session != null) {
          written(session, written.id());
        }
      } else if (note instanceof RelayLine.InboxFailed) {
        if (session != null) {
          session.inboxFailed();
        }
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

  @Override
  public @Nullable PeerSession session() {
    JoinedSession session = joined;
    return session == null ? null : session.peer();
  }

  @Override
  public long codexProcess() {
    Hello from = hello;
    return from == null || client != Client.CODEX ? 0 : from.parent();
  }

  /** Speaks for its peer no longer. */
  private void leave() {
    ended.countDown();
    JoinedSession session = joined;
    if (session == null) {
      return;
    }
    session.endPushing();
    PeerSession peer = session.peer();
    // A restarted agent may have joined again before its former connection has ended.
    boolean owned = gateway.owners().leave(this, peer);
    if (!connection.isHungUp() && (owned || !gateway.owners().isOwned(peer.id()))) {
      peer.close();
    } else {
      // Where it was not the relay that ended, it comes back at once.
      peer.detach();
    }
    if (owned && connection.isHungUp()) {
      // Hooks that wait for its mail go on waiting, since it comes back in a moment.
      leaveLater(peer);
    } else if (owned) {
      gateway.wakes().left(peer);
    }
  }

  private void leaveLater(PeerSession peer) {
    try {
      var unused =
          gateway
              .timer()
              .schedule(() -> gateway.wakes().left(peer), RETURN_SECONDS, TimeUnit.SECONDS);
    } catch (RejectedExecutionException e) {
      // The broker is closing, and the hooks' connections with it.
      gateway.wakes().left(peer);
    }
  }

  private boolean hasEnded() {
    return ended.getCount() == 0;
  }

  /**
   * Another process is the peer from now on. One of the same agent has been started in the place of
   * this one, which is given no more mail; its relay answers what it is still asked. Any other has
   * a better right to the id, and this relay, if it lives, begins anew to learn who it is now.
   */
  @Override
  public void makeRoomFor(Hello newcomer) {
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
    JoinedSession session = joined;
    if (session != null) {
      session.endPushing();
      session.peer().detach();
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

  /** The relay's proof that an answer is with the agent. */
  private void written(JoinedSession session, String id) {
    try {
      Object request = gateway.mapper().readValue(id, Object.class);
      if (request != null) {
        session.mail().written(request);
      }
    } catch (IOException e) {
      lines.refuse(null, JsonRpcDispatcher.PARSE_ERROR, "the id of an answer is not JSON");
    }
  }

  @Override
  public void notification(String method, JsonNode params) {
    JoinedSession session = joined;
    if (session == null) {
      return;
    }
    if (method.equals(McpSchema.METHOD_NOTIFICATION_INITIALIZED)) {
      session.startPushing();
    } else if (method.equals(CANCELLED)) {
      session.mail().cancelled(JsonRpcDispatcher.key(params.path("requestId")));
    }
  }

  @Override
  public void request(McpSchema.JSONRPCRequest request) {
    JoinedSession session = joined;
    McpServerSession mcp = session == null ? null : session.mcp();
    if (superseded && request.method().equals(McpSchema.METHOD_TOOLS_CALL)) {
      lines.answer(request.id(), McpTools.afterReplacement(request));
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

  private void begin(McpSchema.JSONRPCRequest initialize) {
    Hello from = Objects.requireNonNull(hello);
    McpServerSession mcp;
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
    String name = RegistrationSource.clientName(initialize);
    client = Client.named(name);
    SessionReachability reachability =
        new SessionReachability(ChannelDetection.of(from, client), from.inbox(), System::nanoTime);
    PeerSession peer =
        join(from, new RegistrationSource(from, name, reachability, gateway.machine()));
    JoinedSession session =
        new JoinedSession(gateway, from, peer, reachability, connection, transport);
    joined = session;
    if (superseded || hasEnded()) {
      session.endPushing();
    }
    gateway.owners().take(peer.id(), this, from);
    SessionNames names = new SessionNames(from.sessionKey());
    boolean isClaude = client == Client.CLAUDE_CODE;
    gateway.wakes().joined(new IdleSessionWaker.Session(from, peer, reachability, names, isClaude));
    McpTools tools =
        new McpTools(
            this,
            client,
            reachability,
            SessionSettings.isOn(from, "CLAUDE_PEERS_STOP_HOOK"),
            names,
            SessionTransport.isStructured(initialize),
            from.instance(),
            session.mail(),
            gateway.mapper());
    McpServerSession mcp = transport.serve(Instructions.of(peer), tools.specifications());
    session.serve(mcp);
    return mcp;
  }

  @Override
  public PeerSession speaker(Caller caller, Map<String, Object> meta) {
    PeerSession own = Objects.requireNonNull(session());
    if (client != Client.CODEX) {
      return own;
    }
    List<String> parents = Callers.parentThreads(meta);
    if (parents.isEmpty()) {
      if (caller == Caller.MAIN && !hasEnded()) {
        Callers.thread(meta).ifPresent(thread -> gateway.owners().name(own, thread));
      }
      return own;
    }
    if (!hasEnded()) {
      // It became a peer as it began, when nothing had told that it is a sub-agent.
      leave();
    }
    PeerSession parent = gateway.owners().parent(this, parents);
    if (parent == null) {
      throw new PeersException(
          ErrorCode.UNKNOWN_PEER,
          "this is a sub-agent, and claude-peers does not know yet whose: the main agent must call"
              + " one of these tools first, such as whoami");
    }
    return parent;
  }

  /**
   * A broker elsewhere may be away for a moment, which need not cost a new session its tools. One
   * that was there before tries again by itself.
   */
  private PeerSession join(Hello from, RegistrationSource source) {
    long end = System.nanoTime() + (gateway.machine() == null || from.resumed() ? 0 : JOIN_NANOS);
    while (true) {
      try {
        return PeerSession.join(
            gateway.broker(), () -> watched(source.get()), gateway.timer(), gateway.workers());
      } catch (PeersException e) {
        // Its relay is not waiting any more where the connection was closed meanwhile.
        if (e.code() != ErrorCode.UNAVAILABLE
            || connection.isHungUp()
            || System.nanoTime() - end >= 0) {
          throw e;
        }
        awaitNextTry(e);
      }
    }
  }

  private void awaitNextTry(PeersException failure) {
    try {
      if (ended.await(JOIN_PAUSE_MILLIS, TimeUnit.MILLISECONDS)) {
        throw failure;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new PeersException(ErrorCode.CLOSED, "this gateway was closed", e);
    }
  }

  /** With each heartbeat the session tells where it works; another branch is another summary. */
  private Registration watched(Registration now) {
    PeerSession own = session();
    if (own != null && !superseded && !gateway.owners().isOwner(own.id(), this)) {
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
    PeerSession own = session();
    if (gateway.summaries() != null && own != null) {
      gateway.summaries().request(new Described(own.id()));
    }
  }

  /** This session, as summaries of it are made: not where the agent wrote one itself. */
  private final class Described implements SummaryScheduler.Subject {
    private final PeerId id;

    Described(PeerId id) {
      this.id = id;
    }

    @Override
    public Optional<Workspace> workspace() {
      boolean manual =
          gateway
              .broker()
              .find(id)
              .map(Peer::summary)
              .filter(summary -> summary.source() == Summary.Source.MANUAL)
              .isPresent();
      return hasEnded() || manual ? Optional.empty() : Optional.ofNullable(workspace);
    }

    @Override
    public void describe(String text) {
      if (!hasEnded()) {
        gateway.broker().setSummary(id, text, Summary.Source.AUTOMATIC);
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

  private static boolean isBlank(byte[] line) {
    for (byte b : line) {
      if (b != ' ' && b != '\t' && b != '\r') {
        return false;
      }
    }
    return true;
  }
}
