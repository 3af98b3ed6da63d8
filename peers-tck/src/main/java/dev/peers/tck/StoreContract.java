package dev.peers.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.peers.Batch;
import dev.peers.Delivery;
import dev.peers.ErrorCode;
import dev.peers.HistoryEntry;
import dev.peers.HistoryPage;
import dev.peers.HistoryQuery;
import dev.peers.Message;
import dev.peers.MessageId;
import dev.peers.MessageState;
import dev.peers.Peer;
import dev.peers.PeerId;
import dev.peers.PeersException;
import dev.peers.Presence;
import dev.peers.ProcessRef;
import dev.peers.Receipt;
import dev.peers.ReceiveRequest;
import dev.peers.Sender;
import dev.peers.SessionKey;
import dev.peers.Summary;
import dev.peers.Workspace;
import dev.peers.spi.BrokerStore;
import dev.peers.spi.NewMessage;
import dev.peers.spi.StoredPeer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * What every {@link BrokerStore} must do. Implement it in a test class; each test gets a store.
 *
 * @since 0.1
 */
public interface StoreContract {
  /** The time at which the tests begin. */
  Instant NOW = Instant.parse("2026-03-04T05:06:07.089Z");

  /** The sender of the tests' messages. */
  PeerId EEL = new PeerId("eel-k3f9");

  /** The receiver of the tests' messages. */
  PeerId OWL = new PeerId("owl-22aa");

  /**
   * Opens an empty store.
   *
   * @return a store, which the test closes
   */
  BrokerStore openStore();

  /** A peer comes back as it was saved, by id and by key, and the latest save stays. */
  @Test
  default void findsAPeerAsItWasLastSaved() {
    try (BrokerStore store = openStore()) {
      Peer first = Peer.builder(EEL, Workspace.of("/code/eel"), NOW).build();
      store.save(new StoredPeer(first, new SessionKey("first")));
      Peer full =
          first.toBuilder()
              .name("Ëel")
              .workspace(
                  new Workspace("/code/eel/sub", "/code/eel", "/code/eel/.git", "main", "ada"))
              .process(new ProcessRef(4711, NOW.minusSeconds(9)))
              .agent("claude-code")
              .tty("pts/3")
              .summary(new Summary("läuft 🙂\nzweite", Summary.Source.MANUAL, NOW))
              .lastSeen(NOW.plusSeconds(5))
              .build();
      store.save(new StoredPeer(full, new SessionKey("second")));

      StoredPeer found = store.findPeer(EEL).orElseThrow();
      assertThat(found.peer().toBuilder().presence(Presence.ACTIVE).build()).isEqualTo(full);
      assertThat(found.sessionKey()).isEqualTo(new SessionKey("second"));
      assertThat(store.findPeer(new SessionKey("second"))).contains(found);
      assertThat(store.findPeer(new SessionKey("first"))).isEmpty();
      assertThat(store.findPeer(OWL)).isEmpty();
      assertThat(store.peers()).containsExactly(found);
    }
  }

  /** A peer is found by each of its keys, for as long as it has them. */
  @Test
  default void findsAPeerByEachOfItsKeys() {
    try (BrokerStore store = openStore()) {
      Peer peer = Peer.builder(EEL, Workspace.of("/code/eel"), NOW).build();
      List<SessionKey> others = List.of(new SessionKey("second"), new SessionKey("a third, é"));
      save(store, OWL);
      store.save(new StoredPeer(peer, new SessionKey("first"), others, null));

      StoredPeer found = store.findPeer(EEL).orElseThrow();
      assertThat(found.otherKeys()).isEqualTo(others);
      assertThat(store.peers()).contains(found);
      for (String key : List.of("first", "second", "a third, é")) {
        assertThat(store.findPeer(new SessionKey(key))).as(key).contains(found);
      }

      others = List.of(new SessionKey("a third, é"), new SessionKey("fourth"));
      store.save(new StoredPeer(peer, new SessionKey("first"), others, null));
      assertThat(store.findPeer(new SessionKey("second"))).isEmpty();
      assertThat(store.findPeer(new SessionKey("fourth")).orElseThrow().otherKeys())
          .isEqualTo(others);

      assertThat(store.deleteInactivePeers(List.of(EEL), NOW.plusSeconds(1))).containsExactly(EEL);
      assertThat(store.findPeer(new SessionKey("fourth"))).isEmpty();
      assertThat(store.findPeer(new SessionKey("key of " + OWL))).isPresent();
    }
  }

  /** Peers are listed in the order in which they joined. */
  @Test
  default void listsPeersInOrderOfRegistration() {
    try (BrokerStore store = openStore()) {
      for (String id : List.of("zebra-2222", "ape-3333", "moth-4444")) {
        save(store, new PeerId(id));
      }
      save(store, new PeerId("zebra-2222"));
      assertThat(store.peers().stream().map(p -> p.peer().id().value()))
          .containsExactly("zebra-2222", "ape-3333", "moth-4444");
    }
  }

  /** A message is taken with everything that was appended. */
  @Test
  default void takesAMessageAsItWasAppended() {
    try (BrokerStore store = openStore()) {
      String text = "zwei\nZeilen \u0000 \u001b 🙂 '\"; --";
      Sender sender = new Sender(EEL, "Eel", "eel", "/code/eel", "fixing the \"reader\"");
      Receipt first = store.append(message(sender, text, null, null));
      Receipt answer = store.append(message(sender, "b", first.id(), null));

      Batch batch = store.receive(OWL, ReceiveRequest.queued(10, Duration.ofSeconds(30)), NOW);

      assertThat(batch.messages())
          .containsExactly(
              new Message(first.id(), sender, OWL, text, NOW, null),
              new Message(answer.id(), sender, OWL, "b", NOW, first.id()));
      assertThat(batch.remaining()).isZero();
    }
  }

  /** Ids grow, and a mailbox is read oldest first. */
  @Test
  default void readsAMailboxOldestFirst() {
    try (BrokerStore store = openStore()) {
      List<MessageId> ids = append(store, 5);
      assertThat(ids).isSorted().doesNotHaveDuplicates();
      Batch batch = store.receive(OWL, ReceiveRequest.queued(3, Duration.ofSeconds(30)), NOW);
      assertThat(batch.ids()).isEqualTo(ids.subList(0, 3));
      assertThat(batch.remaining()).isEqualTo(2);
      assertThat(
              store.receive(EEL, ReceiveRequest.queued(3, Duration.ofSeconds(30)), NOW).isEmpty())
          .isTrue();
    }
  }

  /** What is under a lease is not taken again until the lease ends; then it is, counted. */
  @Test
  default void redeliversUntilAcknowledged() {
    try (BrokerStore store = openStore()) {
      MessageId id = append(store, 1).get(0);
      ReceiveRequest take = ReceiveRequest.queued(10, Duration.ofSeconds(30));
      assertThat(store.receive(OWL, take, NOW).deliveries())
          .extracting(Delivery::attempt)
          .containsExactly(1);
      assertThat(store.receive(OWL, take, NOW.plusSeconds(29)).isEmpty()).isTrue();
      assertThat(store.receipt(id, NOW.plusSeconds(29)).orElseThrow().state())
          .isEqualTo(MessageState.OFFERED);
      assertThat(store.receipt(id, NOW.plusSeconds(30)).orElseThrow().state())
          .isEqualTo(MessageState.QUEUED);
      assertThat(store.receive(OWL, take, NOW.plusSeconds(30)).deliveries())
          .extracting(Delivery::attempt)
          .containsExactly(2);

      store.acknowledge(OWL, List.of(id), NOW.plusSeconds(31));

      assertThat(store.receive(OWL, take, NOW.plusSeconds(99)).isEmpty()).isTrue();
      Receipt receipt = store.receipt(id, NOW.plusSeconds(99)).orElseThrow();
      assertThat(receipt.state()).isEqualTo(MessageState.DELIVERED);
      assertThat(receipt.attempts()).isEqualTo(2);
      assertThat(receipt.offeredAt()).isEqualTo(NOW.plusSeconds(30));
      assertThat(receipt.deliveredAt()).isEqualTo(NOW.plusSeconds(31));
    }
  }

  /** Who takes in order gets nothing that was sent after something another may still deliver. */
  @Test
  default void takesInOrderUpToTheFirstLease() {
    try (BrokerStore store = openStore()) {
      List<MessageId> ids = append(store, 4);
      Duration lease = Duration.ofSeconds(30);
      store.receive(
          OWL, ReceiveRequest.queued(1, Duration.ofSeconds(10)).after(ids.get(1).value()), NOW);

      assertThat(store.receive(OWL, ReceiveRequest.inOrder(10, lease), NOW).ids())
          .containsExactly(ids.get(0), ids.get(1));
      assertThat(
              store.receive(OWL, ReceiveRequest.inOrder(10, lease), NOW.plusSeconds(10)).isEmpty())
          .isTrue();
      store.acknowledge(OWL, ids.subList(0, 2), NOW.plusSeconds(10));
      assertThat(store.receive(OWL, ReceiveRequest.inOrder(10, lease), NOW.plusSeconds(10)).ids())
          .containsExactly(ids.get(2), ids.get(3));
    }
  }

  /** A take may begin behind a message; what is before it is neither taken nor counted. */
  @Test
  default void takesFromAnIdOn() {
    try (BrokerStore store = openStore()) {
      List<MessageId> ids = append(store, 4);
      ReceiveRequest late =
          ReceiveRequest.queued(1, Duration.ofSeconds(30)).after(ids.get(1).value());
      Batch batch = store.receive(OWL, late, NOW);
      assertThat(batch.ids()).containsExactly(ids.get(2));
      assertThat(batch.remaining()).isEqualTo(1);
      assertThat(store.receive(OWL, ReceiveRequest.queued(10, Duration.ZERO), NOW).ids())
          .containsExactly(ids.get(0), ids.get(1), ids.get(3));
    }
  }

  /** A take that asks for it sees messages under a lease as well. */
  @Test
  default void takesOfferedMessagesWhereAsked() {
    try (BrokerStore store = openStore()) {
      List<MessageId> ids = append(store, 2);
      store.receive(OWL, ReceiveRequest.queued(1, Duration.ofMinutes(10)), NOW);
      assertThat(store.receive(OWL, ReceiveRequest.undelivered(10, Duration.ZERO), NOW).ids())
          .isEqualTo(ids);
    }
  }

  /** Looking changes nothing, and can go on after an id. */
  @Test
  default void looksWithoutTaking() {
    try (BrokerStore store = openStore()) {
      List<MessageId> ids = append(store, 4);
      Batch rest = store.peek(OWL, ids.get(1).value(), 1, NOW);
      assertThat(rest.ids()).containsExactly(ids.get(2));
      assertThat(rest.deliveries()).extracting(Delivery::attempt).containsExactly(0);
      assertThat(rest.remaining()).isEqualTo(1);
      assertThat(store.peek(OWL, 0, 0, NOW).remaining()).isEqualTo(4);
      assertThat(store.receipt(ids.get(2), NOW).orElseThrow().attempts()).isZero();
    }
  }

  /** Nobody can acknowledge mail of another mailbox. */
  @Test
  default void acknowledgesOnlyInTheOwnMailbox() {
    try (BrokerStore store = openStore()) {
      MessageId id = append(store, 1).get(0);
      store.acknowledge(EEL, List.of(id, new MessageId(999_999)), NOW);
      assertThat(store.receipt(id, NOW).orElseThrow().state()).isEqualTo(MessageState.QUEUED);
      assertThat(store.receipt(new MessageId(999_999), NOW)).isEmpty();
    }
  }

  /** The first acknowledgement is the one that counts. */
  @Test
  default void keepsTheFirstTimeOfDelivery() {
    try (BrokerStore store = openStore()) {
      MessageId id = append(store, 1).get(0);
      store.acknowledge(OWL, List.of(id, id), NOW);
      store.acknowledge(OWL, List.of(id), NOW.plusSeconds(5));
      assertThat(store.receipt(id, NOW.plusSeconds(6)).orElseThrow().deliveredAt()).isEqualTo(NOW);
    }
  }

  /** One sender's key stores one message; another sender's equal key is another key. */
  @Test
  default void storesARepeatedSendOnce() {
    try (BrokerStore store = openStore()) {
      Receipt first = store.append(message(sender(EEL), "once", null, "key"));
      Receipt again = store.append(message(sender(EEL), "once", null, "key"));
      Receipt other = store.append(message(sender(new PeerId("ape-2222")), "once", null, "key"));
      assertThat(again.id()).isEqualTo(first.id());
      assertThat(other.id()).isNotEqualTo(first.id());
      assertThat(store.peek(OWL, 0, 10, NOW).ids()).containsExactly(first.id(), other.id());
    }
  }

  /** What outlives its time is never handed out, and reads as expired, housekept or not. */
  @Test
  default void expiresWhatOutlivesItsTime() {
    try (BrokerStore store = openStore()) {
      MessageId id = append(store, 1).get(0);
      Instant late = NOW.plus(Duration.ofDays(7));
      assertThat(store.peek(OWL, 0, 10, late.minusMillis(1)).ids()).containsExactly(id);
      assertThat(store.receive(OWL, ReceiveRequest.queued(10, Duration.ZERO), late).isEmpty())
          .isTrue();
      assertThat(store.receipt(id, late).orElseThrow().state()).isEqualTo(MessageState.EXPIRED);
      assertThat(store.expire(late)).isEqualTo(1);
      assertThat(store.expire(late)).isZero();
      assertThat(store.receipt(id, late).orElseThrow().state()).isEqualTo(MessageState.EXPIRED);
    }
  }

  /** History goes, undelivered mail never does. */
  @Test
  default void purgesHistoryOnly() {
    try (BrokerStore store = openStore()) {
      List<MessageId> ids = append(store, 2);
      store.acknowledge(OWL, ids.subList(0, 1), NOW);
      assertThat(store.purge(NOW)).isZero();
      assertThat(store.purge(NOW.plusMillis(1))).isEqualTo(1);
      assertThat(store.receipt(ids.get(0), NOW)).isEmpty();
      assertThat(store.peek(OWL, 0, 10, NOW).ids()).containsExactly(ids.get(1));
    }
  }

  /** An id that was given is not given again, though nothing is left that has it. */
  @Test
  default void givesNoIdTwice() {
    try (BrokerStore store = openStore()) {
      List<MessageId> ids = append(store, 2);
      store.acknowledge(OWL, ids, NOW);
      assertThat(store.purge(NOW.plusMillis(1))).isEqualTo(2);
      assertThat(append(store, 1).get(0)).isGreaterThan(ids.get(1));
    }
  }

  /** Who is old and has no mail goes; its messages do not. */
  @Test
  default void forgetsPeersWithoutMail() {
    try (BrokerStore store = openStore()) {
      PeerId ape = new PeerId("ape-2222");
      List.of(EEL, OWL, ape).forEach(id -> save(store, id));
      List<MessageId> ids = append(store, 1);

      assertThat(store.deleteInactivePeers(List.of(EEL, OWL), NOW)).isEmpty();
      assertThat(store.deleteInactivePeers(List.of(EEL, OWL), NOW.plusMillis(1)))
          .containsExactly(EEL);

      assertThat(store.findPeer(EEL)).isEmpty();
      assertThat(store.findPeer(new SessionKey("key of " + EEL))).isEmpty();
      assertThat(store.peers()).extracting(stored -> stored.peer().id()).containsExactly(OWL, ape);
      assertThat(history(store, new HistoryQuery(EEL, null, 0, 9))).isEqualTo(ids);

      store.acknowledge(OWL, ids, NOW);
      assertThat(store.deleteInactivePeers(List.of(EEL, OWL), NOW.plusMillis(1)))
          .containsExactlyInAnyOrder(EEL, OWL);
      assertThat(store.deleteInactivePeers(List.of(), NOW.plusMillis(1))).isEmpty();
      assertThat(store.receipt(ids.get(0), NOW).orElseThrow().state())
          .isEqualTo(MessageState.DELIVERED);
    }
  }

  /** Id and key of who was forgotten are free; mail that has expired keeps nobody. */
  @Test
  default void savesAnewWhoWasForgotten() {
    try (BrokerStore store = openStore()) {
      save(store, OWL);
      append(store, 1);
      Instant late = NOW.plus(Duration.ofDays(7));
      assertThat(store.expire(late)).isEqualTo(1);
      assertThat(store.deleteInactivePeers(List.of(OWL), late)).containsExactly(OWL);
      Peer other = Peer.builder(EEL, Workspace.of("/code"), late).build();
      store.save(new StoredPeer(other, new SessionKey("key of " + OWL)));
      Peer again = Peer.builder(OWL, Workspace.of("/code"), late).build();
      store.save(new StoredPeer(again, new SessionKey("another key")));
      assertThat(store.peers()).extracting(stored -> stored.peer().id()).containsExactly(EEL, OWL);
      append(store, 1);
      assertThat(store.peek(OWL, 0, 9, NOW).deliveries()).hasSize(1);
    }
  }

  /** The history holds every message with its state, and of too many the newest. */
  @Test
  default void readsTheHistory() {
    try (BrokerStore store = openStore()) {
      List<MessageId> ids = append(store, 5);
      Receipt other =
          store.append(message(sender(new PeerId("ape-2222")), "elsewhere", null, null));
      store.acknowledge(OWL, ids.subList(0, 1), NOW);
      List<HistoryEntry> all = store.history(HistoryQuery.latest(1_000), NOW).entries();
      assertThat(all).extracting(entry -> entry.message().id()).hasSize(6).isSorted();
      assertThat(all.get(0).receipt().state()).isEqualTo(MessageState.DELIVERED);
      assertThat(all.get(1).receipt().state()).isEqualTo(MessageState.QUEUED);
      assertThat(all.get(1).message().text()).isEqualTo("text 1");
      assertThat(history(store, HistoryQuery.latest(2))).containsExactly(ids.get(4), other.id());
      assertThat(history(store, HistoryQuery.latest(2).after(ids.get(4).value())))
          .containsExactly(other.id());
      assertThat(history(store, new HistoryQuery(EEL, null, 0, 2)))
          .containsExactly(ids.get(3), ids.get(4));
      assertThat(history(store, new HistoryQuery(OWL, null, 0, 9))).hasSize(6);
      assertThat(history(store, new HistoryQuery(null, NOW.plusMillis(1), 0, 9))).isEmpty();
      assertThat(history(store, new HistoryQuery(null, NOW, 0, 9))).hasSize(6);
    }
  }

  private static List<MessageId> history(BrokerStore store, HistoryQuery query) {
    return store.history(query, NOW).entries().stream().map(entry -> entry.message().id()).toList();
  }

  /** History ends before its text gets too large, says so, and goes on before where it ended. */
  @Test
  default void boundsTheTextOfTheHistory() {
    try (BrokerStore store = openStore()) {
      String large = "x".repeat(60_000);
      List<MessageId> ids = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        ids.add(store.append(message(sender(EEL), large, null, null)).id());
      }
      for (HistoryQuery query :
          List.of(HistoryQuery.latest(1_000), new HistoryQuery(OWL, null, 0, 1_000))) {
        List<MessageId> read = new ArrayList<>();
        HistoryPage page = store.history(query, NOW);
        assertThat(page.entries()).hasSize(HistoryQuery.MAX_CHARS / 60_000);
        assertThat(page.more()).isTrue();
        int pages = 1;
        while (true) {
          read.addAll(0, page.entries().stream().map(entry -> entry.message().id()).toList());
          if (!page.more()) {
            break;
          }
          page = store.history(query.before(read.get(0).value()), NOW);
          pages++;
        }
        assertThat(read).isEqualTo(ids);
        assertThat(pages).isEqualTo(3);
      }
      HistoryPage one = store.history(HistoryQuery.latest(9).atMostChars(1), NOW);
      assertThat(one.entries()).hasSize(1);
      assertThat(one.more()).isTrue();
      HistoryPage few = store.history(HistoryQuery.latest(2), NOW);
      assertThat(few.entries()).hasSize(2);
      assertThat(few.more()).as("the limit left them out, not the room").isFalse();
    }
  }

  /** Who remembers ids can tell whether they are this database's, and whether it has given them. */
  @Test
  default void saysWhichDatabaseItIs() {
    try (BrokerStore store = openStore()) {
      String first = store.identity();
      assertThat(first).matches("[A-Za-z0-9-]{1,64}");
      assertThat(store.identity()).isEqualTo(first);
      assertThat(store.lastId()).isZero();
      List<MessageId> ids = append(store, 3);
      assertThat(store.lastId()).isEqualTo(ids.get(2).value());
      store.acknowledge(OWL, ids, NOW);
      store.purge(NOW.plusMillis(1));
      assertThat(store.lastId()).isEqualTo(ids.get(2).value());
    }
  }

  /** A batch ends before its text gets too large, but never without a message. */
  @Test
  default void boundsTheTextOfABatch() {
    try (BrokerStore store = openStore()) {
      String large = "x".repeat(ReceiveRequest.MAX_CHARS / 2);
      for (int i = 0; i < 4; i++) {
        store.append(message(sender(EEL), large, null, null));
      }
      Batch batch = store.receive(OWL, ReceiveRequest.queued(1_000, Duration.ofSeconds(30)), NOW);
      assertThat(batch.deliveries()).hasSize(2);
      assertThat(batch.remaining()).isEqualTo(2);
      ReceiveRequest small =
          ReceiveRequest.undelivered(1_000, Duration.ofSeconds(30)).atMostChars(10);
      assertThat(store.receive(OWL, small, NOW).deliveries()).hasSize(1);
    }
  }

  /** What one caller appends without waiting comes in the order in which it was appended. */
  @Test
  default void appendsWithoutWaiting() {
    BrokerStore store = openStore();
    try (store) {
      List<CompletableFuture<Receipt>> underWay = new ArrayList<>();
      for (int i = 0; i < 300; i++) {
        NewMessage message = message(sender(EEL), "text " + i, null, null);
        underWay.add(store.appendAsync(message).toCompletableFuture());
      }
      List<MessageId> ids = underWay.stream().map(receipt -> receipt.join().id()).toList();
      assertThat(ids).isSorted().doesNotHaveDuplicates();
      assertThat(
              store.receive(OWL, ReceiveRequest.queued(1_000, Duration.ofSeconds(30)), NOW).ids())
          .isEqualTo(ids);
    }
    CompletableFuture<Receipt> late =
        store.appendAsync(message(sender(EEL), "late", null, null)).toCompletableFuture();
    assertThatThrownBy(late::join)
        .cause()
        .isInstanceOfSatisfying(
            PeersException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CLOSED));
  }

  /** Many at once lose nothing, and nobody's messages change their order. */
  @Test
  default void keepsEverySendersOrderAmongMany() throws Exception {
    int senders = 8;
    int each = 25;
    ExecutorService pool = Executors.newFixedThreadPool(senders);
    try (BrokerStore store = openStore()) {
      List<Callable<List<MessageId>>> work = new ArrayList<>();
      for (int s = 0; s < senders; s++) {
        Sender sender = sender(new PeerId("sender-" + s));
        work.add(
            () -> {
              List<MessageId> ids = new ArrayList<>();
              for (int i = 0; i < each; i++) {
                ids.add(store.append(message(sender, Integer.toString(i), null, null)).id());
              }
              return ids;
            });
      }
      List<MessageId> all = new ArrayList<>();
      for (Future<List<MessageId>> ids : pool.invokeAll(work)) {
        assertThat(ids.get()).isSorted();
        all.addAll(ids.get());
      }
      Collections.sort(all);
      assertThat(
              store.receive(OWL, ReceiveRequest.queued(1_000, Duration.ofSeconds(30)), NOW).ids())
          .isEqualTo(all);
    } finally {
      pool.shutdownNow();
    }
  }

  /** Of two that take at the same time, each message goes to one. */
  @Test
  default void handsAMessageToOneTakerOnly() throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(4);
    try (BrokerStore store = openStore()) {
      List<MessageId> ids = append(store, 40);
      Callable<List<MessageId>> taker =
          () -> {
            List<MessageId> mine = new ArrayList<>();
            while (true) {
              Batch batch =
                  store.receive(OWL, ReceiveRequest.queued(3, Duration.ofSeconds(30)), NOW);
              if (batch.isEmpty()) {
                return mine;
              }
              mine.addAll(batch.ids());
            }
          };
      List<MessageId> taken = new ArrayList<>();
      for (Future<List<MessageId>> mine : pool.invokeAll(List.of(taker, taker, taker, taker))) {
        taken.addAll(mine.get());
      }
      assertThat(taken).containsExactlyInAnyOrderElementsOf(ids);
    } finally {
      pool.shutdownNow();
    }
  }

  /** A closed store says so. */
  @Test
  default void refusesUseAfterClose() {
    BrokerStore store = openStore();
    store.close();
    store.close();
    assertThatThrownBy(() -> append(store, 1))
        .isInstanceOfSatisfying(
            PeersException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CLOSED));
    assertThatThrownBy(store::peers).isInstanceOf(PeersException.class);
  }

  private static List<MessageId> append(BrokerStore store, int count) {
    List<MessageId> ids = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      ids.add(store.append(message(sender(EEL), "text " + i, null, null)).id());
    }
    return ids;
  }

  private static void save(BrokerStore store, PeerId id) {
    Peer peer = Peer.builder(id, Workspace.of("/code"), NOW).build();
    store.save(new StoredPeer(peer, new SessionKey("key of " + id)));
  }

  private static Sender sender(PeerId id) {
    return new Sender(id, "name", "project", "/code", null);
  }

  private static NewMessage message(
      Sender from, String text, @Nullable MessageId inReplyTo, @Nullable String key) {
    return new NewMessage(from, OWL, text, NOW, NOW.plus(Duration.ofDays(7)), inReplyTo, key);
  }
}
