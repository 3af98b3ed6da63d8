package com.example.embedded;

import dev.peers.Broker;
import dev.peers.Message;
import dev.peers.ReceiveRequest;
import dev.peers.Registration;
import dev.peers.SessionKey;
import dev.peers.Workspace;
import dev.peers.broker.LocalBroker;
import dev.peers.client.PeerSession;
import dev.peers.spi.Providers;
import dev.peers.spi.StoreConfig;
import dev.peers.spi.StoreProvider;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;

/** Two sessions talk over a broker of this program's own, once for each store that is there. */
public final class Embedded {
  private Embedded() {}

  public static void main(String[] args) {
    if (!Broker.class.getModule().isNamed() || !LocalBroker.class.getModule().isNamed()) {
      throw new AssertionError("not on the module path");
    }
    StoreConfig config = StoreConfig.at(Path.of(args[0]));
    ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    try {
      for (String store : List.of("memory", "sqlite")) {
        talk(Providers.of(StoreProvider.class).named(store), config, timer);
      }
    } finally {
      timer.shutdown();
    }
  }

  private static void talk(
      StoreProvider stores, StoreConfig config, ScheduledExecutorService timer) {
    try (Broker broker = LocalBroker.over(stores.open(config)).build();
        PeerSession eel = join(broker, "eel", timer);
        PeerSession crab = join(broker, "crab", timer)) {
      eel.send(crab.id(), "Are you there?");
      List<Message> mail = crab.take(ReceiveRequest.queued(10, Duration.ofSeconds(30))).messages();
      if (mail.size() != 1 || !mail.get(0).text().equals("Are you there?")) {
        throw new AssertionError(stores.name() + " brought " + mail);
      }
      System.out.println(stores.name() + ": " + mail.get(0).text());
    }
  }

  private static PeerSession join(Broker broker, String project, ScheduledExecutorService timer) {
    Registration registration =
        Registration.builder(new SessionKey("key-of-" + project), Workspace.of("/" + project))
            .build();
    return PeerSession.join(broker, () -> registration, timer);
  }
}
