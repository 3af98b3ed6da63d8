package dev.peers.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AccessFilterTest {
  private final HttpWorld world = new HttpWorld("secret");

  @AfterEach
  void close() {
    world.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/register",
        "/heartbeat",
        "/set-summary",
        "/list-peers",
        "/send-message",
        "/poll-messages",
        "/ack-messages",
        "/message-status",
        "/unregister",
        "/shutdown"
      })
  void wantsTheTokenOnEveryRoute(String path) throws Exception {
    assertRefused(401, world.post(path, "{}"));
    assertRefused(401, world.post(path, "{}").header("Authorization", "Bearer wrong"));
    assertRefused(401, world.post(path, "{}").header("Authorization", "Basic secret"));
  }

  @Test
  void wantsTheTokenForEvents() throws Exception {
    assertRefused(401, HttpRequest.newBuilder(world.uri("/events?id=eel-k3f9")));
    assertThat(world.send(HttpRequest.newBuilder(world.uri("/health"))).statusCode())
        .isEqualTo(200);
  }

  @Test
  void keepsWebPagesOut() throws Exception {
    assertRefused(403, trusted("/list-peers", "{}").header("Origin", "https://example.org"));
    assertRefused(403, trusted("/list-peers", "{}").header("Origin", "null"));
    assertRefused(403, trusted("/list-peers", "{}").header("Sec-Fetch-Site", "cross-site"));
    HttpRequest.Builder form =
        HttpRequest.newBuilder(world.uri("/register"))
            .header("Authorization", "Bearer secret")
            .header("Content-Type", "text/plain")
            .POST(BodyPublishers.ofString("{\"cwd\":\"/\"}"));
    assertRefused(415, form);
    assertThat(
            world.raw(
                "POST /list-peers HTTP/1.1\r\nHost: evil.example:7899\r\n"
                    + "Authorization: Bearer secret\r\nContent-Type: application/json\r\n"
                    + "Content-Length: 2\r\nConnection: close\r\n\r\n{}"))
        .startsWith("HTTP/1.1 403");
  }

  @Test
  void letsNobodyActAsAnother() throws Exception {
    JsonNode eel = register("a");
    JsonNode owl = register("b");
    String body = "{\"id\":\"" + eel.get("id").textValue() + "\"}";
    String key = eel.get("key").textValue();
    for (String path :
        new String[] {"/heartbeat", "/poll-messages", "/unregister", "/set-summary"}) {
      assertRefused(403, trusted(path, body));
      assertRefused(403, trusted(path, body).header("Peers-Key", owl.get("key").textValue()));
    }
    String forged =
        "{\"from_id\":\"%s\",\"to_id\":\"%s\",\"text\":\"x\"}"
            .formatted(eel.get("id").textValue(), owl.get("id").textValue());
    assertRefused(403, trusted("/send-message", forged));
    assertThat(world.send(trusted("/send-message", forged).header("Peers-Key", key)).statusCode())
        .isEqualTo(200);
    assertThat(world.send(trusted("/heartbeat", body).header("Peers-Key", key)).statusCode())
        .isEqualTo(200);
  }

  @Test
  void answersUnknownPathsAndMethods() throws Exception {
    assertRefused(404, trusted("/nothing", "{}"));
    assertRefused(404, trusted("/health/../nothing", "{}"));
    HttpResponse<String> response =
        assertRefused(405, HttpRequest.newBuilder(world.uri("/register")).GET());
    assertThat(response.headers().firstValue("Allow")).contains("POST");
    assertRefused(
        405, HttpRequest.newBuilder(world.uri("/send-message")).PUT(BodyPublishers.ofString("x")));
    assertRefused(405, HttpRequest.newBuilder(world.uri("/health")).DELETE());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "[]",
        "{",
        "{\"scope\":7}",
        "{\"scope\":\"galaxy\"}",
        "{\"scope\":\"directory\"}",
        "{\"scope\":\"machine\"} {}",
        "{\"scope\":\"machine\",\"exclude_id\":\"NOT AN ID\"}",
        "{\"scope\":\"machine\",\"include_away\":\"yes\"}"
      })
  void refusesMalformedBodiesWithAReason(String body) throws Exception {
    assertRefused(400, trusted("/list-peers", body));
  }

  @Test
  void refusesImpossibleProcessIds() throws Exception {
    for (String pid : new String[] {"0", "-1", "1.5", "\"7\"", "99999999999999999999"}) {
      assertRefused(400, trusted("/register", "{\"cwd\":\"/\",\"pid\":" + pid + "}"));
    }
  }

  @Test
  void refusesDeepAndLargeBodies() throws Exception {
    String deep = "{\"a\":" + "[".repeat(5_000) + "]".repeat(5_000) + "}";
    assertRefused(400, trusted("/list-peers", deep));
    assertRefused(413, trusted("/list-peers", "{\"a\":\"" + "x".repeat(300_000) + "\"}"));
    HttpRequest.Builder chunked =
        HttpRequest.newBuilder(world.uri("/list-peers"))
            .header("Authorization", "Bearer secret")
            .header("Content-Type", "application/json")
            .POST(
                BodyPublishers.fromPublisher(
                    BodyPublishers.ofString("{\"a\":\"" + "x".repeat(300_000) + "\"}")));
    assertRefused(413, chunked);
  }

  @Test
  void refusesMessagesThatAreTooLong() throws Exception {
    JsonNode eel = register("a");
    String id = eel.get("id").textValue();
    String body =
        "{\"from_id\":\"%s\",\"to_id\":\"%s\",\"text\":\"%s\"}"
            .formatted(id, id, "x".repeat(64 * 1024 + 1));
    assertRefused(
        400, trusted("/send-message", body).header("Peers-Key", eel.get("key").textValue()));
  }

  @Test
  void answersBrokenHeadsInJson() throws Exception {
    assertThat(world.raw("GET /health\u0001 HTTP/1.1\r\nHost: localhost\r\n\r\n"))
        .startsWith("HTTP/1.1 400")
        .contains("\"ok\":false");
  }

  private JsonNode register(String key) throws Exception {
    String body = "{\"cwd\":\"/w\",\"session_key\":\"" + key + "\"}";
    return HttpWorld.JSON.readTree(world.send(trusted("/register", body)).body());
  }

  private HttpRequest.Builder trusted(String path, String body) {
    return world.post(path, body).header("Authorization", "Bearer secret");
  }

  private HttpResponse<String> assertRefused(int status, HttpRequest.Builder request)
      throws Exception {
    HttpResponse<String> response = world.send(request);
    assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
    JsonNode json = HttpWorld.JSON.readTree(response.body());
    assertThat(json.get("ok").booleanValue()).isFalse();
    assertThat(json.get("error").textValue()).isNotBlank();
    assertThat(json.get("code").textValue()).isNotBlank();
    return response;
  }
}
