package dev.peers.cli;

import dev.peers.Broker;
import dev.peers.BuildInfo;
import dev.peers.ErrorCode;
import dev.peers.PeersException;
import dev.peers.Registration;
import dev.peers.SessionKey;
import dev.peers.client.GitWorkspace;
import dev.peers.mcp.relay.BrokerDoor;
import dev.peers.mcp.relay.BrokerLock;
import dev.peers.mcp.relay.BrokerProcess;
import dev.peers.mcp.relay.IoReason;
import dev.peers.mcp.relay.Version;
import dev.peers.spi.ClientConfig;
import dev.peers.spi.StoreProvider;
import dev.peers.spi.TransportProvider;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A command's connection to the broker, as the operator, whose mailbox is then open to it.
 *
 * @param broker the broker, closed with this
 * @param address where it serves
 */
record BrokerConnection(Broker broker, URI address) implements AutoCloseable {

  /** Connects; a local broker that is not there is started. */
  static BrokerConnection open(Config config) {
    URI url = config.url();
    if (url != null) {
      return to(config, url, config.remoteToken());
    }
    if (runs(config)) {
      // Where the last broker served another program may listen by now: it shall not see the token.
      Optional<BrokerCard> card =
          BrokerCard.read(config.files().lock())
              .filter(read -> ProcessHandle.of(read.pid()).isPresent());
      card.ifPresent(BrokerConnection::requireGoing);
      try {
        if (card.isPresent() && !Version.isNewer(BuildInfo.version(), card.get().version())) {
          return to(config, card.get().address(), ownToken(config));
        }
      } catch (PeersException e) {
        // It may be just starting, and the card the last one's; the door knows.
        if (e.code() != ErrorCode.UNAVAILABLE) {
          throw e;
        }
      }
    }
    if (!config.store().equals(Config.DEFAULT_STORE)) {
      // The broker that is to be started would only report the wrong setting to its log.
      Plugins.of(config.plugins()).named(StoreProvider.class, "CLAUDE_PEERS_STORE", config.store());
    }
    // Whoever answers at the socket has written its card before.
    try {
      new BrokerDoor(config.files(), config.environment()).enter().close();
      return to(config, card(config).address(), ownToken(config));
    } catch (IOException e) {
      throw new PeersException(ErrorCode.UNAVAILABLE, IoReason.of(e), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new PeersException(ErrorCode.UNAVAILABLE, "interrupted", e);
    }
  }

  /** A stopped process would take the connection, and a command wait for its answer in vain. */
  private static void requireGoing(BrokerCard card) {
    String stopped = new BrokerProcess(card.pid()).stopped();
    if (stopped != null) {
      throw new PeersException(ErrorCode.UNAVAILABLE, stopped);
    }
  }

  /** Connects to a broker that runs; starts none. */
  static Optional<BrokerConnection> openRunning(Config config) {
    return config.url() != null || runs(config) ? Optional.of(open(config)) : Optional.empty();
  }

  /** Whether a local broker holds the lock of the database. */
  static boolean runs(Config config) {
    try {
      // Looking makes the file, which only a broker or its starter needs.
      return Files.exists(config.files().lock()) && BrokerLock.isRunning(config.files().lock());
    } catch (IOException e) {
      throw new PeersException(
          ErrorCode.UNAVAILABLE,
          "the lock file cannot be opened: "
              + IoReason.of(e)
              + ". Check the directory's owner and mode, or set CLAUDE_PEERS_DB to another path",
          e);
    }
  }

  @Override
  public void close() {
    broker.close();
  }

  private static Optional<String> ownToken(Config config) {
    return config.authenticated() ? TokenFile.read(config.files().token()) : Optional.empty();
  }

  private static BrokerConnection to(Config config, URI address, Optional<String> token) {
    TransportProvider transports =
        Plugins.of(config.plugins())
            .named(TransportProvider.class, "CLAUDE_PEERS_TRANSPORT", config.transport());
    ClientConfig client = new ClientConfig(address, token.orElse(null));
    Broker broker =
        Plugins.call(transports, ErrorCode.UNAVAILABLE, () -> transports.connect(client));
    try {
      broker.register(
          Registration.builder(SessionKey.OPERATOR, GitWorkspace.at(Path.of(""))).build());
      return new BrokerConnection(broker, address);
    } catch (RuntimeException e) {
      broker.close();
      throw e;
    }
  }

  private static BrokerCard card(Config config) {
    return BrokerCard.read(config.files().lock())
        .orElseThrow(
            () ->
                new PeersException(
                    ErrorCode.UNAVAILABLE,
                    "the broker's lock file "
                        + config.files().lock()
                        + " does not tell its address; end the broker's process and try again"));
  }
}
