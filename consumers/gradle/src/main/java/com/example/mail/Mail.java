package com.example.mail;

import dev.peers.Broker;
import dev.peers.Message;
import dev.peers.Registration;
import dev.peers.SessionKey;
import dev.peers.Workspace;
import dev.peers.broker.LocalBroker;
import dev.peers.client.Brokers;
import dev.peers.client.PeerSession;
import dev.peers.spi.BrokerServer;
import dev.peers.spi.Providers;
import dev.peers.spi.ServerConfig;
import dev.peers.spi.ServerProvider;
import dev.peers.spi.StoreConfig;
import dev.peers.spi.StoreProvider;
import java.nio.file.Path;
import java.time.Duration;

/** Keeps a broker, serves it over HTTP, and has a visitor write to it. */
public final class Mail {
  private static final String TOKEN = "the token of this example";

  private Mail() {}

  public static void main(String[] args) throws InterruptedException {
    ServerConfig config = ServerConfig.withToken("127.0.0.1", 0, TOKEN, () -> {});
    try (Broker broker = open(Path.of(args[0]));
        BrokerServer server =
            Providers.of(ServerProvider.class).named("http").serve(broker, config);
        Broker remote = Brokers.connect(server.address(), TOKEN);
        PeerSession visitor = join(remote, "visitor");
        PeerSession host = join(broker, "host")) {
      visitor.send(host.id(), "Are you there?");
      Message mail = host.receive(Duration.ofSeconds(10)).orElseThrow();
      System.out.println(mail.from().id() + " wrote: " + mail.text());
    }
  }

  private static Broker open(Path database) {
    return LocalBroker.over(
            Providers.of(StoreProvider.class).named("sqlite").open(StoreConfig.at(database)))
        .build();
  }

  private static PeerSession join(Broker broker, String name) {
    return PeerSession.join(
        broker,
        Registration.builder(new SessionKey("key-of-" + name), Workspace.of("/" + name)).build());
  }
}
