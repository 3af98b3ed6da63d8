package dev.peers.cli.peers;

import dev.peers.BrokerStatus;
import dev.peers.HistoryEntry;
import dev.peers.Peer;
import dev.peers.cli.message.HistoryRow;
import java.net.URI;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What there is to see of a broker at one moment.
 *
 * @param trouble why it cannot be seen, the rest then being what was seen last; null if it can
 * @param status what it says of itself; null if it was never seen
 * @param address where it serves; null if it was never seen
 * @param replaced when another broker was found in the place of the first; null if it is the first
 * @param peers all peers, the active ones first
 * @param messages the newest messages, the newest last
 */
record BrokerView(
    @Nullable String trouble,
    @Nullable BrokerStatus status,
    @Nullable URI address,
    @Nullable Instant replaced,
    List<Peer> peers,
    List<HistoryEntry> messages) {
  static final BrokerView NOTHING = new BrokerView(null, null, null, null, List.of(), List.of());

  BrokerView {
    peers = List.copyOf(peers);
    messages = List.copyOf(messages);
  }

  BrokerView troubledBy(String reason) {
    return new BrokerView(reason, status, address, replaced, peers, messages);
  }

  /** The same for all that is worth telling: that a peer was heard of again is not. */
  BrokerView essence() {
    List<Peer> still =
        peers.stream().map(peer -> peer.toBuilder().lastSeen(Instant.EPOCH).build()).toList();
    return new BrokerView(trouble, status, address, null, still, messages);
  }

  List<PeerRow> rows() {
    return peers.stream().map(peer -> PeerRow.of(peer, "")).toList();
  }

  /** What programs are told. */
  Map<String, Object> report() {
    Map<String, Object> report = new LinkedHashMap<>();
    if (trouble != null || status == null || address == null) {
      report.put("status", "down");
      report.put("error", trouble);
      return report;
    }
    report.putAll(StatusCommand.broker(status, address));
    report.put("active_peers", status.activePeers());
    report.put("peers", rows());
    report.put("messages", messages.stream().map(HistoryRow::of).toList());
    return report;
  }
}
