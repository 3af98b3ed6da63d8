package dev.peers.transport.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peers.Draft;
import dev.peers.MessageId;
import dev.peers.MessageState;
import dev.peers.PeerId;
import dev.peers.Registration;
import dev.peers.SessionKey;
import dev.peers.Workspace;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class EventStreamTest {
  private final HttpWorld world = new HttpWorld(null);
  private final PeerId eel =
      world
          .broker
          .register(Registration.builder(new SessionKey("a"), Workspace.of("/eel")).build())
          .id();

  @AfterEach
  void close() {
    world.close();
  }

  @Test
  void sendsWhatWaitsAndWhatComesEachOnceInOrder() throws Exception {
    send("one");
    try (BufferedReader events = open(null)) {
      List<JsonNode> seen = new ArrayList<>(read(events, 1));
      send("two");
      send("three");
      seen.addAll(read(events, 2));
      assertThat(seen)
          .extracting(e -> e.get("text").textValue())
          .containsExactly("one", "two", "three");
      assertThat(seen.get(0).get("from_id").textValue()).isEqualTo(eel.value());
    }
  }

  @Test
  void resumesAfterTheLastSeenMessage() throws Exception {
    MessageId first = send("one");
    send("two");
    try (BufferedReader events = open(first.toString())) {
      assertThat(read(events, 1).get(0).get("text").textValue()).isEqualTo("two");
    }
    assertThat(world.broker.receipt(first).orElseThrow().state()).isEqualTo(MessageState.QUEUED);
  }

  @Test
  void beginsAnewForAnIdOfAnotherDatabase() throws Exception {
    try (BufferedReader events = open("500")) {
      send("one");
      assertThat(read(events, 1).get(0).get("text").textValue()).isEqualTo("one");
    }
  }

  @Test
  void sendsALongBacklogInFull() throws Exception {
    for (int i = 0; i < 50; i++) {
      send("m" + i);
    }
    try (BufferedReader events = open(null)) {
      List<JsonNode> seen = read(events, 50);
      assertThat(seen.get(49).get("text").textValue()).isEqualTo("m49");
    }
  }

  @Test
  void refusesNonsense() throws Exception {
    assertThat(status("/events", null)).isEqualTo(400);
    assertThat(status("/events?id=%ff%fe", null)).isEqualTo(400);
    assertThat(status("/events?id=NO", null)).isEqualTo(400);
    assertThat(status("/events?id=ghost-2222", null)).isEqualTo(404);
    assertThat(status("/events?id=" + eel, "soon")).isEqualTo(400);
  }

  private MessageId send(String text) {
    return world.broker.send(Draft.of(eel, eel, text)).id();
  }

  private int status(String path, String last) throws Exception {
    HttpRequest.Builder request = HttpRequest.newBuilder(world.uri(path));
    if (last != null) {
      request.header("Last-Event-ID", last);
    }
    return world.send(request).statusCode();
  }

  private BufferedReader open(String last) throws Exception {
    HttpRequest.Builder request = HttpRequest.newBuilder(world.uri("/events?id=" + eel));
    if (last != null) {
      request.header("Last-Event-ID", last);
    }
    InputStream body = world.client.send(request.build(), BodyHandlers.ofInputStream()).body();
    return new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8));
  }

  private static List<JsonNode> read(BufferedReader events, int count) throws IOException {
    List<JsonNode> seen = new ArrayList<>();
    String id = null;
    while (seen.size() < count) {
      String line = events.readLine();
      assertThat(line).isNotNull();
      if (line.startsWith("id: ")) {
        id = line.substring(4);
      } else if (line.startsWith("data: ")) {
        JsonNode json = HttpWorld.JSON.readTree(line.substring(6));
        assertThat(json.get("id").asText()).isEqualTo(id);
        seen.add(json);
      }
    }
    return seen;
  }
}
