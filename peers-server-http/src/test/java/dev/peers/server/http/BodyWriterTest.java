package dev.peers.server.http;

import static dev.peers.tck.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a client gets of a body, and that its writer ends once, however that comes. */
class BodyWriterTest {
  private static final int READERS = 20;
  private static final int BUFFER = 32 * 1024;

  private final Map<String, List<byte[]>> bodies =
      Map.of(
          "/none", List.of(),
          "/empty", List.of(new byte[0]),
          "/short", List.of(filled(2, 'a'), filled(3, 'b')),
          "/exact", List.of(filled(BUFFER, 'a'), new byte[0], filled(BUFFER, 'b')),
          "/over", List.of(filled(BUFFER - 1, 'a'), filled(2, 'b'), filled(3 * BUFFER, 'c')),
          "/long", longBody());

  private final AtomicInteger succeeded = new AtomicInteger();
  private final AtomicInteger failed = new AtomicInteger();
  private final AtomicInteger begun = new AtomicInteger();

  /** How long a reader may sleep once its answer is being written; 0 for as long as it likes. */
  private volatile int idleMillis;

  private final Server server = new Server();
  private final ServerConnector connector = new ServerConnector(server, 1, 1);

  @BeforeEach
  void start() throws Exception {
    connector.setHost("127.0.0.1");
    server.addConnector(connector);
    server.setStopTimeout(0);
    server.setHandler(
        new Handler.Abstract() {
          @Override
          public boolean handle(Request request, Response response, Callback callback) {
            List<byte[]> body = bodies.get(request.getHttpURI().getPath());
            int length = all(body).length;
            response.getHeaders().put(HttpHeader.CONTENT_LENGTH, length);
            Callback counted =
                Callback.from(
                    () -> {
                      succeeded.incrementAndGet();
                      callback.succeeded();
                    },
                    failure -> {
                      failed.incrementAndGet();
                      callback.failed(failure);
                    });
            begun.incrementAndGet();
            if (idleMillis > 0) {
              request
                  .getConnectionMetaData()
                  .getConnection()
                  .getEndPoint()
                  .setIdleTimeout(idleMillis);
            }
            new BodyWriter(response, body, length, counted).iterate();
            return true;
          }
        });
    server.start();
  }

  @AfterEach
  void stop() throws Exception {
    server.stop();
  }

  @Test
  void writesAllPartsInTheirOrder() throws IOException {
    for (String path : bodies.keySet()) {
      try (Socket socket = ask(path)) {
        assertThat(body(socket)).as(path).isEqualTo(all(bodies.get(path)));
      }
    }

    eventually("all have ended", () -> succeeded.get() == bodies.size());
    assertThat(failed).hasValue(0);
  }

  @Test
  void failsOnceWhenReadersHangUp() throws Exception {
    List<Socket> readers = waitingReaders();
    for (Socket reader : readers) {
      // No goodbye, but a reset.
      reader.setSoLinger(true, 0);
      reader.close();
    }

    failedOnceEach();
  }

  @Test
  void failsOnceWhenReadersSleep() throws Exception {
    List<Socket> readers = waitingReaders();
    // Not before: on a busy machine they would be given up before anything is written.
    connector.getConnectedEndPoints().forEach(endPoint -> endPoint.setIdleTimeout(500));

    failedOnceEach();
    // What others are sent then does not reach those who waited.
    try (Socket other = ask("/over")) {
      assertThat(body(other)).isEqualTo(all(bodies.get("/over")));
    }
    byte[] whole = all(bodies.get("/long"));
    for (Socket reader : readers) {
      byte[] got = body(reader);
      assertThat(got.length).isLessThan(whole.length);
      assertThat(got).isEqualTo(Arrays.copyOf(whole, got.length));
      reader.close();
    }
  }

  @Test
  void failsOnceWhenTheServerStops() throws Exception {
    List<Socket> readers = waitingReaders();
    server.stop();

    failedOnceEach();
    for (Socket reader : readers) {
      reader.close();
    }
  }

  /** Those who have asked for more than the sockets hold, and do not read it. */
  private List<Socket> waitingReaders() throws IOException {
    List<Socket> readers = new ArrayList<>();
    for (int i = 0; i < READERS; i++) {
      readers.add(ask("/long"));
    }
    eventually("all are being written", () -> begun.get() == READERS);
    assertThat(succeeded).hasValue(0);
    return readers;
  }

  private void failedOnceEach() {
    eventually("all have failed", () -> failed.get() == READERS);
    assertThat(failed).hasValue(READERS);
    assertThat(succeeded).hasValue(0);
  }

  private Socket ask(String path) throws IOException {
    Socket socket = new Socket();
    socket.setReceiveBufferSize(4 * 1024);
    socket.connect(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), connector.getLocalPort()));
    String request = "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
    return socket;
  }

  private static byte[] body(Socket socket) throws IOException {
    byte[] answer = socket.getInputStream().readAllBytes();
    String text = new String(answer, StandardCharsets.ISO_8859_1);
    assertThat(text).startsWith("HTTP/1.1 200");
    return Arrays.copyOfRange(answer, text.indexOf("\r\n\r\n") + 4, answer.length);
  }

  private static byte[] all(List<byte[]> parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    parts.forEach(all::writeBytes);
    return all.toByteArray();
  }

  private static byte[] filled(int length, char with) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) with);
    return bytes;
  }

  /** No two of its buffers' worth are alike. */
  private static List<byte[]> longBody() {
    List<byte[]> parts = new ArrayList<>();
    for (int i = 0; i < 9_000; i++) {
      parts.add(("row " + i + " " + "x".repeat(i % 1_500)).getBytes(StandardCharsets.US_ASCII));
    }
    return parts;
  }
}
