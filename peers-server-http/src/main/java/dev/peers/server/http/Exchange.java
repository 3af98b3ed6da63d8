package dev.peers.server.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.peers.ErrorCode;
import dev.peers.PeersException;
import dev.peers.transport.http.wire.WireCodec;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.PreEncodedHttpField;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/**
 * One request and where its answer goes. It is answered, refused or failed once, and the callback
 * that Jetty waits for is called after that, whatever came of it: an exchange that is forgotten
 * holds its connection, and has a server that stops wait for it.
 */
final class Exchange {
  private static final System.Logger LOG = System.getLogger(Exchange.class.getName());
  private static final HttpField JSON =
      new PreEncodedHttpField(HttpHeader.CONTENT_TYPE, "application/json");
  private static final HttpField NO_STORE =
      new PreEncodedHttpField(HttpHeader.CACHE_CONTROL, "no-store");

  private final Request request;
  private final Response response;
  private final RequestBody body;
  private final @Nullable Endpoint endpoint;
  private final Runnable uncount;
  private final Callback callback;
  private final Executor workers;

  /**
   * Begins one.
   *
   * @param endpoint null if there is none at the request's path
   * @param uncount has it counted no more; it does no harm twice
   * @param done what Jetty waits for
   * @param workers for what follows an answer
   * @param timer for limits of time
   */
  Exchange(
      Request request,
      Response response,
      @Nullable Endpoint endpoint,
      Runnable uncount,
      Callback done,
      Executor workers,
      ScheduledExecutorService timer) {
    this.request = request;
    this.response = response;
    this.endpoint = endpoint;
    this.uncount = uncount;
    this.callback = Callback.from(done, uncount);
    this.workers = workers;
    this.body = new RequestBody(request, timer);
  }

  Request request() {
    return request;
  }

  Response response() {
    return response;
  }

  RequestBody body() {
    return body;
  }

  /** To be called at the end of an answer that is written in another way than below. */
  Callback callback() {
    return callback;
  }

  /** Has it counted no more, since its answer does not end by itself. */
  void uncount() {
    uncount.run();
  }

  /** Answers with 200. */
  void answer(Reply.Json reply) {
    Runnable written = reply.written();
    Runnable end = reply.end();
    Callback atEnd = end == null ? callback : Callback.from(callback, end);
    Callback after =
        written == null
            ? atEnd
            : Callback.from(
                () -> {
                  atEnd.succeeded();
                  runLater(written);
                },
                atEnd::failed);
    write(response, 200, reply.body(), after);
  }

  /** Answers that what was asked for is not done. */
  void refuse(HttpError e) {
    ObjectNode json = WireCodec.refusal(e.code, e.reason);
    if (e.retryAfter > 0) {
      retryAfter(json, e.retryAfter);
    }
    refuse(e.status, json);
  }

  /** Answers what the broker refuses. */
  void refuse(PeersException e) {
    ObjectNode json = WireCodec.refusal(e.code(), e.getMessage());
    e.retryAfter()
        .ifPresent(wait -> retryAfter(json, Math.max(1, (wait.toMillis() + 999) / 1_000)));
    refuse(endpoint == null ? 500 : endpoint.status(e.code()), json);
  }

  /** Answers that the fault is the broker's own; what it is stands in its log alone. */
  void refuse(RuntimeException e) {
    LOG.log(System.Logger.Level.ERROR, "a request to " + path() + " failed", e);
    refuse(
        500,
        WireCodec.refusal(
            ErrorCode.INTERNAL, "the broker failed; its log file tells more. Please report this"));
  }

  /** Ends it without an answer, which could not be read, or for which there is no memory. */
  void fail(Throwable reason) {
    callback.failed(reason);
  }

  /** For the log. */
  String path() {
    return endpoint == null ? "a path that is not there" : endpoint.path();
  }

  private void retryAfter(ObjectNode json, long seconds) {
    json.put("retry_after", seconds);
    response.getHeaders().put(HttpHeader.RETRY_AFTER, seconds);
  }

  private void refuse(int status, ObjectNode json) {
    if (status == 401) {
      response.getHeaders().put(HttpHeader.WWW_AUTHENTICATE, "Bearer");
    }
    if ((status < 401 || status > 415) && status != 503) {
      write(response, status, json, callback);
      return;
    }
    // The body may not have been read: without this a client would use the connection again.
    response.getHeaders().put(HttpHeader.CONNECTION, "close");
    Callback drained = Callback.from(() -> body.drain(callback::succeeded), callback::failed);
    write(response, status, json, drained);
  }

  /** Writes an answer of JSON. */
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

  /** On a thread of its own turn: the caller is one of Jetty's in the midst of a connection. */
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
