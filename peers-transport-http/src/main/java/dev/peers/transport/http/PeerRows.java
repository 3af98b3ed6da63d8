package dev.peers.transport.http;

import dev.peers.Peer;
import dev.peers.PeerId;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Peers as JSON, each written once for as long as it stays the same: a listing then costs little
 * more than its bytes. Thread-safe.
 */
final class PeerRows {
  private static final int MAX_KEPT = 10_000;

  private record Row(Peer peer, ByteBuffer json) {}

  private final Map<PeerId, Row> rows = new ConcurrentHashMap<>();

  /** A JSON array of peers. */
  byte[] write(List<Peer> peers) {
    ByteArrayOutputStream array = new ByteArrayOutputStream(512 * (peers.size() + 1));
    array.write('[');
    for (int i = 0; i < peers.size(); i++) {
      if (i > 0) {
        array.write(',');
      }
      ByteBuffer row = row(peers.get(i));
      array.write(row.array(), row.arrayOffset(), row.limit());
    }
    array.write(']');
    return array.toByteArray();
  }

  private ByteBuffer row(Peer peer) {
    Row row = rows.get(peer.id());
    if (row != null && row.peer.equals(peer)) {
      return row.json;
    }
    ByteBuffer json = ByteBuffer.wrap(WireCodec.write(PeerJson.write(peer)));
    if (rows.size() >= MAX_KEPT) {
      rows.clear();
    }
    rows.put(peer.id(), new Row(peer, json));
    return json;
  }
}
