package dev.peers.examples;

import dev.peers.Broker;
import dev.peers.Peer;
import dev.peers.Registration;
import dev.peers.Scope;
import dev.peers.SessionKey;
import dev.peers.client.Brokers;
import dev.peers.client.GitWorkspace;
import dev.peers.client.PeerSession;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;

/** Joins the broker that the sessions of this machine use, and writes to each of them. */
public final class JoinOverHttp {
  private JoinOverHttp() {}

  /**
   * Runs the recipe.
   *
   * @param args none
   */
  public static void main(String[] args) {
    run(System.getenv(), System.out::println);
  }

  static void run(Map<String, String> environment, Consumer<String> out) {
    Optional<Broker> running = Brokers.find(environment);
    if (running.isEmpty()) {
      out.accept("No broker is running: start a session, or 'peers broker'.");
      return;
    }
    Registration registration =
        Registration.builder(
                new SessionKey(UUID.randomUUID().toString()), GitWorkspace.at(Path.of("")))
            .name("build-watcher")
            .build();
    try (Broker broker = running.get();
        PeerSession session = PeerSession.join(broker, registration)) {
      for (Peer peer : session.peers(Scope.machine())) {
        session.send(peer.id(), "The build is red since 10:42.");
        out.accept("told " + peer.displayName());
      }
    }
  }
}
