package dev.peers.examples;

import dev.peers.Broker;
import dev.peers.Peer;
import dev.peers.PeerQuery;
import dev.peers.Registration;
import dev.peers.Scope;
import dev.peers.SessionKey;
import dev.peers.client.GitWorkspace;
import dev.peers.client.PeerSession;
import dev.peers.spi.ClientConfig;
import dev.peers.spi.Providers;
import dev.peers.spi.TransportProvider;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;

/** Joins the broker that the sessions of this machine use, and writes to each of them. */
public final class JoinOverHttp {
  private JoinOverHttp() {}

  /**
   * Runs the recipe.
   *
   * @param args the broker's address and its token file, such as {@code http://127.0.0.1:7899
   *     ~/.claude-peers.token}
   * @throws IOException if the token file cannot be read
   */
  public static void main(String[] args) throws IOException {
    run(URI.create(args[0]), Files.readString(Path.of(args[1])).strip(), System.out::println);
  }

  static void run(URI address, String token, Consumer<String> out) {
    TransportProvider http = Providers.of(TransportProvider.class).named("http");
    ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    Registration registration =
        Registration.builder(
                new SessionKey(UUID.randomUUID().toString()), GitWorkspace.at(Path.of("")))
            .name("build-watcher")
            .build();
    try (Broker broker = http.connect(new ClientConfig(address, token));
        PeerSession session = PeerSession.join(broker, () -> registration, timer)) {
      for (Peer peer : broker.list(PeerQuery.active(Scope.machine()).without(session.id()))) {
        session.send(peer.id(), "The build is red since 10:42.");
        out.accept("told " + peer.displayName());
      }
    } finally {
      timer.shutdown();
    }
  }
}
