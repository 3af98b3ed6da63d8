package dev.peers.cli.shell;

import dev.peers.Peer;
import dev.peers.PeerId;
import dev.peers.PeerQuery;
import dev.peers.PeersException;
import dev.peers.Presence;
import dev.peers.daemon.BrokerConnection;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.IFactory;

/** What arguments of commands can be completed with. */
public final class Candidates {
  private Candidates() {}

  /** Ids and names of the active peers. */
  public static final class Peers implements Iterable<String> {
    private final CommandIo shell;

    Peers(CommandIo shell) {
      this.shell = shell;
    }

    @Override
    public Iterator<String> iterator() {
      return addresses(shell, Presence.ACTIVE);
    }
  }

  /** Ids and names of the peers that are away. */
  public static final class AwayPeers implements Iterable<String> {
    private final CommandIo shell;

    AwayPeers(CommandIo shell) {
      this.shell = shell;
    }

    @Override
    public Iterator<String> iterator() {
      return addresses(shell, Presence.AWAY);
    }
  }

  /** None where no broker runs, for none is started. */
  private static Iterator<String> addresses(CommandIo shell, Presence presence) {
    try {
      Optional<BrokerConnection> running = BrokerConnection.openRunning(shell.config());
      if (running.isEmpty()) {
        return List.<String>of().iterator();
      }
      try (BrokerConnection connection = running.get()) {
        return connection.broker().list(PeerQuery.everyone()).stream()
            .filter(peer -> peer.presence() == presence && !peer.id().equals(PeerId.OPERATOR))
            .flatMap(Candidates::addresses)
            .iterator();
      }
    } catch (PeersException e) {
      // Completion offers less; the command itself reports what is wrong.
      return List.<String>of().iterator();
    }
  }

  private static Stream<String> addresses(Peer peer) {
    // A shell would split a name with a space, or run what is in it.
    Stream<String> name =
        Stream.ofNullable(peer.name()).filter(text -> text.matches("[\\p{L}\\p{N}._-]+"));
    return Stream.concat(Stream.of(peer.id().value()), name);
  }

  /** The scopes of a listing. */
  public static final class Scopes implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return List.of("machine", "directory", "repo", "network").iterator();
    }
  }

  /** Makes candidates that need to know where they are asked for. */
  public record Factory(CommandIo shell) implements IFactory {
    @Override
    public <K> K create(Class<K> type) throws Exception {
      if (type == Peers.class) {
        return type.cast(new Peers(shell));
      }
      return type == AwayPeers.class
          ? type.cast(new AwayPeers(shell))
          : CommandLine.defaultFactory().create(type);
    }
  }
}
