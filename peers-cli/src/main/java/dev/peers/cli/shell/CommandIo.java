package dev.peers.cli.shell;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.peers.ErrorCode;
import dev.peers.PeersException;
import dev.peers.UntrustedText;
import dev.peers.daemon.Config;
import dev.peers.daemon.SettingsCheck;
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
public record CommandIo(
    Map<String, String> environment,
    InputStream in,
    Charset charset,
    PrintWriter out,
    PrintWriter err) {
  // All in ASCII, so that no terminal and no charset makes something else of it.
  private static final ObjectMapper JSON =
      JsonMapper.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

  public static CommandIo ofThisProcess() {
    Charset charset = nativeCharset();
    return new CommandIo(
        System.getenv(),
        new BufferedInputStream(new FileInputStream(FileDescriptor.in)),
        charset,
        new PrintWriter(new FileOutputStream(FileDescriptor.out), true, charset),
        new PrintWriter(new FileOutputStream(FileDescriptor.err), true, charset));
  }

  public Config config() {
    return SettingsCheck.require(Config.of(environment));
  }

  /** Prints a line for people. What others wrote cannot steer the terminal with it. */
  public void print(String line) {
    out.println(UntrustedText.lines(line));
  }

  /** Prints a value as one line of JSON. */
  public void printJson(Object value) {
    try {
      out.println(JSON.writeValueAsString(value));
    } catch (JsonProcessingException e) {
      throw new PeersException(ErrorCode.INTERNAL, "the result cannot be written as JSON", e);
    }
  }

  /** Prints a line for people, or for programs. */
  public void print(boolean json, Object value, String line) {
    if (json) {
      printJson(value);
    } else {
      print(line);
    }
  }

  public void complain(String message) {
    err.println("peers: " + UntrustedText.lines(message));
  }

  /** Newer JDKs tell the stream's own encoding, older ones the system's. */
  private static Charset nativeCharset() {
    String name =
        System.getProperty("stdout.encoding", System.getProperty("native.encoding", "UTF-8"));
    return Charset.isSupported(name) ? Charset.forName(name) : StandardCharsets.UTF_8;
  }
}
