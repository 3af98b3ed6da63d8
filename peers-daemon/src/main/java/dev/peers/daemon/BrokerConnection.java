package dev.peers.daemon;

import dev.peers.Broker;
import dev.peers.BuildInfo;
import dev.peers.ErrorCode;
import dev.peers.PeersException;
import dev.peers.Registration;
import dev.peers.SessionKey;
import dev.peers.client.GitWorkspace;
import dev.peers.local.BrokerConnector;
import dev.peers.local.BrokerInfo;
import dev.peers.local.BrokerLock;
import dev.peers.local.BrokerProcess;
import dev.peers.local.IoReason;
import dev.peers.local.Version;
import dev.peers.spi.BrokerEndpoint;
import dev.peers.spi.ClientConfig;
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
public record BrokerConnection(Broker broker, URI address) implements AutoCloseable {

  /** Connects; a local broker that is not there is started. */
  public static BrokerConnection open(Config config) {
    URI url = config.url();
    if (url != null) {
      return to(config, new ClientConfig(url, config.remoteToken().orElse(null)));
    }
    if (runs(config)) {
      requireGoing(config);
      Optional<BrokerInfo> card = reachable(config);
      try {
        if (card.isPresent() && !Version.isNewer(BuildInfo.version(), card.get().version())) {
          return to(config, new ClientConfig(() -> endpoint(config)));
        }
      } catch (PeersException e) {
        // It may be just starting, and the card the last one's; the door knows.
        if (e.code() != ErrorCode.UNAVAILABLE) {
          throw e;
        }
      }
    }
    // Whoever answers at the socket has written its card before.
    try {
      new BrokerConnector(config.files(), config.environment()).enter().close();
      return to(config, new ClientConfig(() -> endpoint(config)));
    } catch (IOException e) {
      throw new PeersException(ErrorCode.UNAVAILABLE, IoReason.of(e), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new PeersException(ErrorCode.UNAVAILABLE, "interrupted", e);
    }
  }

  /** A stopped process would take the connection, and a command wait for its answer in vain. */
  public static void requireGoing(Config config) {
    stopped(config)
        .map(BrokerProcess::stopped)
        .ifPresent(
            reason -> {
              throw new PeersException(ErrorCode.UNAVAILABLE, reason);
            });
  }

  /** The local broker's process, if the system has stopped it. */
  public static Optional<BrokerProcess> stopped(Config config) {
    return living(config)
        .map(card -> new BrokerProcess(card.pid()))
        .filter(BrokerProcess::isStopped);
  }

  /** Connects to a broker that runs; starts none. */
  public static Optional<BrokerConnection> openRunning(Config config) {
    return config.url() != null || runs(config) ? Optional.of(open(config)) : Optional.empty();
  }

  /** Whether a local broker holds the lock of the database. */
  public static boolean runs(Config config) {
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

  /**
   * The card of a broker that runs. Where the last one served another program may listen by now.
   */
  private static Optional<BrokerInfo> living(Config config) {
    return BrokerInfo.read(config.files().lock()).filter(BrokerInfo::isAlive);
  }

  /** The card of a broker that runs here, or elsewhere on this machine with a socket here. */
  private static Optional<BrokerInfo> reachable(Config config) {
    return living(config)
        .or(
            () ->
                BrokerInfo.read(config.files().lock())
                    .filter(card -> socket(card).isPresent() && runs(config)));
  }

  private static Optional<Path> socket(BrokerInfo card) {
    try {
      return card.ownSocket();
    } catch (IOException e) {
      throw new PeersException(ErrorCode.UNAVAILABLE, IoReason.of(e), e);
    }
  }

  /** Where the local broker is now, which its own file tells. */
  private static BrokerEndpoint endpoint(Config config) {
    BrokerInfo card =
        reachable(config)
            .orElseThrow(
                () ->
                    new PeersException(
                        ErrorCode.UNAVAILABLE,
                        "the broker's lock file "
                            + config.files().lock()
                            + " does not tell where one runs; end the broker's process and try"
                            + " again"));
    String token =
        card.open() || !config.authenticated()
            ? null
            : TokenFile.read(config.files().token()).orElse(null);
    return new BrokerEndpoint(card.address(), token, true, socket(card).orElse(null));
  }

  private static BrokerConnection to(Config config, ClientConfig client) {
    TransportProvider transports =
        Plugins.of(config.plugins())
            .named(TransportProvider.class, "CLAUDE_PEERS_TRANSPORT", config.transport());
    URI address = client.endpoint().get().address();
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
}
