package dev.peers.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.peers.Batch;
import dev.peers.Broker;
import dev.peers.Delivery;
import dev.peers.ErrorCode;
import dev.peers.HistoryQuery;
import dev.peers.Limits;
import dev.peers.Message;
import dev.peers.MessageId;
import dev.peers.MessageState;
import dev.peers.OutgoingMessage;
import dev.peers.Peer;
import dev.peers.PeerId;
import dev.peers.PeerQuery;
import dev.peers.PeersException;
import dev.peers.Position;
import dev.peers.Presence;
import dev.peers.ProcessRef;
import dev.peers.Receipt;
import dev.peers.ReceiveRequest;
import dev.peers.Registration;
import dev.peers.Route;
import dev.peers.Scope;
import dev.peers.Sender;
import dev.peers.SessionKey;
import dev.peers.Summary;
import dev.peers.Workspace;
import dev.peers.broker.InMemoryStore;
import dev.peers.broker.LocalBroker;
import dev.peers.broker.ProcessProbe;
import dev.peers.client.Brokers;
import dev.peers.client.PeerSession;
import dev.peers.spi.BrokerServer;
import dev.peers.spi.BrokerStore;
import dev.peers.spi.ClientConfig;
import dev.peers.spi.Providers;
import dev.peers.spi.ServerConfig;
import dev.peers.spi.ServerProvider;
import dev.peers.spi.StoreConfig;
import dev.peers.spi.StoreProvider;
import dev.peers.spi.TransportProvider;
import dev.peers.spi.WorkContext;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Every entry point of the library, called with null and with values that hardly make sense. */
@Timeout(300)
class PublicApiTest {
  private static final String TOKEN = "a-token-of-the-test";
  private static final SessionKey KEY = new SessionKey("key");

  /**
   * What stores do is asked by brokers alone, which have checked everything; and an exception does
   * not replace what went wrong by a complaint of its own.
   */
  private static final Set<Class<?>> NOT_FOR_CALLERS =
      Set.of(InMemoryStore.class, PeersException.class);

  @TempDir static Path home;

  private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1);
  private final LocalBroker engine =
      LocalBroker.over(new InMemoryStore())
          .limits(new Limits(0, 0, 0, Duration.ofDays(7), Duration.ofDays(30)))
          .build();
  private final TransportProvider http = Providers.of(TransportProvider.class).named("http");
  private final ServerProvider servers = Providers.of(ServerProvider.class).named("http");
  private final BrokerServer server =
      servers.serve(engine, ServerConfig.withToken("127.0.0.1", 0, TOKEN, () -> {}));
  private final Broker client = Brokers.connect(server.address(), TOKEN);
  private final PeerSession session = join(engine);
  private final PeerSession remote = join(client);
  private final EntryPoints entries = new EntryPoints(values(), extremes());

  @AfterEach
  void close() {
    entries.close();
    remote.close();
    session.close();
    client.close();
    server.close();
    engine.close();
    timer.shutdownNow();
  }

  @Test
  void brokersRefuseNullAndSurviveExtremes() {
    entries.tryMethods(Broker.class, engine);
    entries.tryMethods(Broker.class, client);
    assertNoFault();
  }

  @Test
  void sessionsRefuseNullAndSurviveExtremes() {
    entries.tryMethods(PeerSession.class, session);
    entries.tryMethods(PeerSession.class, remote);
    assertNoFault();
  }

  @Test
  void everythingElseOfTheApiRefusesNullAndSurvivesExtremes() {
    Map<Class<?>, Object> known = values();
    for (JavaClass each :
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.peers", "dev.peers.spi", "dev.peers.broker", "dev.peers.client")) {
      if (List.of("dev.peers", "dev.peers.spi", "dev.peers.broker", "dev.peers.client")
              .contains(each.getPackageName())
          && isPublic(each)
          && !NOT_FOR_CALLERS.contains(each.reflect())) {
        Class<?> type = each.reflect();
        entries.tryStatics(type);
        Object value = known.get(type);
        if (value != null && !type.isInterface()) {
          entries.tryMethods(type, value);
        }
      }
    }
    entries.tryMethods(Scope.class, Scope.directory("/w"));
    entries.tryMethods(Scope.class, Scope.repository("/w/.git"));
    entries.tryMethods(Scope.class, Scope.network());
    entries.tryMethods(TransportProvider.class, http);
    entries.tryMethods(ServerProvider.class, servers);
    assertNoFault();
    assertThat(entries.calls()).isGreaterThan(500);
  }

  private void assertNoFault() {
    assertThat(entries.faults()).isEmpty();
    assertThat(entries.calls()).isGreaterThan(50);
  }

  private static boolean isPublic(JavaClass type) {
    return type.getModifiers().contains(JavaModifier.PUBLIC)
        && type.getEnclosingClass().map(PublicApiTest::isPublic).orElse(true)
        && !type.isAnonymousClass();
  }

  private static PeerSession join(Broker broker) {
    return PeerSession.join(broker, Registration.builder(KEY, Workspace.of("/code/eel")).build());
  }

  /** Something sensible for every parameter; texts that will do as ids, names, paths and hosts. */
  private Map<Class<?>, Object> values() {
    PeerId id = session.id();
    Instant now = Instant.parse("2026-11-23T10:00:00Z");
    Workspace workspace = Workspace.of(home.toString());
    Summary summary = new Summary("text", Summary.Source.MANUAL, now);
    Peer peer = Peer.builder(id, workspace, now).build();
    Sender sender = Sender.of(peer);
    Message message = new Message(new MessageId(1), sender, id, "text", now, null);
    Registration registration = Registration.builder(KEY, Workspace.of("/code/eel")).build();
    Map<Class<?>, Object> values = new HashMap<>();
    values.put(int.class, 1);
    values.put(long.class, 1L);
    values.put(boolean.class, true);
    values.put(String.class, "text");
    values.put(Duration.class, Duration.ZERO);
    values.put(Instant.class, now);
    values.put(Path.class, home);
    values.put(URI.class, server.address());
    values.put(Map.class, Map.of("HOME", home.toString()));
    values.put(List.class, List.of());
    values.put(Set.class, Set.of());
    values.put(Collection.class, List.of(new MessageId(1)));
    values.put(Class.class, StoreProvider.class);
    values.put(ClassLoader.class, PublicApiTest.class.getClassLoader());
    values.put(Throwable.class, new IllegalStateException("made on purpose"));
    values.put(Runnable.class, (Runnable) () -> {});
    values.put(Consumer.class, (Consumer<Object>) any -> {});
    values.put(Supplier.class, (Supplier<Object>) () -> registration);
    values.put(Executor.class, (Executor) Runnable::run);
    values.put(ScheduledExecutorService.class, timer);
    values.put(InstantSource.class, InstantSource.system());
    values.put(LongSupplier.class, (LongSupplier) System::nanoTime);
    values.put(RandomGenerator.class, new Random(1));
    values.put(ProcessProbe.class, ProcessProbe.ofSystem());
    values.put(BrokerStore.class, new InMemoryStore());
    values.put(Broker.class, engine);
    values.put(PeerId.class, id);
    values.put(MessageId.class, new MessageId(1));
    values.put(Position.class, Position.of(1));
    values.put(SessionKey.class, KEY);
    values.put(Workspace.class, workspace);
    values.put(ProcessRef.class, new ProcessRef(1, now));
    values.put(Peer.class, peer);
    values.put(Sender.class, sender);
    values.put(Message.class, message);
    values.put(MessageState.class, MessageState.QUEUED);
    values.put(Delivery.class, new Delivery(message, 1));
    values.put(Batch.class, new Batch(List.of(), 0));
    values.put(OutgoingMessage.class, OutgoingMessage.of(id, id, "text"));
    values.put(ReceiveRequest.class, ReceiveRequest.queued(1, Duration.ZERO));
    values.put(ReceiveRequest.LeasePolicy.class, ReceiveRequest.LeasePolicy.SKIP_LEASED);
    values.put(Registration.class, registration);
    values.put(Registration.Builder.class, registration.toBuilder());
    values.put(Peer.Builder.class, peer.toBuilder());
    values.put(PeerQuery.class, PeerQuery.everyone());
    values.put(HistoryQuery.class, HistoryQuery.latest(1));
    values.put(Limits.class, Limits.DEFAULT);
    values.put(LocalBroker.Builder.class, LocalBroker.over(new InMemoryStore()));
    values.put(
        Receipt.class,
        new Receipt(new MessageId(1), id, id, MessageState.QUEUED, now, null, 0, null, now));
    values.put(Scope.class, Scope.machine());
    values.put(Route.class, Route.PULL);
    values.put(Presence.class, Presence.ACTIVE);
    values.put(Summary.class, summary);
    values.put(Summary.Source.class, Summary.Source.MANUAL);
    values.put(ErrorCode.class, ErrorCode.CLOSED);
    values.put(StoreConfig.class, StoreConfig.at(home.resolve("peers.db")));
    values.put(ServerConfig.class, ServerConfig.withToken("127.0.0.1", 0, TOKEN, () -> {}));
    values.put(ClientConfig.class, new ClientConfig(server.address(), TOKEN));
    values.put(
        WorkContext.class, new WorkContext(workspace, List.of(), List.of(), List.of(), List.of()));
    values.put(Providers.class, Providers.of(StoreProvider.class));
    return values;
  }

  private static Map<Class<?>, List<?>> extremes() {
    Map<Class<?>, List<?>> extremes = new HashMap<>();
    extremes.put(int.class, List.of(Integer.MIN_VALUE, -1, 0, Integer.MAX_VALUE));
    extremes.put(long.class, List.of(Long.MIN_VALUE, -1L, 0L, Long.MAX_VALUE));
    extremes.put(
        Duration.class,
        List.of(
            Duration.ZERO,
            Duration.ofNanos(1),
            Duration.ofNanos(-1),
            Duration.ofDays(365_000),
            Duration.ofSeconds(Long.MIN_VALUE),
            ChronoUnit.FOREVER.getDuration()));
    extremes.put(Instant.class, List.of(Instant.MIN, Instant.EPOCH, Instant.MAX));
    extremes.put(
        String.class,
        List.of("", " ", "\0", "a\nb", "\ud83d", "-", "/", "#", "é".repeat(200_000), "\u202e"));
    extremes.put(
        URI.class,
        List.of(
            URI.create(""),
            URI.create("localhost"),
            URI.create("localhost:7899"),
            URI.create("//localhost:7899"),
            URI.create("http:/x"),
            URI.create("http:x"),
            URI.create("http://localhost:0"),
            URI.create("http://localhost:65536"),
            URI.create("http://user:secret@localhost:1"),
            URI.create("http://user:secret@host_name:1"),
            URI.create("http://host_name:1"),
            URI.create("http://[::1]:1"),
            URI.create("HTTP://localhost:1/"),
            URI.create("https://localhost:1"),
            URI.create("http://localhost:1/path"),
            URI.create("http://localhost:1/?query"),
            URI.create("http://localhost:1/#part"),
            URI.create("ftp://localhost:1"),
            URI.create("file:///etc/passwd"),
            URI.create("mailto:eel@example.org")));
    extremes.put(Path.class, List.of(Path.of(""), Path.of("/"), Path.of("/no/such/place")));
    extremes.put(
        Map.class,
        List.of(
            Map.of(),
            Map.of("CLAUDE_PEERS_URL", "localhost"),
            Map.of("CLAUDE_PEERS_URL", "http://a b"),
            Map.of("CLAUDE_PEERS_URL", "http://h:1", "CLAUDE_PEERS_TOKEN", "a\nb"),
            Map.of("CLAUDE_PEERS_DB", "\0"),
            Map.of("HOME", "\0")));
    extremes.put(Collection.class, List.of(List.of(), withNull()));
    extremes.put(List.class, List.of(withNull()));
    extremes.put(Set.class, List.of(Set.of(), new java.util.HashSet<>(withNull())));
    return extremes;
  }

  private static List<?> withNull() {
    return java.util.Collections.singletonList(null);
  }
}
