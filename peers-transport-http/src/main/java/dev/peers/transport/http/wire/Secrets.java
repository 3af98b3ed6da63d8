package dev.peers.transport.http.wire;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Codes that only those can make who know a secret: the keys of peers and the proofs of brokers. A
 * code tells nothing of its secret, and none of another text.
 */
public final class Secrets {
  /** Every JDK has it; the specification of Java says so. */
  private static final String ALGORITHM = "HmacSHA256";

  private Secrets() {}

  /** The code of a text: HMAC-SHA256, in hexadecimal digits. */
  public static String code(String secret, String text) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), ALGORITHM));
      return HexFormat.of().formatHex(mac.doFinal(text.getBytes(StandardCharsets.UTF_8)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has " + ALGORITHM, e);
    }
  }

  /**
   * Compares without telling by its duration how much was right: a comparison that ends at the
   * first wrong letter lets one guess a secret letter by letter.
   */
  public static boolean same(String expected, String given) {
    return MessageDigest.isEqual(
        expected.getBytes(StandardCharsets.UTF_8), given.getBytes(StandardCharsets.UTF_8));
  }
}
