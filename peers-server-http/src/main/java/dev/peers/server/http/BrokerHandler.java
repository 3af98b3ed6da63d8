package dev.peers.server.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.peers.Broker;
import dev.peers.ErrorCode;
import dev.peers.PeerId;
import dev.peers.PeersException;
import dev.peers.Position;
import dev.peers.server.http.BrokerEndpoints.Reply;
import dev.peers.transport.http.wire.JsonFields;
import dev.peers.transport.http.wire.Protocol;
import dev.peers.transport.http.wire.WireCodec;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.PreEncodedHttpField;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** One request: admitted, read, routed, answered. Bad input never ends in a 500. */
final class BrokerHandler extends Handler.Abstract {
  private static final int MAX_STREAMS = 16;

  /** Fewer than there may be connections, so that requests find their way in. */
  private static final int MAX_ALL_STREAMS = 768;

  private static final long LOOK_MILLIS = 5;
  private static final HttpField JSON =
      new PreEncodedHttpField(HttpHeader.CONTENT_TYPE, "application/json");
  private static final HttpField NO_STORE =
      new PreEncodedHttpField(HttpHeader.CACHE_CONTROL, "no-store");
  private static final System.Logger LOG = System.getLogger(BrokerHandler.class.getName());

  /** Routes that answer a refusal of the broker as the original does, with 200 and ok: false. */
  private static final Set<String> OK_FALSE =
      Set.of("/heartbeat", "/set-summary", "/send-message", "/ack-messages", "/unregister");

  /** What a path does; where it must wait it may answer later, on another thread. */
  private interface Route {
    CompletionStage<Reply> apply(JsonFields body, Caller caller);

    static Route atOnce(BiFunction<JsonFields, Caller, Reply> action) {
      return (body, caller) -> CompletableFuture.completedStage(action.apply(body, caller));
    }

    static Route withoutKey(Function<JsonFields, Reply> action) {
      return atOnce((body, caller) -> action.apply(body));
    }
  }

  /** A body costs three times its bytes while it is read, and its tree after that. */
  private static final int BODIES_PART = 16;

  private final Broker broker;
  private final ByteBudget bodies;
  private final AnswerRoom room;
  private final AccessFilter gatekeeper;
  private final ConnectionGuard guard;
  private final BrokerEndpoints routes;
  private final Map<String, Route> posts;
  private final Runnable onShutdown;
  private final Executor workers;
  private final ScheduledExecutorService timer;
  private final Map<PeerId, Integer> streams = new ConcurrentHashMap<>();
  private final AtomicInteger allStreams = new AtomicInteger();
  // Event streams, which never end by themselves, are not counted.
  private final AtomicInteger underWay = new AtomicInteger();

  BrokerHandler(
      Broker broker,
      PeerKeys keys,
      AccessFilter gatekeeper,
      ConnectionGuard guard,
      Runnable onShutdown,
      Executor workers,
      ScheduledExecutorService timer,
      long heap) {
    this.broker = broker;
    this.gatekeeper = gatekeeper;
    this.guard = guard;
    this.bodies = new ByteBudget(heap / BODIES_PART);
    this.room = new AnswerRoom(heap);
    this.routes = new BrokerEndpoints(broker, keys, () -> underWay.get() == 1, room);
    this.onShutdown = onShutdown;
    this.workers = workers;
    this.timer = timer;
    this.posts =
        Map.ofEntries(
            Map.entry("/register", Route.withoutKey(routes::register)),
            Map.entry("/heartbeat", Route.atOnce(routes::heartbeat)),
            Map.entry("/add-key", Route.atOnce(routes::addKey)),
            Map.entry("/set-summary", Route.atOnce(routes::setSummary)),
            Map.entry("/list-peers", Route.withoutKey(routes::listPeers)),
            Map.entry("/send-message", routes::sendMessage),
            Map.entry("/poll-messages", Route.atOnce(routes::pollMessages)),
            Map.entry("/ack-messages", Route.atOnce(routes::ackMessages)),
            Map.entry("/message-status", Route.withoutKey(routes::messageStatus)),
            Map.entry("/history", Route.atOnce(routes::history)),
            Map.entry("/unregister", Route.atOnce(routes::unregister)),
            Map.entry("/forget-peer", Route.atOnce(routes::forgetPeer)));
  }

  @Override
  public boolean handle(Request request, Response response, Callback done) {
    Connection connection = request.getConnectionMetaData().getConnection();
    guard.begin(connection);
    Request.addCompletionListener(request, failure -> guard.end(connection));
    // As it was sent: a path that means another one, in whatever way, is not there.
    String path = String.valueOf(request.getHttpURI().getPath());
    Exchange exchange =
        new Exchange(request, response, path, path.equals("/events") ? done : counted(done));
    attempt(exchange, () -> admitted(exchange));
    return true;
  }

  /** One request and where its answer goes. */
  private record Exchange(Request request, Response response, String path, Callback callback) {}

  private void admitted(Exchange exchange) {
    Request request = exchange.request;
    switch (exchange.path) {
      case "/health" -> {
        requireMethod(exchange, "GET");
        gatekeeper.admit(request, true);
        gatekeeper.prove(request, exchange.response);
        answer(exchange, 200, routes.health());
      }
      case "/events" -> {
        requireMethod(exchange, "GET");
        admit(request);
        events(exchange);
      }
      case "/shutdown" -> {
        requireMethod(exchange, "POST");
        admit(request);
        AccessFilter.requireJson(request);
        answer(exchange, 200, new Reply(BrokerEndpoints.ok().body(), onShutdown, null));
      }
      default -> {
        Route route = posts.get(exchange.path);
        if (route == null) {
          throw new HttpError(404, ErrorCode.INVALID_ARGUMENT, "there is no such path here");
        }
        requireMethod(exchange, "POST");
        admit(request);
        AccessFilter.requireJson(request);
        RequestBody.read(
            request,
            timer,
            bodies,
            body -> attempt(exchange, () -> route(exchange, route, body)),
            failure -> attempt(exchange, () -> rethrow(failure)));
      }
    }
  }

  private void admit(Request request) {
    gatekeeper.admit(request, false);
    guard.admit(request.getConnectionMetaData().getConnection());
  }

  private void route(Exchange exchange, Route route, byte[] body) {
    JsonFields fields = WireCodec.readObject(body);
    var unused =
        route
            .apply(fields, caller(exchange.request))
            .whenComplete(
                (reply, failure) ->
                    attempt(
                        exchange,
                        () -> {
                          if (failure != null) {
                            throw cause(failure);
                          }
                          answer(exchange, 200, reply);
                        }));
  }

  private Caller caller(Request request) {
    return new Caller() {
      @Override
      public void requireKey(PeerId id) {
        gatekeeper.requireKey(request, id);
      }

      @Override
      public boolean hasHungUp() {
        return WatchedEndPoint.hasHungUp(request);
      }
    };
  }

  /** What went wrong on another thread, as if it had on this one. */
  private static RuntimeException cause(Throwable failure) {
    Throwable cause = failure instanceof CompletionException wrapped ? wrapped.getCause() : failure;
    return cause instanceof RuntimeException known ? known : new IllegalStateException(cause);
  }

  private static void rethrow(Throwable failure) {
    if (failure instanceof HttpError refusal) {
      throw refusal;
    }
    throw new ConnectionBroken(failure);
  }

  /** Does something for an exchange, which ends whatever comes of it. */
  private void attempt(Exchange exchange, Runnable action) {
    try {
      attemptToAnswer(exchange, action);
    } catch (RuntimeException | Error e) {
      LOG.log(System.Logger.Level.ERROR, "a request to " + exchange.path + " has no answer", e);
      exchange.callback.failed(e);
      Exhaustion.report(e);
    }
  }

  /** Does something for an exchange; what it throws becomes an answer. */
  private void attemptToAnswer(Exchange exchange, Runnable action) {
    try {
      action.run();
    } catch (HttpError e) {
      ObjectNode body = WireCodec.refusal(e.code, e.reason);
      if (e.retryAfter > 0) {
        retryAfter(exchange, body, e.retryAfter);
      }
      refuse(exchange, e.status, body);
    } catch (PeersException e) {
      refuse(exchange, e);
    } catch (ConnectionBroken e) {
      // There is nobody to answer.
      exchange.callback.failed(e.getCause());
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.ERROR, "a request to " + exchange.path + " failed", e);
      refuse(
          exchange,
          500,
          WireCodec.refusal(
              ErrorCode.INTERNAL,
              "the broker failed; its log file tells more. Please report this"));
    }
  }

  /** Waits until no request is under way, for a limited time. */
  void awaitIdle(long millis) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    // Looked at now and then rather than signalled: this happens once, requests all the time.
    while (underWay.get() > 0 && System.nanoTime() - end < 0) {
      Thread.sleep(LOOK_MILLIS);
    }
  }

  private Callback counted(Callback callback) {
    underWay.incrementAndGet();
    return Callback.from(callback, underWay::decrementAndGet);
  }

  private void events(Exchange exchange) {
    String id;
    try {
      id = Request.extractQueryParameters(exchange.request).getValue("id");
    } catch (RuntimeException e) {
      // Percent signs that are none, or bytes that are no text.
      id = null;
    }
    if (id == null) {
      throw new HttpError(
          400, ErrorCode.INVALID_ARGUMENT, "say whose events, as in /events?id=eel-k3f9");
    }
    PeerId peer = new PeerId(id);
    gatekeeper.requireKey(exchange.request, peer);
    String last = exchange.request.getHeaders().get(Protocol.LAST_EVENT_HEADER);
    Position after;
    try {
      after = last == null || last.isBlank() ? Position.START : Position.parse(last);
    } catch (PeersException e) {
      throw new HttpError(
          400,
          ErrorCode.INVALID_ARGUMENT,
          "the header Last-Event-ID must be the id of an earlier event, or a message's number");
    }
    broker.heartbeat(peer);
    if (allStreams.incrementAndGet() > MAX_ALL_STREAMS) {
      allStreams.decrementAndGet();
      throw PeersException.retryLater(
          ErrorCode.RATE_LIMITED,
          "there are " + MAX_ALL_STREAMS + " event streams already, the most a broker serves",
          Duration.ofSeconds(Protocol.PING_SECONDS));
    }
    if (streams.merge(peer, 1, Integer::sum) > MAX_STREAMS) {
      streamEnded(peer);
      throw PeersException.retryLater(
          ErrorCode.RATE_LIMITED,
          "peer '" + peer + "' has " + MAX_STREAMS + " event streams already; close one",
          Duration.ofSeconds(Protocol.PING_SECONDS));
    }
    Callback callback = Callback.from(exchange.callback, () -> streamEnded(peer));
    try {
      new EventStream(broker, peer, after, exchange.response, callback, timer, room).open();
    } catch (RuntimeException e) {
      // It never began: whoever tries again while the store is away must not use up the room.
      streamEnded(peer);
      throw e;
    }
  }

  private void streamEnded(PeerId peer) {
    allStreams.decrementAndGet();
    streams.computeIfPresent(peer, (id, count) -> count == 1 ? null : count - 1);
  }

  private static void requireMethod(Exchange exchange, String method) {
    if (!exchange.request.getMethod().equals(method)) {
      exchange.response.getHeaders().put(HttpHeader.ALLOW, method);
      throw new HttpError(405, ErrorCode.INVALID_ARGUMENT, "this path takes " + method + " only");
    }
  }

  private static int status(String path, ErrorCode code) {
    return switch (code) {
      case INVALID_ARGUMENT, AMBIGUOUS_PEER -> 400;
      case UNAUTHORIZED -> 401;
      case SUPERSEDED, PEER_IN_USE -> 409;
      case UNKNOWN_PEER, UNKNOWN_MESSAGE -> OK_FALSE.contains(path) ? 200 : 404;
      case MAILBOX_FULL, RATE_LIMITED, LOOP_DETECTED -> OK_FALSE.contains(path) ? 200 : 429;
      case UNAVAILABLE, CLOSED, STORE_FAILED -> 503;
      case PROVIDER_UNAVAILABLE, INTERNAL -> 500;
    };
  }

  private void refuse(Exchange exchange, PeersException e) {
    ObjectNode body = WireCodec.refusal(e.code(), e.getMessage());
    e.retryAfter()
        .ifPresent(
            wait -> {
              long seconds = Math.max(1, (wait.toMillis() + 999) / 1_000);
              retryAfter(exchange, body, seconds);
            });
    refuse(exchange, status(exchange.path, e.code()), body);
  }

  private static void retryAfter(Exchange exchange, ObjectNode body, long seconds) {
    body.put("retry_after", seconds);
    exchange.response.getHeaders().put(HttpHeader.RETRY_AFTER, seconds);
  }

  private void refuse(Exchange exchange, int status, ObjectNode body) {
    if (status == 401) {
      exchange.response.getHeaders().put(HttpHeader.WWW_AUTHENTICATE, "Bearer");
    }
    if ((status < 401 || status > 415) && status != 503) {
      write(exchange.response, status, body, exchange.callback);
      return;
    }
    // The body may not have been read: without this a client would use the connection again.
    exchange.response.getHeaders().put(HttpHeader.CONNECTION, "close");
    Callback drained =
        Callback.from(
            () -> RequestBody.drain(exchange.request, timer, exchange.callback::succeeded),
            exchange.callback::failed);
    write(exchange.response, status, body, drained);
  }

  private void answer(Exchange exchange, int status, Reply reply) {
    Runnable written = reply.written();
    Runnable end = reply.end();
    Callback callback = end == null ? exchange.callback : Callback.from(exchange.callback, end);
    // Who closed the connection before this will not read it, though it can be written.
    boolean there =
        written == null
            || exchange.path.equals("/shutdown")
            || !WatchedEndPoint.hasHungUp(exchange.request);
    Callback after =
        written != null && there
            ? Callback.from(
                () -> {
                  callback.succeeded();
                  runLater(written);
                },
                callback::failed)
            : callback;
    write(exchange.response, status, reply.body(), after);
  }

  static void write(Response response, int status, JsonNode body, Callback callback) {
    write(response, status, List.of(WireCodec.write(body)), callback);
  }

  private static void write(Response response, int status, List<byte[]> body, Callback callback) {
    int length = 0;
    for (byte[] part : body) {
      length += part.length;
    }
    response.setStatus(status);
    response.getHeaders().put(JSON);
    response.getHeaders().put(HttpHeader.CONTENT_LENGTH, length);
    response.getHeaders().put(NO_STORE);
    new BodyWriter(response, body, length, callback).iterate();
  }

  private void runLater(Runnable task) {
    try {
      workers.execute(
          () -> {
            try {
              task.run();
            } catch (RuntimeException e) {
              // Unproven deliveries are offered again when their lease ends.
              LOG.log(System.Logger.Level.WARNING, "work after an answer failed", e);
            }
          });
    } catch (RejectedExecutionException e) {
      LOG.log(System.Logger.Level.DEBUG, "the server is closing", e);
    }
  }

  /** The client went away while it was sending. */
  private static final class ConnectionBroken extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ConnectionBroken(Throwable cause) {
      super(null, cause, false, false);
    }
  }
}
