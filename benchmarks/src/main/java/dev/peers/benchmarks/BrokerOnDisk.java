package dev.peers.benchmarks;

import dev.peers.Limits;
import dev.peers.OutgoingMessage;
import dev.peers.PeerId;
import dev.peers.Registration;
import dev.peers.SessionKey;
import dev.peers.Workspace;
import dev.peers.broker.LocalBroker;
import dev.peers.spi.Providers;
import dev.peers.spi.StoreConfig;
import dev.peers.spi.StoreProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** A broker over SQLite, with so many peers and so much unread mail for one of them. */
@State(Scope.Benchmark)
public class BrokerOnDisk {
  /** How many peers there are. */
  @Param({"10", "1000"})
  public int peers;

  /** How many messages wait for the first of them. */
  @Param({"0", "100000"})
  public int unread;

  LocalBroker broker;
  List<PeerId> ids;
  private Path directory;

  /** Fills a database of its own. */
  @Setup(Level.Trial)
  public void open() throws IOException {
    directory = Files.createTempDirectory("peers-benchmark");
    StoreProvider sqlite = Providers.of(StoreProvider.class).named("sqlite");
    broker =
        LocalBroker.over(sqlite.open(StoreConfig.at(directory.resolve("peers.db"))))
            .limits(new Limits(0, 0, 0, Duration.ofDays(7), Duration.ofDays(30)))
            .build();
    ids = new ArrayList<>();
    for (int i = 0; i < peers; i++) {
      Workspace workspace = Workspace.of("/code/project-" + i % 20);
      ids.add(
          broker
              .register(Registration.builder(new SessionKey("key-" + i), workspace).build())
              .id());
    }
    // In parallel, for many then share a commit.
    Stream.iterate(0, i -> i + 1)
        .limit(unread)
        .parallel()
        .forEach(i -> broker.send(OutgoingMessage.of(ids.get(1), ids.get(0), "waiting")));
  }

  /** Closes and removes it. */
  @TearDown(Level.Trial)
  public void close() throws IOException {
    broker.close();
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
        Files.delete(file);
      }
    }
  }
}
