package dev.peers.summarizer.openai;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.peers.ErrorCode;
import dev.peers.PeersException;
import dev.peers.spi.Summarizer;
import dev.peers.spi.WorkContext;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import okhttp3.ConnectionSpec;
import okhttp3.HttpUrl;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okio.BufferedSource;
import org.jspecify.annotations.Nullable;

/**
 * Asks a chat-completions endpoint, once for each summary: what fails is not tried again, and a
 * redirect is not followed, so that the key goes nowhere else. Thread-safe.
 *
 * @see <a href="https://platform.openai.com/docs/api-reference/chat/create">Create chat
 *     completion</a>
 */
final class OpenAiSummarizer implements Summarizer {
  private static final int MAX_ANSWER = 64 * 1024;
  private static final int MAX_CHARS = 400;
  private static final MediaType JSON = Objects.requireNonNull(MediaType.parse("application/json"));
  private static final Pattern KEY = Pattern.compile("[!-~]+");
  private static final Pattern BLANKS =
      Pattern.compile(
          "[\\s\\p{Z}\\p{Cc}\\p{Cs}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
              + "\\x{E0000}-\\x{E007F}]+");

  private final HttpUrl url;
  private final String key;
  private final String model;
  private final Duration limit;
  private final ObjectMapper mapper = new ObjectMapper();
  private final Object lock = new Object();
  // Guarded by lock. Made when it is first needed: that costs more than the rest of a start.
  private @Nullable OkHttpClient client;
  private boolean closed;

  /**
   * Makes a summarizer that has not connected yet.
   *
   * @param limit how long one answer may take in all
   * @throws PeersException {@link ErrorCode#UNAVAILABLE} if key or address cannot be used
   */
  OpenAiSummarizer(String baseUrl, String key, String model, Duration limit) {
    HttpUrl base = HttpUrl.parse(baseUrl);
    if (base == null) {
      // Not repeated: an address may hold a password.
      throw unavailable(
          "OPENAI_BASE_URL is not an address such as https://localhost:8080/v1", null);
    }
    if (!KEY.matcher(key).matches()) {
      throw unavailable(
          "OPENAI_API_KEY is missing, or has characters that no key has; correct it", null);
    }
    this.url = base.newBuilder().addPathSegments("chat/completions").build();
    this.key = key;
    this.model = model;
    this.limit = limit;
  }

  @Override
  public Optional<String> summarize(WorkContext context) {
    Request request =
        new Request.Builder()
            .url(url)
            .header("Authorization", "Bearer " + key)
            .post(RequestBody.create(write(Question.about(context, model, mapper)), JSON))
            .build();
    return sentences(read(send(request)));
  }

  private byte[] send(Request request) {
    try (Response response = client().newCall(request).execute()) {
      if (response.code() != 200) {
        // What else it says may repeat the key.
        throw unavailable("it answered with status " + response.code(), null);
      }
      BufferedSource body = response.body().source();
      if (body.request(MAX_ANSWER + 1)) {
        throw unavailable("its answer is longer than " + MAX_ANSWER + " bytes", null);
      }
      return body.readByteArray();
    } catch (IOException e) {
      throw unavailable(String.valueOf(e.getMessage()), e);
    }
  }

  private JsonNode read(byte[] answer) {
    try {
      return mapper.readTree(answer);
    } catch (IOException e) {
      throw unavailable("its answer is not JSON", null);
    }
  }

  private byte[] write(JsonNode json) {
    try {
      return mapper.writeValueAsBytes(json);
    } catch (JsonProcessingException e) {
      throw unavailable("the question cannot be written: " + e.getOriginalMessage(), e);
    }
  }

  /** The answer's text on one line, of bounded length. */
  private Optional<String> sentences(JsonNode answer) {
    JsonNode content = answer.at("/choices/0/message/content");
    String text = BLANKS.matcher(content.asText("")).replaceAll(" ").strip();
    if (!content.isTextual() || text.isEmpty()) {
      throw unavailable("its answer has no text", null);
    }
    return Optional.of(text.length() <= MAX_CHARS ? text : cut(text));
  }

  private static String cut(String text) {
    int end = MAX_CHARS - 1;
    return text.substring(0, Character.isHighSurrogate(text.charAt(end - 1)) ? end - 1 : end) + "…";
  }

  private OkHttpClient client() {
    synchronized (lock) {
      if (closed) {
        throw unavailable("the summarizer was closed", null);
      }
      if (client == null) {
        OkHttpClient.Builder builder =
            new OkHttpClient.Builder()
                .callTimeout(limit)
                .followRedirects(false)
                .followSslRedirects(false)
                .retryOnConnectionFailure(false);
        if (!url.isHttps()) {
          builder.connectionSpecs(List.of(ConnectionSpec.CLEARTEXT));
        }
        client = builder.build();
      }
      return client;
    }
  }

  @Override
  public void close() {
    OkHttpClient open;
    synchronized (lock) {
      closed = true;
      open = client;
      client = null;
    }
    if (open != null) {
      open.dispatcher().cancelAll();
      open.dispatcher().executorService().shutdown();
      open.connectionPool().evictAll();
    }
  }

  private static PeersException unavailable(String reason, @Nullable Throwable cause) {
    return new PeersException(
        ErrorCode.UNAVAILABLE, "the model wrote no summary: " + reason, cause);
  }
}
