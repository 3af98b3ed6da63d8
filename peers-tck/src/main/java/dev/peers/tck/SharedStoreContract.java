package dev.peers.tck;

import static dev.peers.tck.StoreContract.EEL;
import static dev.peers.tck.StoreContract.NOW;
import static dev.peers.tck.StoreContract.OWL;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.peers.Batch;
import dev.peers.ErrorCode;
import dev.peers.HistoryEntry;
import dev.peers.HistoryQuery;
import dev.peers.MessageId;
import dev.peers.MessageState;
import dev.peers.Peer;
import dev.peers.PeerId;
import dev.peers.PeersException;
import dev.peers.Presence;
import dev.peers.ReceiveRequest;
import dev.peers.Route;
import dev.peers.Sender;
import dev.peers.SessionKey;
import dev.peers.Workspace;
import dev.peers.spi.NewMessage;
import dev.peers.spi.SharedStore;
import dev.peers.spi.StoreChanges;
import dev.peers.spi.StoredPeer;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * What every {@link SharedStore} must do beside what {@link StoreContract} says. Implement it in a
 * test class; the openings of one test see one store, which begins empty.
 */
public interface SharedStoreContract {
  /**
   * Opens the test's store once more.
   *
   * @return an opening, which the test closes
   */
  SharedStore openAgain();

  /** What one has written is there for the other as soon as it is written. */
  @Test
  default void seesAtOnceWhatAnotherHasWritten() {
    try (SharedStore here = openAgain();
        SharedStore there = openAgain()) {
      StoredPeer peer = peer(EEL, "key", here.brokerId());
      here.save(peer);
      assertThat(there.findPeer(EEL)).contains(peer);
      assertThat(there.findPeer(peer.sessionKey())).contains(peer);

      MessageId id = here.append(message("text", null)).id();
      assertThat(there.receive(OWL, ReceiveRequest.queued(9, Duration.ofSeconds(30)), NOW).ids())
          .containsExactly(id);
      assertThat(here.receipt(id, NOW).orElseThrow().state()).isEqualTo(MessageState.OFFERED);
      here.acknowledge(OWL, List.of(id), NOW);
      assertThat(there.receipt(id, NOW).orElseThrow().state()).isEqualTo(MessageState.DELIVERED);
    }
  }

  /** Where a peer is, and how it is reached, is kept for the brokers that do not have it. */
  @Test
  default void keepsWhereAPeerIsAndHowItIsReached() {
    try (SharedStore here = openAgain();
        SharedStore there = openAgain()) {
      Peer active =
          Peer.builder(EEL, Workspace.of("/code").onHost("ada"), NOW)
              .route(Route.CHANNEL)
              .listening(true)
              .build();
      here.save(new StoredPeer(active, new SessionKey("key"), here.brokerId()));
      StoredPeer found = there.findPeer(EEL).orElseThrow();
      assertThat(found.peer()).isEqualTo(active);
      assertThat(found.broker()).isEqualTo(here.brokerId());

      Peer away = active.toBuilder().presence(Presence.AWAY).listening(false).build();
      there.save(new StoredPeer(away, new SessionKey("key"), null));
      assertThat(here.findPeer(EEL).orElseThrow().peer()).isEqualTo(away);
      assertThat(here.findPeer(EEL).orElseThrow().broker()).isNull();
    }
  }

  /** Each opening is another broker. */
  @Test
  default void namesEachOpening() {
    try (SharedStore here = openAgain();
        SharedStore there = openAgain()) {
      assertThat(here.brokerId()).isNotEqualTo(there.brokerId()).isEqualTo(here.brokerId());
      assertThat(here.brokerId()).hasSizeBetween(1, 80).doesNotContainPattern("\\p{Cntrl}");
    }
  }

  /** Who is at a broker that is there is not forgotten, however long ago it was written. */
  @Test
  default void forgetsNobodyOfABrokerThatIsThere() {
    Instant later = NOW.plusSeconds(1);
    try (SharedStore here = openAgain()) {
      SharedStore there = openAgain();
      here.save(peer(OWL, "", null));
      here.save(peer(EEL, "", there.brokerId()));
      there.renewLease(Duration.ofMinutes(10));

      assertThat(here.deleteInactivePeers(List.of(EEL, OWL), later)).containsExactly(OWL);
      assertThat(there.findPeer(EEL)).isPresent();
      assertThat(there.deleteInactivePeers(List.of(OWL), later)).containsExactly(OWL);

      there.close();
      assertThat(here.deleteInactivePeers(List.of(EEL), later)).containsExactly(EEL);
    }
  }

  /** An id and a key are taken once, whoever comes second. */
  @Test
  default void addsAPeerOnlyWhereItsIdAndItsKeyAreFree() {
    try (SharedStore here = openAgain();
        SharedStore there = openAgain()) {
      StoredPeer first = peer(EEL, "first", here.brokerId());
      assertThat(here.add(first)).isTrue();
      assertThat(there.add(peer(EEL, "second", there.brokerId()))).isFalse();
      assertThat(there.add(peer(OWL, "first", there.brokerId()))).isFalse();
      assertThat(here.add(first)).isFalse();
      assertThat(there.peers()).containsExactly(first);

      SessionKey second = new SessionKey("second");
      here.save(new StoredPeer(first.peer(), first.sessionKey(), List.of(second), here.brokerId()));
      assertThat(there.add(peer(OWL, "second", there.brokerId()))).isFalse();
    }
  }

  /** Of many that add the same at the same time, one has. */
  @Test
  default void letsOneOfManyAdd() throws Exception {
    try (SharedStore here = openAgain();
        SharedStore there = openAgain()) {
      for (int round = 0; round < 10; round++) {
        PeerId id = new PeerId("eel-" + round);
        SessionKey key = new SessionKey("common " + round);
        List<Callable<Boolean>> byId = new ArrayList<>();
        List<Callable<Boolean>> byKey = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
          SharedStore store = i % 2 == 0 ? here : there;
          StoredPeer sameId = peer(id, "key " + round + " " + i, store.brokerId());
          StoredPeer sameKey =
              new StoredPeer(peer(new PeerId("owl-" + round + i), "", null).peer(), key);
          byId.add(() -> store.add(sameId));
          byKey.add(() -> store.add(sameKey));
        }
        assertThat(atOnce(byId)).containsOnlyOnce(true);
        assertThat(atOnce(byKey)).containsOnlyOnce(true);
      }
    }
  }

  /** Two openings that take at the same time never have the same message, and leave none. */
  @Test
  default void handsAMessageToOneOpeningOnly() throws Exception {
    try (SharedStore here = openAgain();
        SharedStore there = openAgain()) {
      List<MessageId> ids = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        ids.add((i % 2 == 0 ? here : there).append(message("text " + i, null)).id());
      }
      List<Callable<List<MessageId>>> takers = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        SharedStore store = i % 2 == 0 ? here : there;
        ReceiveRequest take =
            i < 4
                ? ReceiveRequest.queued(3, Duration.ofSeconds(30))
                : ReceiveRequest.queued(50, Duration.ofSeconds(30)).atMostChars(20);
        takers.add(
            () -> {
              List<MessageId> mine = new ArrayList<>();
              while (true) {
                Batch batch = store.receive(OWL, take, NOW);
                if (batch.isEmpty()) {
                  return mine;
                }
                mine.addAll(batch.ids());
              }
            });
      }
      List<MessageId> taken = new ArrayList<>();
      atOnce(takers).forEach(taken::addAll);
      assertThat(taken).containsExactlyInAnyOrderElementsOf(ids);
    }
  }

  /** Who takes in order never has a message while another still holds an earlier one. */
  @Test
  default void takesInOrderAmongMany() throws Exception {
    try (SharedStore here = openAgain();
        SharedStore there = openAgain()) {
      List<MessageId> ids = new ArrayList<>();
      for (int i = 0; i < 60; i++) {
        ids.add(here.append(message("text " + i, null)).id());
      }
      List<MessageId> order = Collections.synchronizedList(new ArrayList<>());
      List<Callable<Boolean>> takers = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        SharedStore store = i % 2 == 0 ? here : there;
        takers.add(
            () -> {
              while (order.size() < ids.size()) {
                Batch batch =
                    store.receive(OWL, ReceiveRequest.inOrder(2, Duration.ofSeconds(30)), NOW);
                order.addAll(batch.ids());
                store.acknowledge(OWL, batch.ids(), NOW);
              }
              return true;
            });
      }
      atOnce(takers);
      assertThat(order).isEqualTo(ids);
    }
  }

  /** One key of one sender is one message, through whichever opening it comes. */
  @Test
  default void storesOnceWhatIsSentThroughTwo() throws Exception {
    try (SharedStore here = openAgain();
        SharedStore there = openAgain()) {
      for (int round = 0; round < 10; round++) {
        NewMessage same = message("once", "key " + round);
        List<Callable<MessageId>> sends = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
          SharedStore store = i % 2 == 0 ? here : there;
          sends.add(() -> store.append(same).id());
        }
        assertThat(new HashSet<>(atOnce(sends))).hasSize(1);
      }
      assertThat(here.peek(OWL, 0, 100, NOW).deliveries()).hasSize(10);
    }
  }

  /** Who follows a mailbox or the history by ids misses nothing, whoever appends. */
  @Test
  default void showsIdsInTheirOrder() throws Exception {
    int threads = 4;
    int each = 60;
    CountDownLatch running = new CountDownLatch(threads);
    try (SharedStore here = openAgain();
        SharedStore there = openAgain()) {
      List<Callable<List<MessageId>>> work = new ArrayList<>();
      for (int t = 0; t < threads; t++) {
        SharedStore store = t % 2 == 0 ? here : there;
        work.add(
            () -> {
              try {
                List<MessageId> ids = new ArrayList<>();
                for (int i = 0; i < each; i++) {
                  ids.add(store.append(message("text", null)).id());
                }
                return ids;
              } finally {
                running.countDown();
              }
            });
      }
      work.add(
          () -> {
            List<MessageId> followed = new ArrayList<>();
            boolean last;
            do {
              last = running.getCount() == 0;
              followed.addAll(here.peek(OWL, latest(followed), 1_000, NOW).ids());
            } while (!last);
            return followed;
          });
      work.add(
          () -> {
            List<MessageId> followed = new ArrayList<>();
            boolean last;
            do {
              last = running.getCount() == 0;
              HistoryQuery next = HistoryQuery.latest(1_000).after(latest(followed));
              for (HistoryEntry entry : there.history(next, NOW).entries()) {
                followed.add(entry.message().id());
              }
            } while (!last);
            return followed;
          });
      List<List<MessageId>> seen = atOnce(work);
      List<MessageId> appended = new ArrayList<>();
      seen.subList(0, threads).forEach(appended::addAll);
      Collections.sort(appended);
      assertThat(seen.get(threads)).isEqualTo(appended);
      assertThat(seen.get(threads + 1)).isEqualTo(appended);
    }
  }

  /** A broker is there from its first renewal until its lease ends or it closes. */
  @Test
  default void listsTheBrokersThatAreThere() {
    try (SharedStore here = openAgain()) {
      SharedStore there = openAgain();
      assertThat(here.renewLease(Duration.ofMinutes(1))).containsOnlyKeys(here.brokerId());
      Map<String, Instant> both = there.renewLease(Duration.ofMinutes(2));
      assertThat(both).containsOnlyKeys(here.brokerId(), there.brokerId());
      assertThat(both.get(there.brokerId())).isAfter(both.get(here.brokerId()));
      assertThat(both.get(here.brokerId())).isAfter(here.clock().instant());

      there.close();
      assertThat(here.renewLease(Duration.ofMinutes(1))).containsOnlyKeys(here.brokerId());
    }
  }

  /** A lease that has ended is over, and can be taken up again. */
  @Test
  default void forgetsABrokerWhoseLeaseHasEnded() {
    try (SharedStore here = openAgain();
        SharedStore there = openAgain()) {
      there.renewLease(Duration.ofMillis(1));
      Eventually.eventually(
          "the lease of a millisecond has ended",
          () -> here.renewLease(Duration.ofMinutes(1)).keySet().equals(Set.of(here.brokerId())));
      there.renewLease(Duration.ofMinutes(1));
      assertThat(here.renewLease(Duration.ofMinutes(1)))
          .containsKeys(here.brokerId(), there.brokerId());
    }
  }

  /** The clocks of all openings show one time, in whole milliseconds. */
  @Test
  default void agreesOnTheTime() {
    try (SharedStore here = openAgain();
        SharedStore there = openAgain()) {
      here.renewLease(Duration.ofMinutes(1));
      there.renewLease(Duration.ofMinutes(1));
      Instant before = here.clock().instant();
      Instant between = there.clock().instant();
      Instant after = here.clock().instant();
      assertThat(between)
          .isBetween(before.minus(Duration.ofMillis(50)), after.plus(Duration.ofMillis(50)));
      assertThat(before).isEqualTo(before.truncatedTo(ChronoUnit.MILLIS));
    }
  }

  /** What another writes while nobody waits is told at the next wait. */
  @Test
  default void tellsWhatHasChangedSinceTheLastWait() throws Exception {
    try (SharedStore here = openAgain();
        SharedStore there = openAgain()) {
      there.append(message("mail", null));
      there.save(peer(EEL, "key", there.brokerId()));
      there.add(peer(new PeerId("ape-2222"), "other key", there.brokerId()));

      Set<PeerId> peers = new HashSet<>();
      Set<PeerId> mailboxes = new HashSet<>();
      Eventually.eventually(
          "all changes are told",
          () -> {
            StoreChanges changes = await(here, Duration.ofMillis(100));
            assertThat(changes.incomplete()).isFalse();
            peers.addAll(changes.peers());
            mailboxes.addAll(changes.mailboxes());
            return mailboxes.contains(OWL)
                && peers.containsAll(Set.of(EEL, new PeerId("ape-2222")));
          });
      assertThat(await(here, Duration.ofMillis(1))).isEqualTo(StoreChanges.NONE);
    }
  }

  /** Who waits is woken by what another writes, long before the wait would end. */
  @Test
  default void wakesWhoWaits() throws Exception {
    ExecutorService pool = Executors.newSingleThreadExecutor();
    try (SharedStore here = openAgain();
        SharedStore there = openAgain()) {
      Future<StoreChanges> mail = pool.submit(() -> here.awaitChanges(Duration.ofMinutes(5)));
      there.append(message("mail", null));
      assertThat(mail.get(30, TimeUnit.SECONDS).mailboxes()).containsExactly(OWL);

      Future<StoreChanges> peer = pool.submit(() -> here.awaitChanges(Duration.ofMinutes(5)));
      there.save(peer(EEL, "key", there.brokerId()));
      assertThat(peer.get(30, TimeUnit.SECONDS).peers()).containsExactly(EEL);
    } finally {
      pool.shutdownNow();
    }
  }

  /** A wait ends when its thread is interrupted, or the opening is closed. */
  @Test
  default void endsAWait() throws Exception {
    ExecutorService pool = Executors.newSingleThreadExecutor();
    SharedStore here = openAgain();
    try {
      CountDownLatch started = new CountDownLatch(1);
      CountDownLatch interrupted = new CountDownLatch(1);
      Future<?> first =
          pool.submit(
              () -> {
                started.countDown();
                try {
                  here.awaitChanges(Duration.ofMinutes(5));
                } catch (InterruptedException e) {
                  interrupted.countDown();
                }
              });
      assertThat(started.await(30, TimeUnit.SECONDS)).isTrue();
      first.cancel(true);
      assertThat(interrupted.await(30, TimeUnit.SECONDS)).isTrue();
      Future<StoreChanges> second = pool.submit(() -> here.awaitChanges(Duration.ofMinutes(5)));
      here.close();
      assertThatThrownBy(() -> second.get(30, TimeUnit.SECONDS))
          .hasCauseInstanceOf(PeersException.class)
          .cause()
          .isInstanceOfSatisfying(
              PeersException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CLOSED));
    } finally {
      here.close();
      pool.shutdownNow();
    }
  }

  private static StoreChanges await(SharedStore store, Duration atMost) {
    try {
      return store.awaitChanges(atMost);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static long latest(List<MessageId> ids) {
    return ids.isEmpty() ? 0 : ids.get(ids.size() - 1).value();
  }

  private static <T> List<T> atOnce(List<Callable<T>> work) throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(work.size());
    try {
      List<T> results = new ArrayList<>();
      for (Future<T> result : pool.invokeAll(work)) {
        results.add(result.get());
      }
      return results;
    } finally {
      pool.shutdownNow();
    }
  }

  private static StoredPeer peer(PeerId id, String key, @Nullable String broker) {
    return new StoredPeer(
        Peer.builder(id, Workspace.of("/code"), NOW).build(),
        new SessionKey(key.isEmpty() ? "key of " + id : key),
        broker);
  }

  private static NewMessage message(String text, @Nullable String key) {
    return new NewMessage(
        new Sender(EEL, "name", "project", "/code", null),
        OWL,
        text,
        NOW,
        NOW.plus(Duration.ofDays(7)),
        null,
        key);
  }
}
