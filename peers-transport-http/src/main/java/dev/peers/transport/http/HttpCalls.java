package dev.peers.transport.http;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peers.ErrorCode;
import dev.peers.PeersException;
import dev.peers.spi.BrokerEndpoint;
import dev.peers.spi.ClientConfig;
import dev.peers.transport.http.wire.PortOwner;
import dev.peers.transport.http.wire.Protocol;
import dev.peers.transport.http.wire.WireCodec;
import java.io.IOException;
import java.net.ConnectException;
import java.net.Proxy;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import javax.net.SocketFactory;
import okhttp3.Call;
import okhttp3.ConnectionPool;
import okhttp3.ConnectionSpec;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okio.BufferedSource;
import org.jspecify.annotations.Nullable;

/**
 * Requests and answers of the client: credentials, time limits, refusals turned to exceptions.
 * Where a broker does not answer any more it asks once where there is another.
 *
 * <p>A request is repeated only where the broker can have done nothing of it ({@link Unheard}): no
 * connection came about, it did not prove that it knows the token, or it did not accept the token.
 * Anything else may have been done, and whether to ask again is the caller's decision. Thread-safe.
 */
final class HttpCalls implements AutoCloseable {
  private static final MediaType JSON = Objects.requireNonNull(MediaType.parse("application/json"));

  /** Far more than the longest history; what a hostile server sends beyond it is not kept. */
  private static final long MAX_ANSWER = 128 << 20;

  private final Supplier<BrokerEndpoint> source;
  private final Object lock = new Object();

  // Written under lock, and read without it: a request goes on with the line it began with.
  private volatile Line line;

  private volatile boolean closed;

  /** What goes to one endpoint; its connections are all to who has proved to know its token. */
  private record Line(BrokerEndpoint endpoint, OkHttpClient client) {}

  HttpCalls(ClientConfig config) {
    this.source = config.endpoint();
    BrokerEndpoint endpoint = ask();
    this.line =
        line(
            endpoint,
            new OkHttpClient.Builder()
                .connectTimeout(Duration.ofSeconds(5))
                .readTimeout(Duration.ofSeconds(30))
                .writeTimeout(Duration.ofSeconds(10))
                // The token goes to the broker, and not to where an answer points.
                .followRedirects(false)
                .build());
  }

  /**
   * A client for one endpoint. Each has a pool of its own, since a connection that proved itself
   * for one token has proved nothing for the next. Over TLS the certificate says who the server is,
   * and there is no other proof; a proxy is used there alone, because it sees nothing of what
   * passes.
   */
  private static Line line(BrokerEndpoint endpoint, OkHttpClient any) {
    OkHttpClient.Builder builder = any.newBuilder().connectionPool(new ConnectionPool());
    if ("http".equalsIgnoreCase(endpoint.address().getScheme())) {
      // Says that no TLS will be needed, which spares its set-up: 280 ms to the first answer.
      builder.connectionSpecs(List.of(ConnectionSpec.CLEARTEXT)).proxy(Proxy.NO_PROXY);
      builder.socketFactory(new BrokerSocketFactory(endpoint));
    } else {
      builder.connectionSpecs(List.of(ConnectionSpec.MODERN_TLS)).proxy(null);
      builder.socketFactory(SocketFactory.getDefault());
    }
    return new Line(endpoint, builder.build());
  }

  /** Asks where the broker is. That may read files, so it is not done under the lock. */
  private BrokerEndpoint ask() {
    BrokerEndpoint endpoint = source.get();
    HttpAddress.check(endpoint.address());
    return endpoint;
  }

  URI address() {
    return line.endpoint.address();
  }

  JsonNode get(String path) {
    return execute(path, null, null);
  }

  JsonNode post(String path, @Nullable String key, JsonNode body) {
    return execute(path, key, RequestBody.create(WireCodec.write(body), JSON));
  }

  /** Starts a stream that has no end of its own; the caller executes, reads and cancels it. */
  Call stream(String path, @Nullable String key, String last) {
    Line now = line;
    Request.Builder request = request(now, path, key);
    if (!last.isEmpty()) {
      request.header(Protocol.LAST_EVENT_HEADER, last);
    }
    return now.client
        .newBuilder()
        // Silence beyond that is a dead connection.
        .readTimeout(Duration.ofSeconds(3L * Protocol.PING_SECONDS))
        .build()
        .newCall(request.build());
  }

  /**
   * Asks where the broker is now, after one that did not answer.
   *
   * @throws PeersException if none runs: then nothing is to be sent anywhere
   */
  void relocate() {
    relocate(line);
  }

  /**
   * Replaces a line that failed. Of many threads that failed together the first one asks, and the
   * others find another line than theirs and go on with that.
   */
  private Line relocate(Line former) {
    synchronized (lock) {
      if (!line.equals(former)) {
        return line;
      }
    }
    BrokerEndpoint endpoint = ask();
    synchronized (lock) {
      if (line.equals(former) && !endpoint.equals(former.endpoint)) {
        // Requests that are under way keep their connections; idle ones are of no use any more.
        line = line(endpoint, former.client);
        former.client.connectionPool().evictAll();
      }
      return line;
    }
  }

  boolean isClosed() {
    return closed;
  }

  /** Ends what is under way at once: its callers get {@link ErrorCode#CLOSED}. */
  @Override
  public void close() {
    // First, so that the failures that follow are known to be its doing.
    closed = true;
    OkHttpClient client = line.client;
    client.dispatcher().cancelAll();
    client.dispatcher().executorService().shutdown();
    client.connectionPool().evictAll();
  }

  void requireOpen() {
    if (closed) {
      throw closed(null);
    }
  }

  /** This connection was closed by its own program, which no other attempt can change. */
  private static PeersException closed(@Nullable IOException cause) {
    return new PeersException(ErrorCode.CLOSED, "this connection to a broker was closed", cause);
  }

  /** With the credentials: this is the one place where they are put into a request. */
  private Request.Builder request(Line now, String path, @Nullable String key) {
    requireOpen();
    Request.Builder request =
        new Request.Builder().url(now.endpoint.address().resolve(path).toString());
    String token = now.endpoint.token();
    if (token != null) {
      request.header("Authorization", "Bearer " + token);
    }
    if (key != null) {
      request.header(Protocol.KEY_HEADER, key);
    }
    return request;
  }

  /** Asks, and asks once more elsewhere if the broker is not where it was, or has a new token. */
  private JsonNode execute(String path, @Nullable String key, @Nullable RequestBody body) {
    Line first = line;
    try {
      return exchange(first, path, key, body);
    } catch (Unheard e) {
      Line now;
      try {
        now = relocate(first);
      } catch (PeersException none) {
        e.addSuppressed(none);
        throw e;
      }
      if (now.equals(first)) {
        // Same place, same token: it would end in the same way.
        throw e;
      }
      return exchange(now, path, key, body);
    }
  }

  /**
   * One request and its answer. It is read whole within a size, then taken for a broker's only if
   * it is JSON; what a proxy in between made up is told apart from what a broker says.
   */
  private JsonNode exchange(
      Line now, String path, @Nullable String key, @Nullable RequestBody body) {
    URI address = now.endpoint.address();
    Request.Builder request = request(now, path, key);
    int status;
    byte[] bytes;
    try (Response response =
        now.client.newCall(body == null ? request.build() : request.post(body).build()).execute()) {
      status = response.code();
      BufferedSource source = response.body().source();
      // Looked at before it is read: what is longer is not kept.
      if (source.request(MAX_ANSWER + 1)) {
        throw new IOException("its answer is longer than " + MAX_ANSWER + " bytes");
      }
      bytes = source.readByteArray();
    } catch (IOException e) {
      if (closed) {
        throw closed(e);
      }
      throw unreachable(address, e);
    }
    JsonNode answer;
    try {
      answer = WireCodec.read(bytes);
    } catch (PeersException e) {
      String gateway = gatewayFailure(status, bytes);
      throw new PeersException(
          ErrorCode.UNAVAILABLE,
          whoAnswers(address)
              + (gateway == null
                  ? "is not a Peers broker: it sent status " + status + " and no JSON"
                  : gateway),
          e);
    }
    JsonNode ok = answer.get("ok");
    if (status != 200 || (ok != null && !ok.asBoolean())) {
      String error = answer.path("error").asText();
      String gateway = error.isBlank() ? gatewayFailure(status, bytes) : null;
      if (gateway != null) {
        throw new PeersException(ErrorCode.UNAVAILABLE, whoAnswers(address) + gateway);
      }
      ErrorCode code =
          ErrorCode.fromWireName(answer.path("code").asText()).orElse(ErrorCode.UNAVAILABLE);
      String message = error.isBlank() ? "the broker answered with status " + status : error;
      if (status == 401) {
        // The broker may have another token by now, which the endpoint's source knows.
        throw new Unheard(code, message, null);
      }
      throw refusal(
          // A broker that is just stopping; what is closed for good is this connection alone.
          code == ErrorCode.CLOSED ? ErrorCode.UNAVAILABLE : code,
          message,
          answer.path("retry_after").asLong(0));
    }
    return answer;
  }

  /**
   * What a status says that a proxy or a tunnel makes up when it finds no broker; null for others.
   * A broker that has no answer says so in JSON.
   */
  static @Nullable String gatewayFailure(int status, byte[] body) {
    if (status != 502 && status != 503 && status != 504) {
      return null;
    }
    try {
      if (WireCodec.read(body).has("ok")) {
        return null;
      }
    } catch (PeersException e) {
      // A page for people, or nothing.
    }
    return "is a proxy or a tunnel, and it cannot reach the broker behind it (status "
        + status
        + "): look whether the broker runs there, and at which port";
  }

  /**
   * What a failed connection means. Only where it was refused or not proven has certainly nothing
   * been done; a time that ran out, or a connection that broke, leaves it open.
   */
  private static PeersException unreachable(URI address, IOException e) {
    UnprovenBrokerException unproven = unproven(e);
    if (unproven != null) {
      return new Unheard(unproven.code(), whoAnswers(address) + unproven.getMessage(), e);
    }
    String message =
        "no broker answers at " + address + " (" + e.getMessage() + "); is one running there?";
    return e instanceof ConnectException
        ? new Unheard(ErrorCode.UNAVAILABLE, message, e)
        : new PeersException(ErrorCode.UNAVAILABLE, message, e);
  }

  /** Of several addresses that a name has the first failure is thrown, and has the others. */
  private static @Nullable UnprovenBrokerException unproven(Throwable e) {
    if (e instanceof UnprovenBrokerException found) {
      return found;
    }
    for (Throwable other : e.getSuppressed()) {
      if (other instanceof UnprovenBrokerException found) {
        return found;
      }
    }
    return null;
  }

  /** The beginning of a sentence, with the program that has the port if that can be found out. */
  private static String whoAnswers(URI address) {
    return "what answers at "
        + address
        + PortOwner.holder(address).map(owner -> ", " + owner + ",").orElse("")
        + " ";
  }

  /** The broker has done nothing of what it was asked for, or has not been asked at all. */
  private static final class Unheard extends PeersException {
    private static final long serialVersionUID = 1L;

    Unheard(ErrorCode code, String message, @Nullable Throwable cause) {
      super(code, message, cause);
    }
  }

  private static PeersException refusal(ErrorCode code, String message, long retryAfter) {
    return retryAfter > 0
        ? PeersException.retryLater(code, message, Duration.ofSeconds(retryAfter))
        : new PeersException(code, message);
  }
}
