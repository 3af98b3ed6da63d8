package dev.peers.transport.http;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peers.ErrorCode;
import dev.peers.PeersException;
import dev.peers.spi.ClientConfig;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import okhttp3.Call;
import okhttp3.ConnectionSpec;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okio.BufferedSource;
import org.jspecify.annotations.Nullable;

/** Requests and answers of the client: credentials, time limits, refusals turned to exceptions. */
final class HttpCalls implements AutoCloseable {
  private static final MediaType JSON = Objects.requireNonNull(MediaType.parse("application/json"));

  /** Far more than the longest history; what a hostile server sends beyond it is not kept. */
  private static final long MAX_ANSWER = 128 << 20;

  private final URI address;
  private final @Nullable String token;
  private final OkHttpClient client;
  private volatile boolean closed;

  HttpCalls(ClientConfig config) {
    this.address = HttpAddress.check(config.address());
    this.token = config.token();
    OkHttpClient.Builder builder =
        new OkHttpClient.Builder()
            .connectTimeout(Duration.ofSeconds(5))
            .readTimeout(Duration.ofSeconds(30))
            .writeTimeout(Duration.ofSeconds(10))
            .followRedirects(false);
    if ("http".equalsIgnoreCase(address.getScheme())) {
      // Says that no TLS will be needed, which spares its set-up: 280 ms to the first answer.
      builder.connectionSpecs(List.of(ConnectionSpec.CLEARTEXT));
    }
    this.client = builder.build();
  }

  URI address() {
    return address;
  }

  JsonNode get(String path) {
    return execute(request(path, null).build());
  }

  JsonNode post(String path, @Nullable String key, JsonNode body) {
    return execute(
        request(path, key).post(RequestBody.create(WireCodec.write(body), JSON)).build());
  }

  /** Starts a stream that has no end of its own; the caller executes, reads and cancels it. */
  Call stream(String path, @Nullable String key, String last) {
    Request.Builder request = request(path, key);
    if (!last.isEmpty()) {
      request.header("Last-Event-ID", last);
    }
    // The server writes something every 15 s; silence beyond that is a dead connection.
    return client.newBuilder().readTimeout(Duration.ofSeconds(45)).build().newCall(request.build());
  }

  boolean isClosed() {
    return closed;
  }

  @Override
  public void close() {
    closed = true;
    client.dispatcher().cancelAll();
    client.dispatcher().executorService().shutdown();
    client.connectionPool().evictAll();
  }

  void requireOpen() {
    if (closed) {
      throw closed(null);
    }
  }

  private static PeersException closed(@Nullable IOException cause) {
    return new PeersException(ErrorCode.CLOSED, "this connection to a broker was closed", cause);
  }

  private Request.Builder request(String path, @Nullable String key) {
    requireOpen();
    Request.Builder request = new Request.Builder().url(address.resolve(path).toString());
    if (token != null) {
      request.header("Authorization", "Bearer " + token);
    }
    if (key != null) {
      request.header("Peers-Key", key);
    }
    return request;
  }

  private JsonNode execute(Request request) {
    int status;
    byte[] bytes;
    try (Response response = client.newCall(request).execute()) {
      status = response.code();
      BufferedSource body = response.body().source();
      if (body.request(MAX_ANSWER + 1)) {
        throw new IOException("its answer is longer than " + MAX_ANSWER + " bytes");
      }
      bytes = body.readByteArray();
    } catch (IOException e) {
      if (closed) {
        throw closed(e);
      }
      throw new PeersException(
          ErrorCode.UNAVAILABLE,
          "no broker answers at " + address + " (" + e.getMessage() + "); is one running there?",
          e);
    }
    JsonNode answer;
    try {
      answer = WireCodec.read(bytes);
    } catch (PeersException e) {
      throw new PeersException(
          ErrorCode.UNAVAILABLE,
          "what answers at "
              + address
              + " is not a Peers broker: it sent status "
              + status
              + " and no JSON",
          e);
    }
    JsonNode ok = answer.get("ok");
    if (status != 200 || (ok != null && !ok.asBoolean())) {
      String error = answer.path("error").asText();
      ErrorCode code =
          ErrorCode.fromWireName(answer.path("code").asText()).orElse(ErrorCode.UNAVAILABLE);
      throw refusal(
          // A broker that is just stopping; what is closed for good is this connection alone.
          code == ErrorCode.CLOSED ? ErrorCode.UNAVAILABLE : code,
          error.isBlank() ? "the broker answered with status " + status : error,
          answer.path("retry_after").asLong(0));
    }
    return answer;
  }

  private static PeersException refusal(ErrorCode code, String message, long retryAfter) {
    return retryAfter > 0
        ? PeersException.retryLater(code, message, Duration.ofSeconds(retryAfter))
        : new PeersException(code, message);
  }
}
