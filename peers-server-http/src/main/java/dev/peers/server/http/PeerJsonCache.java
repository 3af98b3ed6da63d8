package dev.peers.server.http;

import dev.peers.Peer;
import dev.peers.PeerId;
import dev.peers.transport.http.wire.PeerJson;
import dev.peers.transport.http.wire.WireCodec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Peers as JSON, each written once for as long as it stays the same: a listing then costs little
 * more than its bytes. Thread-safe.
 */
final class PeerJsonCache {
  /** Beyond that all are forgotten: nothing reports that a peer is gone. */
  private static final int MAX_KEPT = 10_000;

  private static final byte[] NONE = {'[', ']'};
  private static final byte[] END = {']'};

  /** One peer's object, after a comma. */
  private static final class Row {
    final Peer peer;
    final byte[] json;

    Row(Peer peer, byte[] json) {
      this.peer = peer;
      this.json = json;
    }
  }

  private final Map<PeerId, Row> rows = new ConcurrentHashMap<>();

  /** The parts of a JSON array of peers, which are shared and not to be changed. */
  List<byte[]> write(List<Peer> peers) {
    if (peers.isEmpty()) {
      return List.of(NONE);
    }
    List<byte[]> parts = new ArrayList<>(peers.size() + 1);
    for (Peer peer : peers) {
      parts.add(row(peer));
    }
    // Every row has its comma in front, so that it fits anywhere but at the beginning.
    byte[] first = parts.get(0).clone();
    first[0] = '[';
    parts.set(0, first);
    parts.add(END);
    return parts;
  }

  /** Two threads may write the same row; they write the same bytes. */
  private byte[] row(Peer peer) {
    Row row = rows.get(peer.id());
    if (row != null && Objects.equals(row.peer, peer)) {
      return row.json;
    }
    byte[] object = WireCodec.write(PeerJson.write(peer));
    byte[] json = new byte[object.length + 1];
    json[0] = ',';
    System.arraycopy(object, 0, json, 1, object.length);
    if (rows.size() >= MAX_KEPT) {
      rows.clear();
    }
    rows.put(peer.id(), new Row(peer, json));
    return json;
  }
}
