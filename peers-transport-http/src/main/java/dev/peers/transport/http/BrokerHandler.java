package dev.peers.transport.http;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peers.Broker;
import dev.peers.ErrorCode;
import dev.peers.PeerId;
import dev.peers.PeersException;
import dev.peers.transport.http.Routes.Reply;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** One request: admitted, read, routed, answered. Bad input never ends in a 500. */
final class BrokerHandler extends Handler.Abstract {
  static final int MAX_BODY = 256 * 1024;

  private static final System.Logger LOG = System.getLogger(BrokerHandler.class.getName());

  /** Routes that answer a refusal of the broker as the original does, with 200 and ok: false. */
  private static final Set<String> OK_FALSE =
      Set.of("/heartbeat", "/set-summary", "/send-message", "/ack-messages", "/unregister");

  private interface Route {
    Reply apply(JsonFields body, Consumer<PeerId> permit);
  }

  private final Broker broker;
  private final Gatekeeper gatekeeper;
  private final Routes routes;
  private final Map<String, Route> posts;
  private final Runnable onShutdown;
  private final Executor workers;
  private final ScheduledExecutorService timer;
  private final Object lock = new Object();
  // Guarded by lock; event streams, which never end by themselves, are not counted.
  private int underWay;

  BrokerHandler(
      Broker broker,
      PeerKeys keys,
      Gatekeeper gatekeeper,
      Runnable onShutdown,
      Executor workers,
      ScheduledExecutorService timer) {
    this.broker = broker;
    this.gatekeeper = gatekeeper;
    this.routes = new Routes(broker, keys);
    this.onShutdown = onShutdown;
    this.workers = workers;
    this.timer = timer;
    this.posts =
        Map.ofEntries(
            Map.entry("/register", (body, permit) -> routes.register(body)),
            Map.entry("/heartbeat", routes::heartbeat),
            Map.entry("/set-summary", routes::setSummary),
            Map.entry("/list-peers", (body, permit) -> routes.listPeers(body)),
            Map.entry("/send-message", routes::sendMessage),
            Map.entry("/poll-messages", routes::pollMessages),
            Map.entry("/ack-messages", routes::ackMessages),
            Map.entry("/message-status", (body, permit) -> routes.messageStatus(body)),
            Map.entry("/history", routes::history),
            Map.entry("/unregister", routes::unregister));
  }

  @Override
  public boolean handle(Request request, Response response, Callback done) {
    String path = Request.getPathInContext(request);
    Callback callback = path.equals("/events") ? done : counted(done);
    try {
      switch (path) {
        case "/health" -> {
          requireMethod(request, response, "GET");
          gatekeeper.admit(request, true);
          answer(response, 200, routes.health(), callback);
        }
        case "/events" -> {
          requireMethod(request, response, "GET");
          gatekeeper.admit(request, false);
          events(request, response, callback);
        }
        case "/shutdown" -> {
          requireMethod(request, response, "POST");
          gatekeeper.admit(request, false);
          Gatekeeper.requireJson(request);
          Reply bye = new Reply(Routes.ok().body(), onShutdown);
          answer(response, 200, bye, callback);
        }
        default -> {
          Route route = posts.get(path);
          if (route == null) {
            throw new Refusal(404, ErrorCode.INVALID_ARGUMENT, "there is no such path here");
          }
          requireMethod(request, response, "POST");
          gatekeeper.admit(request, false);
          Gatekeeper.requireJson(request);
          JsonFields body = WireCodec.readObject(body(request));
          Reply reply = route.apply(body, id -> gatekeeper.requireKey(request, id));
          answer(response, 200, reply, callback);
        }
      }
    } catch (Refusal e) {
      refuse(response, e.status, e.code, e.reason, callback);
    } catch (PeersException e) {
      refuse(response, status(path, e.code()), e.code(), e.getMessage(), callback);
    } catch (IOException e) {
      // The connection is broken; there is nobody to answer.
      callback.failed(e);
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.ERROR, "a request to " + path + " failed", e);
      refuse(
          response,
          500,
          ErrorCode.INTERNAL,
          "the broker failed; its log file tells more. Please report this",
          callback);
    }
    return true;
  }

  /** Waits until no request is under way, for a limited time. */
  void awaitIdle(long millis) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    synchronized (lock) {
      for (long left = millis; underWay > 0 && left > 0; ) {
        lock.wait(left);
        left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
      }
    }
  }

  private Callback counted(Callback callback) {
    synchronized (lock) {
      underWay++;
    }
    return Callback.from(
        callback,
        () -> {
          synchronized (lock) {
            underWay--;
            lock.notifyAll();
          }
        });
  }

  private void events(Request request, Response response, Callback callback) {
    String id;
    try {
      id = Request.extractQueryParameters(request).getValue("id");
    } catch (RuntimeException e) {
      // Percent signs that are none, or bytes that are no text.
      id = null;
    }
    if (id == null) {
      throw new Refusal(
          400, ErrorCode.INVALID_ARGUMENT, "say whose events, as in /events?id=eel-k3f9");
    }
    PeerId peer = new PeerId(id);
    gatekeeper.requireKey(request, peer);
    String last = request.getHeaders().get("Last-Event-ID");
    long after;
    try {
      after = last == null || last.isBlank() ? 0 : Long.parseLong(last.strip());
    } catch (NumberFormatException e) {
      throw new Refusal(
          400, ErrorCode.INVALID_ARGUMENT, "the header Last-Event-ID must be a message's number");
    }
    broker.heartbeat(peer);
    new EventStream(broker, peer, after, response, callback, timer).open();
  }

  private static void requireMethod(Request request, Response response, String method) {
    if (!request.getMethod().equals(method)) {
      response.getHeaders().put(HttpHeader.ALLOW, method);
      throw new Refusal(405, ErrorCode.INVALID_ARGUMENT, "this path takes " + method + " only");
    }
  }

  private static byte[] body(Request request) throws IOException {
    if (request.getLength() > MAX_BODY) {
      throw tooLarge();
    }
    try (InputStream in = Content.Source.asInputStream(request)) {
      byte[] body = in.readNBytes(MAX_BODY + 1);
      if (body.length > MAX_BODY) {
        throw tooLarge();
      }
      return body;
    }
  }

  private static Refusal tooLarge() {
    return new Refusal(
        413, ErrorCode.INVALID_ARGUMENT, "the body has more than " + MAX_BODY + " bytes");
  }

  private static int status(String path, ErrorCode code) {
    return switch (code) {
      case INVALID_ARGUMENT, AMBIGUOUS_PEER -> 400;
      case UNAUTHORIZED -> 401;
      case UNKNOWN_PEER, UNKNOWN_MESSAGE -> OK_FALSE.contains(path) ? 200 : 404;
      case MAILBOX_FULL, RATE_LIMITED -> OK_FALSE.contains(path) ? 200 : 429;
      case UNAVAILABLE, CLOSED, STORE_FAILED -> 503;
      case PROVIDER_UNAVAILABLE, INTERNAL -> 500;
    };
  }

  private void refuse(
      Response response, int status, ErrorCode code, String message, Callback callback) {
    if (status == 401) {
      response.getHeaders().put(HttpHeader.WWW_AUTHENTICATE, "Bearer");
    }
    if (status >= 401 && status <= 415) {
      // The body may not have been read: without this a client would use the connection again.
      response.getHeaders().put(HttpHeader.CONNECTION, "close");
    }
    answer(response, status, Reply.of(WireCodec.refusal(code, message)), callback);
  }

  private void answer(Response response, int status, Reply reply, Callback callback) {
    Runnable written = reply.written();
    Callback after =
        written == null
            ? callback
            : Callback.from(
                () -> {
                  callback.succeeded();
                  runLater(written);
                },
                callback::failed);
    write(response, status, reply.body(), after);
  }

  static void write(Response response, int status, JsonNode body, Callback callback) {
    byte[] bytes = WireCodec.write(body);
    response.setStatus(status);
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/json");
    response.getHeaders().put(HttpHeader.CONTENT_LENGTH, bytes.length);
    response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
    response.write(true, ByteBuffer.wrap(bytes), callback);
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
}
