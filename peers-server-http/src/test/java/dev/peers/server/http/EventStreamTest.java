package dev.peers.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.peers.Broker;
import dev.peers.ErrorCode;
import dev.peers.MessageId;
import dev.peers.MessageState;
import dev.peers.OutgoingMessage;
import dev.peers.PeerId;
import dev.peers.PeersException;
import dev.peers.Registration;
import dev.peers.SessionKey;
import dev.peers.Workspace;
import dev.peers.spi.BrokerServer;
import dev.peers.spi.ServerConfig;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.lang.reflect.Proxy;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
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
  void resumesAfterAPositionAndBeginsAnewForOneOfAnotherDatabase() throws Exception {
    MessageId first = send("one");
    send("two");
    String store = world.broker.peek(eel, 0, 0).store();
    try (BufferedReader events = open(store + ":" + first)) {
      assertThat(read(events, 1).get(0).get("text").textValue()).isEqualTo("two");
    }
    try (BufferedReader events = open("another:" + first)) {
      assertThat(read(events, 2).get(0).get("text").textValue()).isEqualTo("one");
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

  @Test
  void streamsThatCouldNotBeginUseUpNoRoom() throws Exception {
    AtomicInteger failures = new AtomicInteger(20);
    Broker shaky =
        (Broker)
            Proxy.newProxyInstance(
                Broker.class.getClassLoader(),
                new Class<?>[] {Broker.class},
                (proxy, method, arguments) -> {
                  if (method.getName().equals("history") && failures.getAndDecrement() > 0) {
                    throw new PeersException(ErrorCode.STORE_FAILED, "the store is away");
                  }
                  return method.invoke(world.broker, arguments);
                });
    try (BrokerServer server =
        new HttpServerProvider().serve(shaky, new ServerConfig("127.0.0.1", 0, null, () -> {}))) {
      HttpRequest events =
          HttpRequest.newBuilder(server.address().resolve("/events?id=" + eel)).build();
      for (int i = 0; i < 20; i++) {
        assertThat(world.client.send(events, BodyHandlers.discarding()).statusCode())
            .isEqualTo(503);
      }
      var opened = world.client.send(events, BodyHandlers.ofInputStream());
      assertThat(opened.statusCode()).isEqualTo(200);
      opened.body().close();
    }
  }

  private MessageId send(String text) {
    return world.broker.send(OutgoingMessage.of(eel, eel, text)).id();
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
        id = line.substring(line.indexOf(':', 4) + 1);
      } else if (line.startsWith("data: ")) {
        JsonNode json = HttpWorld.JSON.readTree(line.substring(6));
        assertThat(json.get("id").asText()).isEqualTo(id);
        seen.add(json);
      }
    }
    return seen;
  }
}
