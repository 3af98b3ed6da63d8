package dev.peers.cli.peers;

import dev.peers.BrokerStatus;
import dev.peers.PeerId;
import dev.peers.PeerQuery;
import dev.peers.cli.shell.BaseCommand;
import dev.peers.cli.shell.CommandIo;
import dev.peers.daemon.BrokerConnection;
import dev.peers.daemon.Config;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;

/** {@code peers status}. */
@Command(
    name = "status",
    description = {
      "Show the broker and all peers, those away too.",
      "Starts no broker; without one it exits with 1.",
      "On a terminal the columns are cut to its width; elsewhere they are whole."
    },
    footer = {"  peers status", "  peers status --json | jq .active_peers"})
public final class StatusCommand extends BaseCommand {
  public StatusCommand(CommandIo shell) {
    super(shell);
  }

  @Override
  public Integer call() {
    Config config = shell.config();
    Optional<BrokerConnection> running = BrokerConnection.openRunning(config);
    if (running.isEmpty()) {
      String database = config.files().database().toString();
      shell.print(
          json,
          Map.of("status", "down", "database", database),
          "broker    not running; the first session or 'peers send' starts it\n"
              + "database  "
              + database);
      return FAILED;
    }
    try (BrokerConnection connection = running.get()) {
      BrokerStatus status = connection.broker().status();
      int unread = unread(connection);
      boolean here = config.url() == null;
      List<PeerRow> peers =
          connection.broker().list(PeerQuery.everyone()).stream()
              .map(peer -> PeerRow.of(peer, config.machine()))
              .toList();
      if (json) {
        shell.printJson(report(config, connection, status, unread, peers));
      } else {
        shell.print(brokerLine("running", status, connection.address()));
        if (here) {
          shell.print("database  " + config.files().database());
        }
        shell.print("inbox     " + unread + (unread > 0 ? " unread: 'peers inbox'" : " unread"));
        shell.print(peersLine(peers));
        if (peers.isEmpty()) {
          shell.print(PeerTable.NONE);
        } else {
          shell.print("");
          PeerTable.print(shell, connection.broker(), peers, here);
        }
      }
      return OK;
    }
  }

  private static int unread(BrokerConnection connection) {
    return connection.broker().peek(PeerId.OPERATOR, 0, 0).remaining();
  }

  /** What programs are told of a broker that runs. */
  static Map<String, Object> broker(BrokerStatus status, URI address) {
    Map<String, Object> report = new LinkedHashMap<>();
    report.put("status", "ok");
    report.put("version", status.version());
    report.put("protocol", status.protocol());
    report.put("pid", status.pid());
    report.put("address", address.toString());
    return report;
  }

  /** What people are told of it. */
  static String brokerLine(String state, BrokerStatus status, URI address) {
    return "broker    "
        + state
        + ", version "
        + status.version()
        + ", process "
        + status.pid()
        + ", "
        + address;
  }

  /** How many peers are there and away. */
  static String peersLine(List<PeerRow> peers) {
    long active = peers.stream().filter(PeerRow::isActive).count();
    return "peers     " + active + " active, " + (peers.size() - active) + " away";
  }

  private static Map<String, Object> report(
      Config config,
      BrokerConnection connection,
      BrokerStatus status,
      int unread,
      List<PeerRow> peers) {
    Map<String, Object> report = broker(status, connection.address());
    if (config.url() == null) {
      report.put("database", config.files().database().toString());
    }
    report.put("active_peers", status.activePeers());
    report.put("inbox_unread", unread);
    report.put("peers", peers);
    return report;
  }
}
