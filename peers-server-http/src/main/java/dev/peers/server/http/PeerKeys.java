package dev.peers.server.http;

import dev.peers.PeerId;
import dev.peers.transport.http.wire.Secrets;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The keys with which peers prove that they are themselves. A key is a code over the peer's id and
 * the token, made with a secret that the broker alone knows. So none is stored, all outlive the
 * broker where its secret does, all end with the token, and who knows the token cannot make one.
 */
final class PeerKeys {
  /** Beyond that all are made again as they are asked for: nothing reports that a peer is gone. */
  private static final int MAX_KEPT = 10_000;

  private static final int SECRET_BYTES = 32;

  private final Supplier<String> token;
  private final String secret;
  private final boolean wanted;
  private volatile Made made = new Made("", new ConcurrentHashMap<>());

  /**
   * Makes keys.
   *
   * @param token the token of now; null where peers need no keys
   * @param secret the broker's own; null for a new one
   */
  PeerKeys(@Nullable Supplier<String> token, @Nullable String secret) {
    this.token = token == null ? () -> "" : token;
    this.secret = secret == null ? random() : secret;
    this.wanted = token != null;
  }

  /** Whether peers must show their keys. */
  boolean areWanted() {
    return wanted;
  }

  /** The key of a peer with the token of now; the same as long as both secrets are. */
  String keyOf(PeerId id) {
    Made present = made;
    String now = token.get();
    if (!present.token.equals(now) || present.keys.size() > MAX_KEPT) {
      present = new Made(now, new ConcurrentHashMap<>());
      made = present;
    }
    return present.keys.computeIfAbsent(
        id, peer -> Secrets.code(secret, "peer:" + peer.value() + "\n" + now));
  }

  /** The keys made with one token so far: making one takes as long as a tenth of a request. */
  private record Made(String token, Map<PeerId, String> keys) {}

  boolean matches(PeerId id, @Nullable String key) {
    return key != null && Secrets.same(keyOf(id), key);
  }

  private static String random() {
    byte[] bits = new byte[SECRET_BYTES];
    new SecureRandom().nextBytes(bits);
    return HexFormat.of().formatHex(bits);
  }
}
