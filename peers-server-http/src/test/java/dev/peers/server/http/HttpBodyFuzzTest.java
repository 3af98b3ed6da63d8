package dev.peers.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.fasterxml.jackson.databind.JsonNode;
import dev.peers.Message;
import dev.peers.tck.FuzzContract;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.provider.MethodSource;

/** The first byte says which path gets the rest as its body, with a valid token and key. */
class HttpBodyFuzzTest implements FuzzContract {
  private static final List<String> PATHS =
      List.of(
          "/register",
          "/heartbeat",
          "/set-summary",
          "/list-peers",
          "/send-message",
          "/poll-messages",
          "/ack-messages",
          "/message-status",
          "/history",
          "/unregister");

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
    return 300;
  }

  @Override
  public Stream<byte[]> seeds() {
    return FuzzContract.texts(
        "0{\"cwd\":\"/w\",\"pid\":1,\"name\":\"n\",\"git_root\":\"/w\",\"summary\":\"s\"}",
        "1{\"id\":\"$EEL\"}",
        "2{\"id\":\"$EEL\",\"summary\":\"Mending nets.\",\"source\":\"automatic\"}",
        "3{\"scope\":\"repo\",\"cwd\":\"/w\",\"exclude_id\":\"$EEL\",\"include_away\":true}",
        "4{\"from_id\":\"$EEL\",\"to_id\":\"$OWL\",\"text\":\"x\",\"in_reply_to\":1,"
            + "\"idempotency_key\":\"k\"}",
        "5{\"id\":\"$EEL\",\"ack\":\"none\",\"limit\":5,\"after\":0,\"lease_ms\":9,\"max_chars\":9}",
        "6{\"id\":\"$EEL\",\"message_ids\":[1,2]}",
        "7{\"message_id\":1}",
        "8{\"peer\":\"$EEL\",\"since\":\"2026-01-02T03:04:05Z\",\"after\":1,\"limit\":5}",
        "9{\"id\":\"$OWL\"}");
  }

  @Override
  @MethodSource("seeds")
  @FuzzTest
  public void holds(byte[] input) throws Exception {
    renew();
    if (input.length == 0) {
      return;
    }
    String path = PATHS.get((input[0] & 0xff) % PATHS.size());
    String body = server.filled(new String(input, StandardCharsets.ISO_8859_1).substring(1));
    List<Message> before = server.mail();
    HttpRequest.Builder request =
        server
            .world
            .post(path, "")
            .POST(BodyPublishers.ofByteArray(body.getBytes(StandardCharsets.ISO_8859_1)))
            .header("Authorization", "Bearer " + FuzzedServer.TOKEN)
            .header("Peers-Key", server.key);
    HttpResponse<String> response = server.world.send(request);
    assertThat(response.statusCode()).as(response.body()).isLessThan(500);
    JsonNode answer = HttpWorld.JSON.readTree(response.body());
    if (response.statusCode() != 200 || answer.path("ok").toString().equals("false")) {
      assertThat(answer.path("ok").toString()).isEqualTo("false");
      assertThat(answer.path("code").asText()).isNotBlank();
      assertThat(answer.path("error").asText())
          .isNotBlank()
          .doesNotContain("fasterxml", "java.", "Exception", "StreamRead", "Deserialization");
      assertThat(server.mail()).isEqualTo(before);
    }
    server.assertUnharmed(before);
  }

  /** Peers that were never there before add up. */
  private void renew() {
    if (inputs++ % 5_000 == 0) {
      close();
      server = new FuzzedServer();
    }
  }
}
