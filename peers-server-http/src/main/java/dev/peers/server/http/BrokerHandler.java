package dev.peers.server.http;

import dev.peers.ErrorCode;
import dev.peers.PeerId;
import dev.peers.PeersException;
import dev.peers.transport.http.wire.JsonFields;
import dev.peers.transport.http.wire.WireCodec;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/**
 * Takes each request through what its {@link Endpoint} demands: found, admitted, read, let act as a
 * peer, answered. Bad input never ends in a 500, and every request ends, whatever is thrown.
 */
final class BrokerHandler extends Handler.Abstract {
  private static final System.Logger LOG = System.getLogger(BrokerHandler.class.getName());

  private final Map<String, Endpoint> endpoints;
  private final AccessFilter gatekeeper;
  private final ConnectionGuard guard;
  private final RequestCount underWay;
  private final ByteBudget bodies;
  private final Executor workers;
  private final ScheduledExecutorService timer;

  /**
   * Makes one.
   *
   * @param endpoints no two of one path
   * @param bodies what all bodies together may hold while they are read
   * @param workers for what follows an answer
   * @param timer for limits of time
   */
  BrokerHandler(
      Stream<Endpoint> endpoints,
      AccessFilter gatekeeper,
      ConnectionGuard guard,
      RequestCount underWay,
      ByteBudget bodies,
      Executor workers,
      ScheduledExecutorService timer) {
    this.endpoints =
        endpoints.collect(Collectors.toUnmodifiableMap(Endpoint::path, Function.identity()));
    this.gatekeeper = gatekeeper;
    this.guard = guard;
    this.underWay = underWay;
    this.bodies = bodies;
    this.workers = workers;
    this.timer = timer;
  }

  /** Takes every request there is; nothing comes behind this handler. */
  @Override
  public boolean handle(Request request, Response response, Callback done) {
    Connection connection = request.getConnectionMetaData().getConnection();
    // The guard is told of the end whatever happens, also by Jetty's own limits.
    guard.begin(connection);
    Request.addCompletionListener(request, failure -> guard.end(connection));
    // As it was sent: a path that means another one, in whatever way, is not there.
    Endpoint endpoint = endpoints.get(String.valueOf(request.getHttpURI().getPath()));
    Exchange exchange =
        new Exchange(request, response, endpoint, underWay.begin(), done, workers, timer);
    attempt(exchange, () -> admitted(exchange, endpoint));
    return true;
  }

  /** Looks at the head alone. Nothing of the body is read for a stranger. */
  private void admitted(Exchange exchange, @Nullable Endpoint endpoint) {
    if (endpoint == null) {
      throw new HttpError(404, ErrorCode.INVALID_ARGUMENT, "there is no such path here");
    }
    Request request = exchange.request();
    String method = endpoint.method().name();
    if (!request.getMethod().equals(method)) {
      exchange.response().getHeaders().put(HttpHeader.ALLOW, method);
      throw new HttpError(405, ErrorCode.INVALID_ARGUMENT, "this path takes " + method + " only");
    }
    gatekeeper.admit(request, exchange.response(), endpoint.access());
    // A connection that only asks for health is a stranger's still.
    if (endpoint.access() != Access.OPEN) {
      guard.admit(request.getConnectionMetaData().getConnection());
    }
    switch (endpoint.method()) {
      case GET -> act(exchange, endpoint, query(request, endpoint));
      case POST -> {
        AccessFilter.requireJson(request);
        exchange
            .body()
            .read(
                bodies,
                body ->
                    attempt(exchange, () -> act(exchange, endpoint, WireCodec.readObject(body))),
                failure -> attempt(exchange, () -> rethrow(failure)));
      }
    }
  }

  /** Checks the key, does what was asked for, and sends what comes of it when that is there. */
  private void act(Exchange exchange, Endpoint endpoint, JsonFields body) {
    PeerId actor = endpoint.access().actor(body);
    if (actor != null) {
      gatekeeper.requireKey(exchange.request(), actor);
    }
    var unused =
        endpoint
            .action()
            .apply(new Call(body, actor, exchange.request()))
            .whenComplete(
                (reply, failure) ->
                    attempt(
                        exchange,
                        () -> {
                          if (failure != null) {
                            throw cause(failure);
                          }
                          reply.send(exchange);
                        }));
  }

  /** The one parameter that there is, as if it were a field. */
  private static JsonFields query(Request request, Endpoint endpoint) {
    String id;
    try {
      id = Request.extractQueryParameters(request).getValue("id");
    } catch (RuntimeException e) {
      // Percent signs that are none, or bytes that are no text.
      id = null;
    }
    if (id == null && endpoint.access() == Access.PEER) {
      throw new HttpError(
          400,
          ErrorCode.INVALID_ARGUMENT,
          "say for which peer, as in " + endpoint.path() + "?id=eel-k3f9");
    }
    return new JsonFields(WireCodec.object().put("id", id));
  }

  /** What went wrong on another thread, as if it had on this one. */
  private static RuntimeException cause(Throwable failure) {
    Throwable cause = failure instanceof CompletionException wrapped ? wrapped.getCause() : failure;
    return cause instanceof RuntimeException known ? known : new IllegalStateException(cause);
  }

  /** Either the client is to blame, which it is told, or its connection is gone. */
  private static void rethrow(Throwable failure) {
    if (failure instanceof HttpError refusal) {
      throw refusal;
    }
    throw new ConnectionBroken(failure);
  }

  /** Does something for an exchange, which ends whatever comes of it. */
  private static void attempt(Exchange exchange, Runnable action) {
    try {
      attemptToAnswer(exchange, action);
    } catch (RuntimeException | Error e) {
      LOG.log(System.Logger.Level.ERROR, "a request to " + exchange.path() + " has no answer", e);
      exchange.fail(e);
      Exhaustion.report(e);
    }
  }

  /** Does something for an exchange; what it throws becomes an answer. */
  private static void attemptToAnswer(Exchange exchange, Runnable action) {
    try {
      action.run();
    } catch (HttpError e) {
      exchange.refuse(e);
    } catch (PeersException e) {
      exchange.refuse(e);
    } catch (ConnectionBroken e) {
      exchange.fail(e.reason);
    } catch (RuntimeException e) {
      exchange.refuse(e);
    }
  }

  /** The client went away while it was sending, so there is no one to answer. */
  private static final class ConnectionBroken extends RuntimeException {
    private static final long serialVersionUID = 1L;

    final Throwable reason;

    ConnectionBroken(Throwable reason) {
      super(null, reason, false, false);
      this.reason = reason;
    }
  }
}
