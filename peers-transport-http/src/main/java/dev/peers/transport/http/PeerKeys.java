package dev.peers.transport.http;

import dev.peers.PeerId;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * The keys with which peers prove that they are themselves. A key is a code over the peer's id made
 * with the broker's token: none is stored, and all outlive the broker as long as the token does.
 */
final class PeerKeys {
  private final SecretKeySpec secret;

  PeerKeys(@Nullable String token) {
    byte[] seed;
    if (token == null) {
      seed = new byte[32];
      new SecureRandom().nextBytes(seed);
    } else {
      seed = token.getBytes(StandardCharsets.UTF_8);
    }
    this.secret = new SecretKeySpec(seed, "HmacSHA256");
  }

  String keyOf(PeerId id) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(secret);
      return HexFormat.of()
          .formatHex(mac.doFinal(("peer:" + id.value()).getBytes(StandardCharsets.UTF_8)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has HmacSHA256", e);
    }
  }

  boolean matches(PeerId id, @Nullable String key) {
    return key != null && sameSecret(keyOf(id), key);
  }

  /** Compares without telling by its duration how much was right. */
  static boolean sameSecret(String expected, String given) {
    return MessageDigest.isEqual(
        expected.getBytes(StandardCharsets.UTF_8), given.getBytes(StandardCharsets.UTF_8));
  }
}
