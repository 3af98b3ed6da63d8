package dev.peers.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** A connection to an HTTP server on which a test can say anything, well-formed or not. */
final class RawHttp implements AutoCloseable {
  private static final int PATIENCE_MILLIS = 20_000;
  private static final int MAX_HEAD = 64 * 1024;

  private final Socket socket;
  private final InputStream in;

  /** What a server answered; the names of headers are in lower case. */
  record Answer(int status, Map<String, String> headers, String body) {
    JsonNode json() {
      return new World.Result(0, body, "").json();
    }

    /** The code of a refusal, which is JSON whatever was wrong. */
    String code() {
      JsonNode json = json();
      if (json.path("ok").asBoolean(true) || json.path("error").asText().isBlank()) {
        throw new AssertionError("not a refusal: " + this);
      }
      return json.path("code").asText();
    }
  }

  private RawHttp(Socket socket) throws IOException {
    this.socket = socket;
    this.in = new BufferedInputStream(socket.getInputStream());
  }

  static RawHttp connect(int port) {
    try {
      Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
      socket.setSoTimeout(PATIENCE_MILLIS);
      socket.setTcpNoDelay(true);
      return new RawHttp(socket);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Sends this on a connection of its own and returns the first answer. */
  static Answer ask(int port, String request) {
    try (RawHttp http = connect(port)) {
      http.say(request);
      return http.answer();
    }
  }

  void say(String text) {
    try {
      write(text.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Writes as long as the other side takes it. */
  void write(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
    socket.getOutputStream().flush();
  }

  /** Reads the next answer, which must come. */
  Answer answer() {
    Answer answer = answerOrEnd();
    if (answer == null) {
      throw new AssertionError("the connection was closed without an answer");
    }
    return answer;
  }

  /** Reads the next answer; null if the connection ends, or is cut, before it begins. */
  Answer answerOrEnd() {
    try {
      String head = head();
      if (head.isEmpty()) {
        return null;
      }
      String[] lines = head.split("\r\n");
      Map<String, String> headers = new TreeMap<>();
      for (int i = 1; i < lines.length; i++) {
        String[] field = lines[i].split(":", 2);
        headers.put(field[0].toLowerCase(Locale.ROOT), field.length > 1 ? field[1].strip() : "");
      }
      int status = Integer.parseInt(lines[0].split(" ", 3)[1]);
      if (headers.containsKey("transfer-encoding")) {
        // A stream, which need not end; its caller reads on.
        return new Answer(status, headers, "");
      }
      String length = headers.get("content-length");
      byte[] body = length == null ? in.readAllBytes() : in.readNBytes(Integer.parseInt(length));
      return new Answer(status, headers, new String(body, StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Reads up to the end of this text. */
  String readUntil(String end) {
    StringBuilder text = new StringBuilder();
    try {
      while (!text.toString().endsWith(end)) {
        int next = in.read();
        if (next < 0) {
          throw new AssertionError("the connection ended after: " + text);
        }
        text.append((char) next);
      }
      return text.toString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      // It has gone already.
    }
  }

  private String head() throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    int last = 0;
    while (last != 0x0d0a0d0a) {
      int next;
      try {
        next = in.read();
      } catch (SocketTimeoutException e) {
        throw e;
      } catch (IOException e) {
        if (head.size() == 0) {
          return "";
        }
        throw e;
      }
      if (next < 0) {
        if (head.size() == 0) {
          return "";
        }
        throw new IOException("the answer's head was cut off: " + head);
      }
      if (head.size() > MAX_HEAD) {
        throw new IOException("an answer's head without an end");
      }
      head.write(next);
      last = last << 8 | next;
    }
    return head.toString(StandardCharsets.UTF_8);
  }
}
