package dev.peers.server.http;

import static dev.peers.tck.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.peers.Limits;
import dev.peers.Receipt;
import dev.peers.broker.InMemoryStore;
import dev.peers.broker.LocalBroker;
import dev.peers.spi.BrokerStore;
import dev.peers.spi.NewMessage;
import java.lang.reflect.Proxy;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** More sends under way than a server has threads. */
class StalledDiskTest {
  private static final int SENDS = 200;

  private final CompletableFuture<Void> disk = new CompletableFuture<>();
  private final AtomicInteger waiting = new AtomicInteger();
  private final HttpWorld world =
      new HttpWorld(
          null,
          LocalBroker.over(stalling(new InMemoryStore()))
              .limits(new Limits(0, 0, 0, Duration.ofDays(7), Duration.ofDays(30)))
              .build());

  @AfterEach
  void close() {
    world.close();
  }

  @Test
  void answersOthersWhileSendsWaitAndThenThose() throws Exception {
    String id = world.call("/register", "{\"cwd\":\"/code/owl\"}").get("id").textValue();
    String send = "{\"from_id\":\"cli\",\"to_id\":\"" + id + "\",\"text\":\"text\"}";
    List<CompletableFuture<HttpResponse<String>>> sends = new ArrayList<>();
    for (int i = 0; i < SENDS; i++) {
      sends.add(
          world.client.sendAsync(
              world.post("/send-message", send).build(), BodyHandlers.ofString()));
    }

    eventually("all have arrived", () -> waiting.get() == SENDS);
    assertThat(world.call("/heartbeat", "{\"id\":\"" + id + "\"}").get("ok").booleanValue())
        .isTrue();
    assertThat(sends).noneMatch(CompletableFuture::isDone);

    disk.complete(null);
    for (CompletableFuture<HttpResponse<String>> each : sends) {
      assertThat(HttpWorld.JSON.readTree(each.get().body()).get("ok").booleanValue()).isTrue();
    }
    assertThat(
            world
                .call("/poll-messages", "{\"id\":\"" + id + "\",\"ack\":\"none\"}")
                .get("messages"))
        .hasSize(SENDS);
  }

  /** Appends when the disk is there again; the first send, which is alone, may hold a thread. */
  private BrokerStore stalling(BrokerStore store) {
    return (BrokerStore)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {BrokerStore.class},
            (proxy, method, arguments) ->
                switch (method.getName()) {
                  case "append" ->
                      appended(store, (NewMessage) arguments[0]).toCompletableFuture().join();
                  case "appendAsync" -> appended(store, (NewMessage) arguments[0]);
                  default -> method.invoke(store, arguments);
                });
  }

  private CompletionStage<Receipt> appended(BrokerStore store, NewMessage message) {
    waiting.incrementAndGet();
    return disk.thenCompose(there -> store.appendAsync(message));
  }
}
