package dev.peers.daemon;

import dev.peers.Broker;
import dev.peers.PeersException;
import dev.peers.broker.LocalBroker;
import dev.peers.local.IoReason;
import dev.peers.spi.ServerConfig;
import dev.peers.spi.ServerProvider;
import dev.peers.spi.StoreProvider;
import java.io.IOException;

/** Finds out who holds the broker's port. */
public final class PortProbe {
  private PortProbe() {}

  /**
   * Has the transport say who holds the port, by the attempt to serve a broker without mail there.
   *
   * @param config the settings, whose port could not be bound
   * @return the end of a sentence that says that the port is taken
   */
  public static String holder(Config config) {
    String token = TokenFile.random();
    ServerConfig server =
        new ServerConfig(config.host(), config.port(), () -> token, null, () -> {});
    try (Plugins plugins = Plugins.of(config.plugins())) {
      ServerProvider servers =
          plugins.named(ServerProvider.class, "CLAUDE_PEERS_TRANSPORT", config.transport());
      StoreProvider memory = plugins.named(StoreProvider.class, "CLAUDE_PEERS_STORE", "memory");
      try (Broker empty = LocalBroker.over(memory.open(config.storeConfig())).build()) {
        servers.serve(empty, server).close();
        return ", but was not a moment later";
      }
    } catch (PeersException e) {
      return ": " + e.getMessage();
    } catch (IOException e) {
      return ": " + IoReason.of(e);
    }
  }
}
