package dev.peers.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.peers.cli.RawHttp.Answer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Requests that are too long, or made so that two parties read them differently. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HostileHttpIT {
  private static final String JSON = "Content-Type: application/json";
  private static final String CHUNKED = "Transfer-Encoding: chunked";
  private static final String LIST = "POST /list-peers";
  private static final String MACHINE = "{\"scope\":\"machine\"}";
  private static final int MAX_BODY = 256 * 1024;
  private static final int HUGE = 50_000_000;

  private final World world = new World().with("CLAUDE_PEERS_MAX_RATE", "0");
  private RunningBroker broker;

  @BeforeAll
  void begin() {
    broker = RunningBroker.start(world);
  }

  @AfterAll
  void end() {
    String log = broker.log();
    world.close();
    assertThat(log).doesNotContain("SEVERE", "Exception", "\tat ");
  }

  @Test
  void aHugeBodyIsRefusedSoThatItsSenderLearnsOfIt() {
    byte[] block = "x".repeat(1 << 16).getBytes(StandardCharsets.US_ASCII);
    byte[] chunk = ("10000\r\n" + "x".repeat(1 << 16) + "\r\n").getBytes(StandardCharsets.US_ASCII);
    for (int i = 0; i < 5; i++) {
      assertThat(whileSending(broker.head(LIST, JSON, "Content-Length: " + HUGE), block))
          .isEqualTo(413);
      assertThat(whileSending(broker.head(LIST, JSON, CHUNKED), chunk)).isEqualTo(413);
      assertThat(whileSending(broker.bare(LIST, JSON, "Content-Length: " + HUGE), block))
          .isEqualTo(401);
      assertThat(whileSending(broker.bare(LIST, JSON, CHUNKED), chunk)).isEqualTo(401);
    }
  }

  @Test
  void whoReadsOnlyWhenAllIsSentLearnsOfItToo() throws IOException {
    byte[] body = "x".repeat(2_000_000).getBytes(StandardCharsets.US_ASCII);
    for (int i = 0; i < 5; i++) {
      try (RawHttp http = broker.connect()) {
        http.say(broker.head(LIST, JSON, "Content-Length: " + body.length));
        http.write(body);
        assertThat(http.answer().status()).isEqualTo(413);
      }
    }
  }

  @Test
  void theLongestBodyIsOneOf256KiB() {
    String room = " ".repeat(MAX_BODY - MACHINE.length());
    assertThat(broker.post("/list-peers", MACHINE + room).status()).isEqualTo(200);
    assertThat(broker.post("/list-peers", MACHINE + room + " ").status()).isEqualTo(413);
  }

  @Test
  void aPackedBodyIsNotUnpacked() {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
      gzip.write(new byte[10_000_000]);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    for (String coding : List.of("gzip", "GZIP", "deflate", "br", "identity, gzip", "x")) {
      try (RawHttp http = broker.connect()) {
        http.say(
            broker.head(
                LIST, JSON, "Content-Encoding: " + coding, "Content-Length: " + packed.size()));
        Answer answer = http.answer();
        assertThat(answer.status()).as(coding).isEqualTo(415);
        assertThat(answer.code()).isEqualTo("invalid_argument");
      }
    }
    assertThat(broker.post("/list-peers", MACHINE, "Content-Encoding: identity").status())
        .isEqualTo(200);
  }

  @Test
  void aHugeHeadIsRefused() {
    String many = "X-A: b\r\n".repeat(3_000).strip();
    for (String request :
        List.of(
            broker.head("GET /health", "X-Long: " + "x".repeat(17_000)),
            broker.head("GET /health", "x".repeat(17_000) + ": 1"),
            broker.head("GET /health", many),
            broker.head("GET /health", "Cookie: " + "a=b; ".repeat(4_000)))) {
      assertThat(RawHttp.ask(broker.port(), request).status()).isEqualTo(431);
    }
    String path = "GET /health?" + "x".repeat(17_000);
    assertThat(RawHttp.ask(broker.port(), broker.head(path)).status()).isIn(414, 431);
    assertThat(
            RawHttp.ask(broker.port(), broker.head("GET /health", "X-Long: " + "x".repeat(10_000)))
                .status())
        .isEqualTo(200);
  }

  @Test
  void oneConnectionCarriesManyProperRequests() {
    // What the tests below find out shows only if a second answer would be seen.
    try (RawHttp http = broker.connect()) {
      http.say(broker.request("/list-peers", MACHINE) + broker.head("GET /health"));
      assertThat(http.answer().status()).isEqualTo(200);
      assertThat(http.answer().json().path("service").asText()).isEqualTo("claude-peers");
      http.say(broker.head(LIST, JSON, CHUNKED) + "13\r\n" + MACHINE + "\r\n0\r\n\r\n");
      assertThat(http.answer().status()).isEqualTo(200);
    }
  }

  @Test
  void aRequestWithTwoLengthsIsNotTwoRequests() {
    String length = "Content-Length: ";
    List<List<String>> all =
        List.of(
            List.of(CHUNKED, length + "5"),
            List.of(length + "5", CHUNKED),
            List.of(length + "5", "transfer-encoding:chunked"),
            List.of(length + "5", length + "6"),
            List.of(length + "0", length + "5"),
            List.of(length + "5, 6"),
            List.of(length + "+5"),
            List.of(length + "-5"),
            List.of(length + "0x5"),
            List.of(length + "5 5"),
            List.of(length + "99999999999999999999"),
            List.of("Content-Length : 5"),
            List.of("Content-Length\t: 5"),
            List.of("Transfer-Encoding : chunked"),
            List.of("Transfer-Encoding: xchunked"),
            List.of("Transfer-Encoding: chunked, identity"),
            List.of("Transfer-Encoding: chunked", "Transfer-Encoding: identity"),
            List.of("Transfer-Encoding: \u000bchunked"),
            List.of("Transfer-Encoding: gzip"));
    assertRefusedAlone(
        all.stream().map(each -> broker.head(LIST, headers(each)) + "0\r\n\r\n").toList());
  }

  @Test
  void anOddHeadIsRefused() {
    String proper = broker.head("GET /health");
    assertRefusedAlone(
        List.of(
            broker.head("GET /health", "X-A: b\r\n c"),
            broker.head("GET /health", " X-A: b"),
            broker.head("GET /health", "X-A: b\rX-B: c"),
            broker.head("GET /health", "X-A: \u0000"),
            broker.head("GET /health", "X A: b"),
            broker.head("GET /health", "X-A"),
            broker.head("GET /health", ": b"),
            proper.replace("\r\n", "\n"),
            proper.replace("\r\n", "\r"),
            "\u0016\u0003\u0001\u0000\u0005hello\r\n\r\n"));
  }

  @Test
  void anotherServersRequestIsRefused() {
    String host = "Host: 127.0.0.1:" + broker.port();
    assertRefused(
        List.of(
            "GET http://evil.example/health HTTP/1.1\r\n" + host + "\r\n\r\n",
            "GET http://evil.example:80/health HTTP/1.1\r\nHost: evil.example:80\r\n\r\n",
            "CONNECT evil.example:443 HTTP/1.1\r\n" + host + "\r\n\r\n",
            "OPTIONS * HTTP/1.1\r\n" + host + "\r\n\r\n",
            "TRACE /health HTTP/1.1\r\n" + host + "\r\n\r\n",
            "GET health HTTP/1.1\r\n" + host + "\r\n\r\n"));
  }

  @Test
  void oddChunksAreRefused() {
    List<String> all =
        List.of(
            "-1\r\nx\r\n0\r\n\r\n",
            "0x13\r\n" + MACHINE + "\r\n0\r\n\r\n",
            "FFFFFFFFFFFFFFFF\r\n" + MACHINE + "\r\n0\r\n\r\n",
            "100000000000000013\r\n" + MACHINE + "\r\n0\r\n\r\n",
            "\r\n\r\n0\r\n\r\n",
            "g\r\n" + MACHINE + "\r\n0\r\n\r\n",
            "13\n" + MACHINE + "\r\n0\r\n\r\n",
            "13\r\n" + MACHINE + "0\r\n\r\n",
            "13;" + "x".repeat(20_000) + "\r\n" + MACHINE + "\r\n0\r\n\r\n",
            "13\r\n" + MACHINE + "\r\n0\r\n" + "X-A: b\r\n".repeat(20_000) + "\r\n");
    assertRefusedAlone(
        all.stream().map(chunks -> broker.head(LIST, JSON, CHUNKED) + chunks).toList());
  }

  @Test
  void aPathIsWhatItSaysOrNothing() {
    List<String> paths =
        List.of(
            "/a/../list-peers",
            "/./list-peers",
            "//list-peers",
            "/list-peers/",
            "/list-peers;x=1",
            "/list-peers%2f",
            "/list-peers%00",
            "/list-peers%3bx",
            "/%2e%2e/list-peers",
            "/..%2flist-peers",
            "/a/%2e%2e/list-peers",
            "/\\list-peers",
            "/list-peers%",
            "/list-peers%zz",
            "/list-peers%c0%af",
            "/LIST-PEERS",
            "/list-peers#x");
    String proper = broker.request("/list-peers", MACHINE);
    assertRefused(paths.stream().map(path -> proper.replace("/list-peers", path)).toList());
  }

  private static String[] headers(List<String> headers) {
    List<String> all = new ArrayList<>(headers);
    all.add(JSON);
    return all.toArray(String[]::new);
  }

  /** Each is refused, and what follows it on the connection is no request. */
  private void assertRefusedAlone(List<String> requests) {
    refused(requests, true);
  }

  /** Each is refused with a 4xx. */
  private void assertRefused(List<String> requests) {
    refused(requests, false);
  }

  private void refused(List<String> requests, boolean alone) {
    List<String> wrong = new ArrayList<>();
    for (String request : requests) {
      String shown = request.length() > 300 ? request.substring(0, 300) : request;
      try (RawHttp http = broker.connect()) {
        http.say(request + broker.head("GET /health"));
        Answer answer = http.answerOrEnd();
        if (answer == null || answer.status() / 100 != 4 || !answer.body().contains("\"code\":")) {
          wrong.add(shown + "\nwas answered with " + answer);
        } else if (alone && http.answerOrEnd() != null) {
          wrong.add(shown + "\nwas answered with " + answer.status() + ", and what followed too");
        }
      }
    }
    assertThat(wrong).isEmpty();
    assertThat(RawHttp.ask(broker.port(), broker.bare("GET /health")).status()).isEqualTo(200);
  }

  /** The status that is read while this is sent again and again. */
  private int whileSending(String head, byte[] block) {
    CompletableFuture<Void> sender;
    int status;
    try (RawHttp http = broker.connect()) {
      http.say(head);
      sender =
          CompletableFuture.runAsync(
              () -> {
                try {
                  for (long sent = 0; sent < HUGE; sent += block.length) {
                    http.write(block);
                  }
                } catch (IOException e) {
                  // It was refused, which is what the answer says.
                }
              });
      Answer answer = http.answer();
      assertThat(answer.code()).isNotBlank();
      status = answer.status();
    }
    sender.join();
    return status;
  }
}
