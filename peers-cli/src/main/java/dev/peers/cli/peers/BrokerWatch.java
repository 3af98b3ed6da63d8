package dev.peers.cli.peers;

import dev.peers.Broker;
import dev.peers.BrokerStatus;
import dev.peers.HistoryQuery;
import dev.peers.Peer;
import dev.peers.PeerQuery;
import dev.peers.PeersException;
import dev.peers.UntrustedText;
import dev.peers.cli.message.HistoryReader;
import dev.peers.client.GitWorkspace;
import dev.peers.daemon.BrokerConnection;
import dev.peers.daemon.Config;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Looks at a broker again and again, through its restarts; it starts none. Confined to one thread.
 */
final class BrokerWatch implements AutoCloseable {
  /** How many messages a look has. */
  static final int MESSAGES = 200;

  private final Config config;
  private @Nullable BrokerConnection connection;
  private BrokerView last = BrokerView.NOTHING;

  BrokerWatch(Config config) {
    this.config = config;
  }

  /** Looks once: one question each for the broker, its peers and its messages. */
  BrokerView look() {
    boolean fresh = connection == null;
    try {
      last = seen();
    } catch (PeersException first) {
      close();
      try {
        // A connection to a broker that was replaced fails once.
        last = fresh ? last.troubledBy(reason(first)) : seen();
      } catch (PeersException e) {
        close();
        last = last.troubledBy(reason(e));
      }
    }
    return last;
  }

  private BrokerView seen() {
    if (connection == null) {
      connection = BrokerConnection.openRunning(config).orElse(null);
    }
    if (connection == null) {
      return last.troubledBy("no broker is running");
    }
    Broker broker = connection.broker();
    BrokerStatus status = broker.status();
    BrokerStatus before = last.status();
    return new BrokerView(
        null,
        status,
        connection.address(),
        before == null || before.pid() == status.pid() ? last.replaced() : Instant.now(),
        broker.list(PeerQuery.everyone()).stream().map(this::refreshed).toList(),
        HistoryReader.read(broker, HistoryQuery.latest(MESSAGES)).entries());
  }

  private Peer refreshed(Peer peer) {
    return config.url() == null
        ? peer.toBuilder().workspace(GitWorkspace.refresh(peer.workspace())).build()
        : peer;
  }

  private static String reason(PeersException e) {
    return UntrustedText.line(String.valueOf(e.getMessage()));
  }

  @Override
  public void close() {
    if (connection != null) {
      connection.close();
      connection = null;
    }
  }
}
