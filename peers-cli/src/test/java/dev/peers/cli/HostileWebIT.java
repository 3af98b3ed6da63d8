package dev.peers.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peers.cli.RawHttp.Answer;
import dev.peers.cli.RunningBroker.Member;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What web pages, and programs without a secret or with another's, achieve: nothing. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HostileWebIT {
  private static final String JSON = "Content-Type: application/json";
  private static final String EMPTY = "Content-Length: 0";

  private final World world = new World().with("CLAUDE_PEERS_MAX_RATE", "0");
  private RunningBroker broker;

  @BeforeAll
  void begin() {
    broker = RunningBroker.start(world);
  }

  @AfterAll
  void end() {
    world.close();
  }

  @Test
  void aWebPageIsRefusedWhateverItKnows() {
    for (String header :
        List.of(
            "Origin: http://evil.example",
            "Origin: null",
            "Origin: http://127.0.0.1:" + broker.port(),
            "Sec-Fetch-Site: cross-site",
            "Sec-Fetch-Site: same-site",
            "Sec-Fetch-Site: same-origin")) {
      assertRefused(403, broker.head("POST /register", JSON, header, EMPTY));
      assertRefused(403, broker.bare("POST /register", JSON, header, EMPTY));
      assertRefused(403, broker.bare("GET /health", header));
    }
    assertThat(RawHttp.ask(broker.port(), broker.bare("GET /health", "Sec-Fetch-Site: none")))
        .extracting(Answer::status)
        .isEqualTo(200);
  }

  @Test
  void aFormIsRefused() {
    String form = "{\"from_id\":\"operator\",\"to_id\":\"x\",\"text\":\"";
    for (String type :
        List.of(
            "Content-Type: text/plain",
            "Content-Type: application/x-www-form-urlencoded",
            "Content-Type: multipart/form-data; boundary=x",
            "Content-Type: text/plain; x=application/json",
            "Content-Type: application/json-seq",
            "X-No-Type: 1")) {
      String length = "Content-Length: " + form.length();
      assertRefused(401, broker.bare("POST /send-message", type, length) + form);
      assertRefused(415, broker.head("POST /send-message", type, length) + form);
    }
  }

  @Test
  void anotherHostIsRefused() {
    int port = broker.port();
    for (String host :
        List.of(
            "evil.example:" + port,
            "127.0.0.1.evil.example:" + port,
            "localhost.evil.example:" + port,
            "127.0.0.1:" + (port ^ 1),
            "127.0.0.1:" + port + "0",
            "0.0.0.0:" + port,
            "[::]:" + port,
            "127.0.0.1@evil.example:" + port,
            "evil.example")) {
      String rest = " HTTP/1.1\r\nHost: " + host + "\r\n";
      String bearer = "Authorization: Bearer " + broker.token() + "\r\n";
      for (String line : List.of("GET /health", "POST /list-peers", "GET /events?id=x-2222")) {
        Answer answer = RawHttp.ask(port, line + rest + bearer + EMPTY + "\r\n\r\n");
        assertThat(answer.status()).as(line + " of " + host).isIn(400, 403);
        assertThat(answer.code()).isNotBlank();
      }
    }
    for (String host : List.of("", "Host: 127.0.0.1\r\nHost: evil.example\r\n")) {
      Answer answer = RawHttp.ask(port, "GET /health HTTP/1.1\r\n" + host + "\r\n");
      assertThat(answer.status()).as(host).isEqualTo(400);
      assertThat(answer.code()).isNotBlank();
    }
    for (String host : List.of("localhost:", "LocalHost:", "[::1]:", "127.0.0.1:")) {
      String head = "GET /health HTTP/1.1\r\nHost: " + host + port + "\r\n\r\n";
      assertThat(RawHttp.ask(port, head).status()).as(host).isEqualTo(200);
    }
  }

  @Test
  void aPreflightIsNotAnswered() {
    for (String path : List.of("/send-message", "/health", "/events")) {
      Answer answer =
          assertRefused(
              405,
              broker.bare(
                  "OPTIONS " + path,
                  "Origin: http://evil.example",
                  "Access-Control-Request-Method: POST",
                  "Access-Control-Request-Headers: authorization, content-type",
                  "Access-Control-Request-Private-Network: true"));
      assertThat(answer.headers().keySet()).noneMatch(name -> name.startsWith("access-control"));
    }
  }

  @Test
  void checksComeInOrderAndBeforeAnyBody() {
    // Not a byte of the bodies is sent, so an answer shows that none was waited for.
    String body = "Content-Length: 1000";
    String origin = "Origin: http://evil.example";
    String text = "Content-Type: text/plain";
    assertRefused(404, broker.bare("POST /nothing", origin, text, body));
    assertRefused(405, broker.bare("PUT /send-message", origin, text, body));
    assertRefused(403, broker.bare("POST /send-message", origin, text, body));
    assertRefused(401, broker.bare("POST /send-message", text, body));
    assertRefused(415, broker.head("POST /send-message", text, body));
    assertRefused(415, broker.head("POST /shutdown", text, body));
  }

  @Test
  void nobodySendsInAnothersName() {
    Member eel = broker.register("eel");
    Member crab = broker.register("crab");
    Member shark = broker.register("shark");
    for (String from : List.of(eel.id(), "operator", "cli")) {
      String body = RunningBroker.message(from, crab.id(), "it was me");
      for (String key : List.of(shark.header(), "Peers-Key: ", "X-No-Key: 1")) {
        Answer answer = broker.post("/send-message", body, key);
        assertThat(answer.status()).as(from + " with " + key).isEqualTo(403);
        assertThat(answer.code()).isEqualTo("unauthorized");
      }
    }
    // The same name twice: whichever counts, it is the one whose key was checked.
    broker.post(
        "/send-message",
        "{\"from_id\":\"%s\",\"from_id\":\"%s\",\"to_id\":\"%s\",\"text\":\"it was me\"}"
            .formatted(shark.id(), eel.id(), crab.id()),
        shark.header());
    assertThat(broker.mail(crab).findValuesAsText("from_id")).doesNotContain(eel.id(), "operator");
  }

  @Test
  void nobodyOpensAnothersMailbox() {
    Member eel = broker.register("sender");
    Member crab = broker.register("victim");
    Member shark = broker.register("thief");
    long id = broker.send(eel, crab, "for the crab alone").json().path("id").asLong();
    List<Answer> answers = new ArrayList<>();
    for (String key : List.of(shark.header(), eel.header(), "X-No-Key: 1")) {
      String self = RunningBroker.json(Map.of("id", crab.id(), "summary", "stolen"));
      for (String path : List.of("/poll-messages", "/heartbeat", "/set-summary", "/unregister")) {
        answers.add(broker.post(path, self, key));
      }
      String ack = RunningBroker.json(Map.of("id", crab.id(), "message_ids", List.of(id)));
      answers.add(broker.post("/ack-messages", ack, key));
      answers.add(broker.post("/history", "{}", key));
      String events = "GET /events?id=" + crab.id();
      answers.add(RawHttp.ask(broker.port(), broker.head(events, key)));
      answers.add(RawHttp.ask(broker.port(), broker.head(events + "&id=" + shark.id(), key)));
    }
    answers.add(
        broker.post(
            "/poll-messages",
            "{\"id\":\"" + shark.id() + "\",\"id\":\"" + crab.id() + "\"}",
            shark.header()));

    assertThat(answers).extracting(Answer::status).containsOnly(403);
    assertThat(answers).extracting(Answer::code).containsOnly("unauthorized");
    JsonNode mail = broker.mail(crab);
    assertThat(mail.findValuesAsText("text")).containsExactly("for the crab alone");
    String status = RunningBroker.json(Map.of("message_id", id));
    assertThat(broker.post("/message-status", status).json().path("state").asText())
        .isEqualTo("queued");
  }

  @Test
  void guessingIsOfNoUse() {
    Member crab = broker.register("guessed");
    Random random = new Random(7);
    String token = broker.token();
    List<String> wrong =
        new ArrayList<>(
            List.of("", " ", token.substring(1), token + "A", token.toLowerCase(Locale.ROOT)));
    while (wrong.size() < 1_000) {
      StringBuilder guess = new StringBuilder(token);
      guess.setCharAt(random.nextInt(token.length()), (char) ('.' + random.nextInt(2)));
      wrong.add(guess.toString());
    }
    String poll = RunningBroker.json(Map.of("id", crab.id()));
    for (String guess : wrong) {
      Answer byToken =
          RawHttp.ask(
              broker.port(),
              broker.bare("POST /list-peers", "Authorization: Bearer " + guess, JSON, EMPTY));
      assertThat(byToken.status()).as(guess).isEqualTo(401);
      assertThat(byToken.body()).doesNotContain(token, crab.id());
      Answer byKey = broker.post("/poll-messages", poll, "Peers-Key: " + guess);
      assertThat(byKey.status()).as(guess).isEqualTo(403);
      assertThat(byKey.body()).doesNotContain(token, crab.key());
    }
    // Nor does it lock out who knows.
    assertThat(broker.mail(crab)).isEmpty();
    assertThat(broker.post("/heartbeat", poll, crab.header()).status()).isEqualTo(200);
    assertThat(broker.log()).doesNotContain(token, crab.key());
  }

  @Test
  void onePeersEventStreamsAreCounted() {
    Member eel = broker.register("listener");
    Member crab = broker.register("neighbour");
    List<RawHttp> open = new ArrayList<>();
    try {
      for (int i = 0; i < 16; i++) {
        open.add(listen(eel));
        open.get(i).readUntil(": ok\n\n");
      }
      try (RawHttp one = listen(eel);
          RawHttp other = listen(crab)) {
        Answer answer = one.answer();
        assertThat(answer.status()).isEqualTo(429);
        assertThat(answer.code()).isEqualTo("rate_limited");
        assertThat(answer.headers().get("retry-after")).matches("[1-9][0-9]*");
        other.readUntil(": ok\n\n");
      }
    } finally {
      open.forEach(RawHttp::close);
    }
  }

  private RawHttp listen(Member member) {
    RawHttp http = broker.connect();
    http.say(broker.head("GET /events?id=" + member.id(), member.header()));
    return http;
  }

  private Answer assertRefused(int status, String request) {
    Answer answer = RawHttp.ask(broker.port(), request);
    assertThat(answer.status()).as(request).isEqualTo(status);
    assertThat(answer.headers().get("content-type")).isEqualTo("application/json");
    assertThat(answer.code()).as(request).isNotBlank();
    assertThat(answer.body()).doesNotContain(broker.token());
    return answer;
  }
}
