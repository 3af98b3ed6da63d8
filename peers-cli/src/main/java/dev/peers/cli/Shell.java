package dev.peers.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.peers.ErrorCode;
import dev.peers.PeersException;
import java.io.BufferedInputStream;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * What a command sees of the process it runs in.
 *
 * @param environment environment variables
 * @param in standard input
 * @param charset how text on the standard streams is encoded
 * @param out standard output
 * @param err standard error
 */
record Shell(
    Map<String, String> environment,
    InputStream in,
    Charset charset,
    PrintWriter out,
    PrintWriter err) {
  // All in ASCII, so that no terminal and no charset makes something else of it.
  private static final ObjectMapper JSON =
      JsonMapper.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

  static Shell ofThisProcess() {
    Charset charset = nativeCharset();
    return new Shell(
        System.getenv(),
        new BufferedInputStream(new FileInputStream(FileDescriptor.in)),
        charset,
        new PrintWriter(new FileOutputStream(FileDescriptor.out), true, charset),
        new PrintWriter(new FileOutputStream(FileDescriptor.err), true, charset));
  }

  Config config() {
    return SettingsCheck.require(Config.of(environment));
  }

  /** Prints a line for people. What others wrote cannot steer the terminal with it. */
  void print(String line) {
    out.println(harmless(line));
  }

  /** Prints a value as one line of JSON. */
  void printJson(Object value) {
    try {
      out.println(JSON.writeValueAsString(value));
    } catch (JsonProcessingException e) {
      throw new PeersException(ErrorCode.INTERNAL, "the result cannot be written as JSON", e);
    }
  }

  /** Prints a line for people, or for programs. */
  void print(boolean json, Object value, String line) {
    if (json) {
      printJson(value);
    } else {
      print(line);
    }
  }

  void complain(String message) {
    err.println("peers: " + harmless(message));
  }

  static String harmless(String text) {
    StringBuilder safe = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean layout = c == '\n' || c == '\t';
      safe.append((Character.isISOControl(c) && !layout) || isBidiControl(c) ? '\uFFFD' : c);
    }
    return safe.toString();
  }

  /** What makes a terminal show text elsewhere, or in another order, than it is written. */
  private static boolean isBidiControl(char c) {
    return (c >= '\u202a' && c <= '\u202e')
        || (c >= '\u2066' && c <= '\u2069')
        || c == '\u2028'
        || c == '\u2029'
        || c == '\u200e'
        || c == '\u200f'
        || c == '\u061c';
  }

  /** A text of others on one line, in the order in which it is written. */
  static String oneLine(String text) {
    return text.replaceAll(
            "[\\p{Cc}\\s\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]+", " ")
        .strip();
  }

  /** Newer JDKs tell the stream's own encoding, older ones the system's. */
  private static Charset nativeCharset() {
    String name =
        System.getProperty("stdout.encoding", System.getProperty("native.encoding", "UTF-8"));
    return Charset.isSupported(name) ? Charset.forName(name) : StandardCharsets.UTF_8;
  }
}
