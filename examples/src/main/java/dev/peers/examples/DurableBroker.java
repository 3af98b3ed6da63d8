package dev.peers.examples;

import dev.peers.Broker;
import dev.peers.Message;
import dev.peers.Registration;
import dev.peers.SessionKey;
import dev.peers.Workspace;
import dev.peers.broker.LocalBroker;
import dev.peers.client.PeerSession;
import dev.peers.spi.BrokerStore;
import dev.peers.spi.Providers;
import dev.peers.spi.StoreConfig;
import dev.peers.spi.StoreProvider;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/** A broker of the program's own whose mail outlives it, in any store on the class path. */
public final class DurableBroker {
  private DurableBroker() {}

  /**
   * Runs the recipe.
   *
   * @param args the database, such as {@code build/peers.db}
   * @throws InterruptedException if it is interrupted
   */
  public static void main(String[] args) throws InterruptedException {
    run(Path.of(args[0]), System.out::println);
  }

  static void run(Path database, Consumer<String> out) throws InterruptedException {
    try (Broker broker = open(database);
        PeerSession eel = PeerSession.join(broker, session("eel"));
        PeerSession crab = PeerSession.join(broker, session("crab"))) {
      eel.send(crab.id(), "Read this tomorrow.");
    }
    // The same session key is the same peer, with its mail.
    try (Broker broker = open(database);
        PeerSession crab = PeerSession.join(broker, session("crab"))) {
      Optional<Message> mail = crab.receive(Duration.ZERO);
      out.accept(mail.map(m -> m.from().name() + " wrote: " + m.text()).orElse("no mail"));
    }
  }

  private static Broker open(Path database) {
    BrokerStore store =
        Providers.of(StoreProvider.class).named("sqlite").open(StoreConfig.at(database));
    return LocalBroker.over(store).build();
  }

  private static Registration session(String project) {
    return Registration.builder(
            new SessionKey("session-of-" + project), Workspace.of("/code/" + project))
        .build();
  }
}
