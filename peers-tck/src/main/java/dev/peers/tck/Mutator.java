package dev.peers.tck;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Makes inputs that are almost like some given ones. */
final class Mutator {
  private static final int MAX_SHOWN = 2_000;

  /** What parsers are known to trip over; as Latin-1, so that each character is a byte. */
  private static final String[] TOKENS = {
    "\0",
    "\n",
    "\r\n",
    "\t",
    "\u001b[31m",
    "\"",
    "\\",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "<",
    "/",
    "%",
    "\u00ef\u00bb\u00bf",
    "\u00fe\u00ff",
    "\u00ff\u00fe\0\0",
    "\0\0\u00fe\u00ff",
    "\u00ed\u00a0\u00bd",
    "\u00c0\u0080",
    "\u00c2\u0085",
    "\u00e2\u0080\u00a8",
    "\\ud83d",
    "\\udc00",
    "\\u0000",
    "null",
    "true",
    "-1",
    "0",
    "1.5",
    "1e999",
    "99999999999999999999",
    "9223372036854775807",
    "\"\"",
    "{}",
    "9".repeat(1_100),
    "[".repeat(100),
    "{\"a\":".repeat(70),
    "x".repeat(300),
    "x".repeat(5_000),
  };

  private final Random random;
  private final List<byte[]> seeds;

  Mutator(Random random, List<byte[]> seeds) {
    this.random = random;
    this.seeds = seeds;
  }

  byte[] next() {
    byte[] bytes = any();
    for (int left = 1 + random.nextInt(4); left > 0; left--) {
      bytes = mutate(bytes);
    }
    return bytes;
  }

  private byte[] mutate(byte[] bytes) {
    int from = random.nextInt(bytes.length + 1);
    int to = from + random.nextInt(Math.min(bytes.length - from, 32) + 1);
    return switch (random.nextInt(7)) {
      case 0 -> splice(bytes, from, from, token());
      case 1 -> splice(bytes, from, to, token());
      case 2 -> splice(bytes, from, to, new byte[0]);
      case 3 -> splice(bytes, from, from, Arrays.copyOfRange(bytes, from, to));
      case 4 -> splice(bytes, from, bytes.length, tail(any()));
      case 5 -> splice(bytes, from, Math.min(from + 1, bytes.length), one(random.nextInt(256)));
      default -> flipped(bytes, from);
    };
  }

  /** Bytes as a person can read them and write them into a seed. */
  static String shown(byte[] bytes) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < Math.min(bytes.length, MAX_SHOWN); i++) {
      int b = bytes[i] & 0xff;
      text.append(b >= ' ' && b < 0x7f ? "" + (char) b : "\\x%02x".formatted(b));
    }
    return text + (bytes.length > MAX_SHOWN ? "… of " + bytes.length + " bytes" : "");
  }

  private byte[] any() {
    return seeds.get(random.nextInt(seeds.size()));
  }

  private byte[] token() {
    return TOKENS[random.nextInt(TOKENS.length)].getBytes(StandardCharsets.ISO_8859_1);
  }

  private byte[] tail(byte[] bytes) {
    return Arrays.copyOfRange(bytes, random.nextInt(bytes.length + 1), bytes.length);
  }

  private byte[] flipped(byte[] bytes, int at) {
    byte[] copy = bytes.clone();
    if (at < copy.length) {
      copy[at] ^= (byte) (1 << random.nextInt(8));
    }
    return copy;
  }

  private static byte[] one(int value) {
    return new byte[] {(byte) value};
  }

  private static byte[] splice(byte[] bytes, int from, int to, byte[] with) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(bytes, 0, from);
    out.writeBytes(with);
    out.write(bytes, to, bytes.length - to);
    return out.toByteArray();
  }
}
