package dev.peers.store.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.peers.Batch;
import dev.peers.Delivery;
import dev.peers.ErrorCode;
import dev.peers.Message;
import dev.peers.Peer;
import dev.peers.PeersException;
import dev.peers.Receipt;
import dev.peers.ReceiveRequest;
import dev.peers.Sender;
import dev.peers.SessionKey;
import dev.peers.Workspace;
import dev.peers.spi.NewMessage;
import dev.peers.spi.SharedStore;
import dev.peers.spi.StoreChanges;
import dev.peers.spi.StoreConfig;
import dev.peers.spi.StoredPeer;
import dev.peers.tck.Eventually;
import dev.peers.tck.StoreContract;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What becomes of a store whose server, or the way to it, goes away. */
class LostConnectionTest {
  private static final String ALL_CONNECTIONS =
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'peers'";

  private static PostgresServer server;
  private final String schema = PostgresServer.newSchema();

  @BeforeAll
  static void start() {
    server = PostgresServer.own();
  }

  @AfterAll
  static void stop() {
    if (server != null) {
      server.stop();
    }
  }

  @Test
  void keepsWhatItConfirmedWhenTheServerCrashes() throws Exception {
    keepsWhatItConfirmed(server::crashAndRestart);
  }

  @Test
  void keepsWhatItConfirmedWhenAllConnectionsAreEnded() throws Exception {
    keepsWhatItConfirmed(() -> server.execute(ALL_CONNECTIONS));
  }

  private void keepsWhatItConfirmed(Runnable disturbance) throws Exception {
    int threads = 4;
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    Set<String> confirmed = ConcurrentHashMap.newKeySet();
    AtomicInteger sent = new AtomicInteger();
    AtomicBoolean disturbed = new AtomicBoolean();
    try (SharedStore here = open();
        SharedStore there = open()) {
      List<Future<Integer>> senders = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        SharedStore store = i % 2 == 0 ? here : there;
        senders.add(
            pool.submit(
                () -> {
                  int afterwards = 0;
                  while (afterwards < 20) {
                    boolean late = disturbed.get();
                    String text = "text " + sent.incrementAndGet();
                    try {
                      store.append(message(text));
                      confirmed.add(text);
                      afterwards += late ? 1 : 0;
                    } catch (PeersException e) {
                      // Not confirmed: it may be there or not.
                    }
                  }
                  return afterwards;
                }));
      }
      Eventually.eventually("messages are being sent", () -> confirmed.size() > 50);
      disturbance.run();
      disturbed.set(true);
      for (Future<Integer> sender : senders) {
        sender.get();
      }
      List<String> stored = new ArrayList<>();
      Batch batch = here.peek(StoreContract.OWL, 0, 1_000, StoreContract.NOW);
      while (!batch.isEmpty()) {
        batch.messages().stream().map(Message::text).forEach(stored::add);
        long last = batch.ids().get(batch.ids().size() - 1).value();
        batch = here.peek(StoreContract.OWL, last, 1_000, StoreContract.NOW);
      }
      assertThat(stored).doesNotHaveDuplicates().containsAll(confirmed);
    } finally {
      pool.shutdownNow();
    }
  }

  @Test
  void storesOnceWhoseConfirmationWasLost() throws Exception {
    try (LossyProxy proxy = new LossyProxy(server.port());
        SharedStore store = open(proxy.port())) {
      proxy.loseAnswerTo("FROM append(");
      Receipt receipt = store.append(message("once"));
      assertThat(proxy.hasLost()).isTrue();
      assertThat(store.peek(StoreContract.OWL, 0, 9, StoreContract.NOW).ids())
          .containsExactly(receipt.id());
    }
  }

  @Test
  void goesOnWhereAConnectionIsDeadAndNobodySaysSo() throws Exception {
    try (LossyProxy proxy = new LossyProxy(server.port());
        SharedStore store = open(proxy.port())) {
      Receipt before = store.append(message("before"));
      proxy.freeze();
      Receipt after = store.append(message("after"));
      assertThat(store.peek(StoreContract.OWL, 0, 9, StoreContract.NOW).ids())
          .containsExactly(before.id(), after.id());
    }
  }

  @Test
  void saysThatTheServerIsGoneAndGoesOnWhenItIsBack() {
    PostgresServer gone = PostgresServer.own();
    try (SharedStore store = new PostgresStoreProvider().open(gone.config(schema))) {
      store.append(message("before"));
      gone.crash();
      assertThatThrownBy(() -> store.append(message("refused")))
          .isInstanceOfSatisfying(
              PeersException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.STORE_FAILED))
          .hasMessageContaining("127.0.0.1:" + gone.port())
          .hasMessageContaining("cannot be reached");
      gone.start();
      Receipt after = store.append(message("after"));
      assertThat(store.receipt(after.id(), StoreContract.NOW)).isPresent();
    } finally {
      gone.stop();
    }
  }

  @Test
  void takesAgainWhatItTookWhenTheAnswerWasLost() throws Exception {
    try (LossyProxy proxy = new LossyProxy(server.port());
        SharedStore store = open(proxy.port())) {
      for (int i = 0; i < 4; i++) {
        store.append(message("text " + i));
      }
      proxy.loseAnswerTo("FROM take(");
      Batch batch =
          store.receive(
              StoreContract.OWL,
              ReceiveRequest.queued(2, Duration.ofMinutes(5)),
              StoreContract.NOW);
      assertThat(proxy.hasLost()).isTrue();
      assertThat(batch.messages()).extracting(Message::text).containsExactly("text 0", "text 1");
      assertThat(batch.deliveries()).extracting(Delivery::attempt).containsOnly(1);
      assertThat(batch.remaining()).isEqualTo(2);
    }
  }

  @Test
  void knowsThePeerItAddedWhenTheAnswerWasLost() throws Exception {
    try (LossyProxy proxy = new LossyProxy(server.port());
        SharedStore store = open(proxy.port())) {
      proxy.loseAnswerTo("INSERT INTO peers");
      Peer peer = Peer.builder(StoreContract.EEL, Workspace.of("/code"), StoreContract.NOW).build();
      assertThat(store.add(new StoredPeer(peer, new SessionKey("key")))).isTrue();
      assertThat(proxy.hasLost()).isTrue();
      assertThat(store.add(new StoredPeer(peer, new SessionKey("key")))).isFalse();
    }
  }

  @Test
  void tellsThatItMayHaveMissedSomething() throws Exception {
    try (SharedStore here = open();
        SharedStore there = open()) {
      server.execute(ALL_CONNECTIONS);
      StoreChanges changes = here.awaitChanges(Duration.ofSeconds(20));
      assertThat(changes).isEqualTo(StoreChanges.MISSED);

      there.append(message("text"));
      assertThat(here.awaitChanges(Duration.ofSeconds(20)).mailboxes())
          .containsExactly(StoreContract.OWL);
    }
  }

  private SharedStore open() {
    return new PostgresStoreProvider().open(server.config(schema));
  }

  private SharedStore open(int port) {
    String url =
        server.url().replace(":" + server.port() + "/", ":" + port + "/") + "&socketTimeout=1";
    return new PostgresStoreProvider()
        .open(new StoreConfig(Path.of("unused"), Map.of("url", url, "schema", schema)));
  }

  private static NewMessage message(String text) {
    return new NewMessage(
        new Sender(StoreContract.EEL, "eel", "eel", "/w", null),
        StoreContract.OWL,
        text,
        StoreContract.NOW,
        StoreContract.NOW.plusSeconds(60),
        null,
        null);
  }
}
