package dev.peers.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.peers.Message;
import dev.peers.tck.FuzzContract;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.provider.MethodSource;

/** Bytes on a socket that may be a request, or several. */
class HttpRequestFuzzTest implements FuzzContract {
  private static final String HEAD =
      " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer $TOKEN\r\nPeers-Key: $KEY\r\n"
          + "Content-Type: application/json\r\n";

  private FuzzedServer server;
  private int inputs;

  @AfterAll
  void close() {
    if (server != null) {
      server.close();
    }
  }

  @Override
  public int mutations() {
    return 150;
  }

  @Override
  public Stream<byte[]> seeds() {
    return FuzzContract.texts(
        "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET / HTTP/3.7\r\nHost: localhost\r\n\r\n",
        "GET /events?id=%65 HTTP/1.0\r\nLast-Event-ID: 1\r\n\r\n",
        post("/register", "{\"cwd\":\"/w\",\"pid\":1}"),
        post("/send-message", "{\"from_id\":\"$EEL\",\"to_id\":\"$OWL\",\"text\":\"x\"}"),
        post("/poll-messages", "{\"id\":\"$EEL\"}") + post("/heartbeat", "{\"id\":\"$OWL\"}"),
        post("/ack-messages", "{\"id\":\"$OWL\",\"message_ids\":[1]}"),
        "POST /list-peers"
            + HEAD
            + "Transfer-Encoding: chunked\r\n\r\n13\r\n{\"scope\":\"machine\"}\r\n0\r\n\r\n",
        "POST /shutdown" + HEAD + "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n{}");
  }

  @Override
  @MethodSource("seeds")
  @FuzzTest
  public void holds(byte[] input) throws Exception {
    renew();
    String request = server.filled(new String(input, StandardCharsets.ISO_8859_1));
    // A stream of events has no end to wait for.
    if (request.contains("/events") && request.contains(server.eel.value())) {
      return;
    }
    List<Message> before = server.mail();
    String answer = server.world.raw(request);
    assertThat(answer).doesNotContain("HTTP/1.1 500", "\"code\":\"internal\"");
    server.assertUnharmed(before);
    if (!answer.contains("HTTP/1.1 200")) {
      assertThat(server.mail()).isEqualTo(before);
    }
  }

  /** Peers that were never there before add up. */
  private void renew() {
    if (inputs++ % 5_000 == 0) {
      close();
      server = new FuzzedServer();
    }
  }

  private static String post(String path, String body) {
    return "POST " + path + HEAD + "Content-Length: " + body.length() + "\r\n\r\n" + body;
  }
}
