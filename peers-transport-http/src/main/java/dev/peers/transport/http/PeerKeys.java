package dev.peers.transport.http;

import dev.peers.PeerId;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * The keys with which peers prove that they are themselves. A key is a code over the peer's id made
 * with the broker's token: none is stored, all outlive the broker, and all end with the token.
 */
final class PeerKeys {
  private static final int MAX_KEPT = 10_000;

  private final Supplier<String> token;
  private final boolean wanted;
  private volatile Made made = new Made("", new ConcurrentHashMap<>());

  PeerKeys(@Nullable Supplier<String> token) {
    String own = UUID.randomUUID().toString();
    this.token = token == null ? () -> own : token;
    this.wanted = token != null;
  }

  /** Whether peers must show their keys. */
  boolean areWanted() {
    return wanted;
  }

  String keyOf(PeerId id) {
    Made present = made;
    String now = token.get();
    if (!present.token.equals(now) || present.keys.size() > MAX_KEPT) {
      present = new Made(now, new ConcurrentHashMap<>());
      made = present;
    }
    return present.keys.computeIfAbsent(id, peer -> make(peer, now));
  }

  private static String make(PeerId id, String token) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(token.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
      return HexFormat.of()
          .formatHex(mac.doFinal(("peer:" + id.value()).getBytes(StandardCharsets.UTF_8)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has HmacSHA256", e);
    }
  }

  /** The keys made with one token so far: making one takes as long as a tenth of a request. */
  private record Made(String token, Map<PeerId, String> keys) {}

  boolean matches(PeerId id, @Nullable String key) {
    return key != null && sameSecret(keyOf(id), key);
  }

  /** Compares without telling by its duration how much was right. */
  static boolean sameSecret(String expected, String given) {
    return MessageDigest.isEqual(
        expected.getBytes(StandardCharsets.UTF_8), given.getBytes(StandardCharsets.UTF_8));
  }
}
