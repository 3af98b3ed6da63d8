package dev.peers.transport.http.wire;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How a broker shows that it knows the token before a client sends it: a code over a challenge of
 * the client's and the address at which the broker listens, made with the token. Who only passes
 * the challenge on gets a code for the broker's address and not for its own.
 *
 * @param listener the address at which the broker says that it was asked, such as {@code
 *     127.0.0.1:7899}
 * @param code the code in hexadecimal digits
 */
public record BrokerProof(String listener, String code) {
  /** The header with which a client asks for a proof. */
  public static final String CHALLENGE = "Peers-Challenge";

  /** The header of the answer, which holds address and code with a space between. */
  public static final String PROOF = "Peers-Proof";

  private static final Pattern CHALLENGE_FORM = Pattern.compile("[A-Za-z0-9_-]{22,128}");
  private static final Pattern PROOF_FORM =
      Pattern.compile("([0-9A-Za-z.:%\\[\\]-]{3,80}) ([0-9a-f]{64})");

  /** As many as no one guesses; a challenge that comes twice would let an old proof pass. */
  private static final int CHALLENGE_BYTES = 16;

  /** A challenge that was never used before. */
  public static String challenge() {
    byte[] bits = new byte[CHALLENGE_BYTES];
    new SecureRandom().nextBytes(bits);
    return HexFormat.of().formatHex(bits);
  }

  /** Whether a client's challenge is long enough to be fresh, and no longer than it needs to be. */
  public static boolean isChallenge(String text) {
    return CHALLENGE_FORM.matcher(text).matches();
  }

  /** What a broker answers that was asked at an address. */
  public static BrokerProof of(String token, String challenge, String listener) {
    return new BrokerProof(
        listener,
        Secrets.code(token, "claude-peers broker proof 1\n" + challenge + "\n" + listener));
  }

  /** Reads a proof; null if it is none. */
  public static @Nullable BrokerProof read(String header) {
    var parts = PROOF_FORM.matcher(header);
    return parts.matches() ? new BrokerProof(parts.group(1), parts.group(2)) : null;
  }

  /** Whether it was made with this token for this challenge. */
  public boolean isMadeWith(String token, String challenge) {
    return Secrets.same(of(token, challenge, listener).code, code);
  }

  /** An address as both ends write it. */
  public static String listener(InetSocketAddress address) {
    InetAddress ip = address.getAddress();
    String host = ip == null ? address.getHostString() : ip.getHostAddress();
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + address.getPort();
  }

  /** The header's value. */
  public String header() {
    return listener + " " + code;
  }
}
