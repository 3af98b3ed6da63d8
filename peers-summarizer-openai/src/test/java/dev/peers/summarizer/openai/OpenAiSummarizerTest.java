package dev.peers.summarizer.openai;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import dev.peers.ErrorCode;
import dev.peers.PeersException;
import dev.peers.Workspace;
import dev.peers.spi.Providers;
import dev.peers.spi.SummarizerProvider;
import dev.peers.spi.WorkContext;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Against a server of the test's on the loopback. */
class OpenAiSummarizerTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String KEY = "sk-test-0123456789";
  private static final Duration PATIENT = Duration.ofSeconds(30);
  private static final WorkContext CONTEXT =
      new WorkContext(
          new Workspace("/home/ada/code/eel/src", "/home/ada/code/eel", null, "lexer"),
          List.of("Tokenise strings", "Begin"),
          List.of("src/Lexer.java"),
          List.of("pom.xml", "src/Token.java"),
          List.of("Maven", "Java"));

  /** What the server was asked, guarded by itself. */
  private final List<Asked> asked = Collections.synchronizedList(new ArrayList<>());

  private final CountDownLatch over = new CountDownLatch(1);
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private HttpServer server;
  private HttpHandler handler;

  private record Asked(String method, String path, String authorization, JsonNode body) {}

  @BeforeEach
  void startServer() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext(
        "/",
        exchange -> {
          asked.add(
              new Asked(
                  exchange.getRequestMethod(),
                  exchange.getRequestURI().toString(),
                  exchange.getRequestHeaders().getFirst("Authorization"),
                  JSON.readTree(exchange.getRequestBody())));
          handler.handle(exchange);
          exchange.close();
        });
    server.start();
  }

  @AfterEach
  void stopServer() {
    over.countDown();
    server.stop(0);
    threads.shutdownNow();
  }

  @Test
  void answersWithTheModelsSentencesOnOneLine() {
    handler = answering(200, content("Ada  teaches the\nlexer of eel\u202e strings.\u0007 "));

    assertThat(ask(PATIENT)).isEqualTo("Ada teaches the lexer of eel strings.");
    assertThat(asked).hasSize(1);
    assertThat(asked.get(0).method()).isEqualTo("POST");
    assertThat(asked.get(0).path()).isEqualTo("/v1/chat/completions");
    assertThat(asked.get(0).authorization()).isEqualTo("Bearer " + KEY);
  }

  @Test
  void sendsTheContextAndNothingElse() throws IOException {
    handler = answering(200, content("Fine."));

    ask(PATIENT);

    JsonNode body = asked.get(0).body();
    assertThat(body.fieldNames())
        .toIterable()
        .containsExactlyInAnyOrder("model", "max_completion_tokens", "messages");
    assertThat(body.get("model").asText()).isEqualTo("gpt-5.4-nano");
    assertThat(body.get("messages")).hasSize(2);
    assertThat(body.at("/messages/0/role").asText()).isEqualTo("system");
    assertThat(body.at("/messages/1/role").asText()).isEqualTo("user");
    assertThat(JSON.readTree(body.at("/messages/1/content").asText()))
        .isEqualTo(
            JSON.readTree(
                """
                {"project":"eel","branch":"lexer","project_types":["Maven","Java"],
                 "recent_commits":["Tokenise strings","Begin"],
                 "modified_files":["src/Lexer.java"],
                 "recently_committed_files":["pom.xml","src/Token.java"]}
                """));
    assertThat(body.toString()).doesNotContain("/home", "ada", KEY);
  }

  @Test
  void asksTheModelThatIsSet() {
    handler = answering(200, content("Fine."));
    Map<String, String> settings = settings();
    settings.put("CLAUDE_PEERS_SUMMARY_MODEL", " other-model ");
    settings.put("OPENAI_BASE_URL", settings.get("OPENAI_BASE_URL") + "/");

    try (OpenAiSummarizer summarizer = OpenAiSummarizerProvider.create(settings, PATIENT)) {
      assertThat(summarizer.summarize(CONTEXT)).contains("Fine.");
    }
    assertThat(asked.get(0).body().get("model").asText()).isEqualTo("other-model");
    assertThat(asked.get(0).path()).isEqualTo("/v1/chat/completions");
  }

  @Test
  void cutsAnAnswerThatIsTooLong() {
    handler = answering(200, content("x" + "\uD83D\uDC07".repeat(1000)));

    String text = ask(PATIENT);

    assertThat(text).hasSizeBetween(398, 400).endsWith("\uD83D\uDC07…");
  }

  @Test
  void failsWhereTheServerRefuses() {
    handler = answering(429, "{\"error\":{\"message\":\"slow down, " + KEY + "\"}}");
    assertThat(failure(PATIENT))
        .isEqualTo("the model wrote no summary: it answered with status 429");
    assertThat(asked).as("once, and not again").hasSize(1);
    handler = answering(401, "no");
    assertThat(failure(PATIENT)).endsWith("status 401");
    handler = answering(500, "");
    assertThat(failure(PATIENT)).endsWith("status 500");
  }

  @Test
  void failsAtAnAnswerThatIsNone() {
    for (String garbage :
        List.of(
            "<html>",
            "",
            "[]",
            "{}",
            "{\"choices\":[]}",
            content(" \n "),
            content("x").replace("\"x\"", "7"))) {
      handler = answering(200, garbage);
      assertThat(failure(PATIENT)).as(garbage).startsWith("the model wrote no summary: its answer");
    }
    handler = answering(200, content("x".repeat(70_000)));
    assertThat(failure(PATIENT)).endsWith("its answer is longer than 65536 bytes");
  }

  @Test
  void takesTheKeyToNoOtherAddress() {
    handler =
        exchange -> {
          exchange.getResponseHeaders().set("Location", "/elsewhere");
          exchange.sendResponseHeaders(307, -1);
        };

    assertThat(failure(PATIENT)).endsWith("status 307");
    assertThat(asked).hasSize(1);
  }

  @Test
  void givesUpWhenTheTimeIsOver() {
    handler =
        exchange -> {
          // A byte now and then keeps any limit on single reads from ending it.
          exchange.sendResponseHeaders(200, 0);
          exchange.getResponseBody().write(' ');
          exchange.getResponseBody().flush();
          awaitEnd();
        };

    long start = System.nanoTime();
    failure(Duration.ofMillis(300));

    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(4));
  }

  @Test
  void failsWhereNobodyAnswers() throws IOException {
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    Map<String, String> settings = settings();
    settings.put("OPENAI_BASE_URL", "http://127.0.0.1:" + port);
    assertThat(failure(settings, PATIENT)).startsWith("the model wrote no summary: ");
  }

  @Test
  void isThereWithAKeyAndRefusesWhatCannotBeUsed() {
    SummarizerProvider provider = Providers.of(SummarizerProvider.class).named("openai");
    assertThat(provider.available(settings())).isTrue();
    assertThat(provider.available(Map.of())).isFalse();
    assertThat(provider.available(Map.of("OPENAI_API_KEY", " "))).isFalse();

    Map<String, String> settings = settings();
    settings.put("OPENAI_BASE_URL", "ftp://user:secret@x");
    assertThat(failure(settings, PATIENT)).contains("OPENAI_BASE_URL").doesNotContain("secret");
    settings = settings();
    settings.put("OPENAI_API_KEY", "sk-\nsecret");
    assertThat(failure(settings, PATIENT)).contains("OPENAI_API_KEY").doesNotContain("secret");
  }

  private String ask(Duration limit) {
    try (OpenAiSummarizer summarizer = OpenAiSummarizerProvider.create(settings(), limit)) {
      return summarizer.summarize(CONTEXT).orElseThrow();
    }
  }

  private String failure(Duration limit) {
    return failure(settings(), limit);
  }

  private static String failure(Map<String, String> settings, Duration limit) {
    PeersException e =
        catchThrowableOfType(
            PeersException.class,
            () -> {
              try (OpenAiSummarizer summarizer = OpenAiSummarizerProvider.create(settings, limit)) {
                summarizer.summarize(CONTEXT);
              }
            });
    assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE);
    for (Throwable each = e; each != null; each = each.getCause()) {
      assertThat(each.toString()).doesNotContain(KEY);
    }
    return e.getMessage();
  }

  private Map<String, String> settings() {
    Map<String, String> settings = new HashMap<>();
    settings.put("OPENAI_API_KEY", KEY);
    settings.put("OPENAI_BASE_URL", "http://127.0.0.1:" + server.getAddress().getPort() + "/v1");
    return settings;
  }

  private static HttpHandler answering(int status, String body) {
    return exchange -> send(exchange, status, body);
  }

  private static void send(HttpExchange exchange, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(UTF_8);
    exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  private static String content(String text) {
    return "{\"choices\":[{\"message\":{\"role\":\"assistant\",\"content\":"
        + JSON.getNodeFactory().textNode(text)
        + "}}]}";
  }

  private void awaitEnd() {
    try {
      over.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
